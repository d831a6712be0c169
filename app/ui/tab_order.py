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
    """Where the keyboard stops in the part, in the order in which it was made.

    Qt's own chain is not walked: PySide takes what nextInFocusChain() returns for a child of the widget that was asked,
    and declares it deleted together with that.
    """
    found = [part, *part.findChildren(QWidget)]
    return [one for one in found if one.focusPolicy() & Qt.FocusPolicy.TabFocus]
