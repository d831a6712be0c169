"""Where the Tab key comes to a part that was made later than what stands around it."""

from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def put_after(part: QWidget, before: QWidget) -> None:
    """Let the keyboard come to `part` and what is in it after `before` and what is in that, both of one window."""
    order = [*_stops(before)[-1:], *_stops(part)]
    for one, next_one in pairwise(order):
        QWidget.setTabOrder(one, next_one)


def _stops(part: QWidget) -> list[QWidget]:
    """The part and what is in it, in the keyboard's order, without what it passes by: Qt would not move that."""
    found = [part]
    widget = part.nextInFocusChain()
    while widget is not None and widget is not part:
        if part.isAncestorOf(widget):
            found.append(widget)
        widget = widget.nextInFocusChain()
    return [one for one in found if one.focusPolicy() & Qt.FocusPolicy.TabFocus]
