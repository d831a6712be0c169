"""The keys that move the page, go from message to message, and look for something."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

if TYPE_CHECKING:
    from app.ui.transcript.reading_view import ReadingView

_NEXT = (Qt.Key.Key_J, Qt.Key.Key_Down)
_PREVIOUS = (Qt.Key.Key_K, Qt.Key.Key_Up)
_OPEN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
_STAYS = 40  # logical pixels of the page before, which the next one begins with


def take_key(view: "ReadingView", event: QKeyEvent) -> bool:
    """Do what a key stands for; False when it stands for nothing here."""
    if event.key() == Qt.Key.Key_Escape and view.finder.bar.isVisible():
        view.finder.bar.close_bar()
    elif event.matches(QKeySequence.StandardKey.Copy):
        view.copy()
    elif event.matches(QKeySequence.StandardKey.Find):
        view.open_find()
    else:
        return event.modifiers() in _PLAIN and _take_plain(view, event.key())
    return True


def _take_plain(view: "ReadingView", key: int) -> bool:
    page = view.viewport().height() - _STAYS
    if key in _OPEN:
        view.read_item(view.item_focus.index)
    elif key == Qt.Key.Key_Home:
        if view.stack.items:
            view.begin_at(0, view.stack.top_of(0))
    elif key == Qt.Key.Key_End:
        view.follow()
    elif key == Qt.Key.Key_PageDown:
        view.scroll_to(view.top + page)
    elif key == Qt.Key.Key_PageUp:
        view.scroll_to(view.top - page)
    elif key in _NEXT:
        view.item_focus.step(1)
    elif key in _PREVIOUS:
        view.item_focus.step(-1)
    else:
        return False
    return True
