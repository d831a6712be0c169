"""A logind for tests, which tells of sleep when it is told to; runs with the system's own Python.

It says "ready", then "inhibited" for each descriptor that it hands out and "released" when one was closed. A line on
standard input, "true" or "false", is the argument of the next PrepareForSleep.
"""

import os
import sys
from typing import Any

from gi.repository import Gio, GLib  # type: ignore[import-not-found]  # the system's Python has it

XML = """<node><interface name="org.freedesktop.login1.Manager">
<method name="Inhibit"><arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
<arg type="s" direction="in"/><arg type="h" direction="out"/></method>
<signal name="PrepareForSleep"><arg type="b"/></signal>
</interface></node>"""
SERVICE = "org.freedesktop.login1"
PATH = "/org/freedesktop/login1"
INTERFACE = "org.freedesktop.login1.Manager"

bus = Gio.bus_get_sync(Gio.BusType.SESSION)


def say(word: str) -> None:
    """One line for the test."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def on_call(*call: Any) -> None:
    """Hand out the end of a pipe, and listen for its being closed, as logind does."""
    what, _who, _why, mode = call[5].unpack()
    reader, writer = os.pipe()
    handles = Gio.UnixFDList.new()
    number = handles.append(writer)
    os.close(writer)
    say(f"inhibited {what} {mode}")
    GLib.io_add_watch(reader, GLib.PRIORITY_DEFAULT, GLib.IO_HUP, on_closed)
    call[6].return_value_with_unix_fd_list(GLib.Variant("(h)", (number,)), handles)


def on_closed(reader: int, *_: Any) -> bool:
    """Nobody holds the other end any more."""
    os.close(reader)
    say("released")
    return False


def on_line(*_: Any) -> bool:
    """Tell of a sleep that begins, or is over."""
    line = sys.stdin.readline()
    if line:
        bus.emit_signal(None, PATH, INTERFACE, "PrepareForSleep", GLib.Variant("(b)", (line.strip() == "true",)))
    return bool(line)


def main() -> None:
    """Serve until the end."""
    description = Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0]
    bus.register_object(PATH, description, on_call, None, None)
    GLib.io_add_watch(sys.stdin.fileno(), GLib.PRIORITY_DEFAULT, GLib.IO_IN, on_line)
    Gio.bus_own_name_on_connection(bus, SERVICE, Gio.BusNameOwnerFlags.NONE, lambda *_: say("ready"), None)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
