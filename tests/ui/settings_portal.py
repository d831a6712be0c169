"""A desktop's settings portal for tests, which knows what it is given; runs with the system's own Python.

Its argument is JSON: names of settings' groups, and in each the keys with their types and values. A line on standard
input, JSON of the same form, changes settings.
"""

import json
import sys
from typing import Any

from gi.repository import Gio, GLib  # type: ignore[import-not-found]  # the system's Python has it

XML = """<node><interface name="org.freedesktop.portal.Settings">
<method name="Read"><arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="v" direction="out"/></method>
<signal name="SettingChanged"><arg type="s"/><arg type="s"/><arg type="v"/></signal>
</interface></node>"""
SERVICE = "org.freedesktop.portal.Desktop"
PATH = "/org/freedesktop/portal/desktop"
INTERFACE = "org.freedesktop.portal.Settings"

settings: dict[str, dict[str, list[Any]]] = json.loads(sys.argv[1])
bus = Gio.bus_get_sync(Gio.BusType.SESSION)


def on_call(*call: Any) -> None:
    """Answer Read with a variant in a variant, as real portals do."""
    arguments, invocation = call[5], call[6]
    group, key = arguments.unpack()
    if key in settings.get(group, {}):
        value = GLib.Variant(*settings[group][key])
        invocation.return_value(GLib.Variant("(v)", (GLib.Variant("v", value),)))
    else:
        invocation.return_dbus_error("org.freedesktop.portal.Error.NotFound", "Requested setting not found")


def on_line(*_: Any) -> bool:
    """Change settings and tell of it."""
    line = sys.stdin.readline()
    for group, keys in json.loads(line or "{}").items():
        for key, value in keys.items():
            changed = GLib.Variant("(ssv)", (group, key, GLib.Variant(*value)))
            bus.emit_signal(None, PATH, INTERFACE, "SettingChanged", changed)
    return bool(line)


def on_name(*_: Any) -> None:
    """Say that questions are answered from now on."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until the end."""
    description = Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0]
    bus.register_object(PATH, description, on_call, None, None)
    GLib.io_add_watch(sys.stdin.fileno(), GLib.PRIORITY_DEFAULT, GLib.IO_IN, on_line)
    Gio.bus_own_name_on_connection(bus, SERVICE, Gio.BusNameOwnerFlags.NONE, on_name, None)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
