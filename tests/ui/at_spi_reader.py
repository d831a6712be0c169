"""A tiny screen reader: prints what another program shows over AT-SPI; runs with the system's own Python.

Each line on standard input is answered by a line of JSON: "tree NAME" by the tree of the application called NAME (null
while there is none), "heard" by the events since the last time.
"""

import json
import sys
from typing import Any

import gi  # type: ignore[import-not-found]  # the system's Python has it

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # type: ignore[import-not-found]  # noqa: E402 (the same; needs the version first)

EVENTS = (
    "object:state-changed:focused",
    "object:children-changed:add",
    "object:children-changed:remove",
    "object:property-change:accessible-description",
    "object:announcement",
)

heard: list[dict[str, Any]] = []


def tree(accessible: Any) -> dict[str, Any]:
    """Role, name, description, states, place on screen and children, all the way down."""
    component = accessible.get_component_iface()
    extents = component.get_extents(Atspi.CoordType.SCREEN) if component is not None else None
    return {
        "role": accessible.get_role_name(),
        "name": accessible.get_name(),
        "description": accessible.get_description(),
        "states": [state.value_nick for state in accessible.get_state_set().get_states()],
        "rect": [extents.x, extents.y, extents.width, extents.height] if extents is not None else [],
        "children": [tree(accessible.get_child_at_index(index)) for index in range(accessible.get_child_count())],
    }


def on_event(event: Any) -> None:
    """Keep an event; what it is about may be gone by now."""
    words = event.any_data if isinstance(event.any_data, str) else ""
    about = event.source.get_name() if event.source is not None else ""
    heard.append({"kind": event.type, "about": about, "detail": event.detail1, "words": words})


def answer(request: str) -> Any:
    """What to print for a line."""
    if request == "heard":
        found = list(heard)
        heard.clear()
        return found
    desktop = Atspi.get_desktop(0)
    applications = [desktop.get_child_at_index(index) for index in range(desktop.get_child_count())]
    wanted = request.removeprefix("tree ")
    return next((tree(one) for one in applications if one is not None and one.get_name() == wanted), None)


def on_line(_channel: Any, _condition: Any) -> bool:
    """Answer one line; the end of standard input is the end."""
    line = sys.stdin.readline()
    if not line:
        Atspi.event_quit()
        return False
    sys.stdout.write(json.dumps(answer(line.strip())) + "\n")
    sys.stdout.flush()
    return True


def main() -> None:
    """Listen, answer, end."""
    Atspi.init()
    listener = Atspi.EventListener.new(on_event)
    for event in EVENTS:
        listener.register(event)
    GLib.io_add_watch(sys.stdin.fileno(), GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, on_line)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    Atspi.event_main()


if __name__ == "__main__":
    main()
