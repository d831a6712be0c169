"""Tells assistive technology what changes in the painted conversation, whose messages accessible_list shows."""

from functools import partial

from PySide6.QtGui import QAccessible, QAccessibleStateChangeEvent
from PySide6.QtWidgets import QAbstractScrollArea

from app.ui.transcript.accessible_list import AccessibleItems, ListInterface, state_of, tell


class AccessibleConversation:
    """One view's list and messages as assistive technology sees them, and what it is told when they change.

    The view makes it once and calls it after each change. But for the list itself nothing is made before assistive
    technology asks, and nothing is said while there is none.
    """

    def __init__(self, view: QAbstractScrollArea, items: AccessibleItems) -> None:
        self._items = items
        self._list = ListInterface(view, items)
        QAccessible.registerAccessibleInterface(self._list)
        # The connection keeps what Qt's register holds, not the view: Python may clear a view before Qt destroys it.
        view.destroyed.connect(partial(_let_go, self._list))

    def reset(self) -> None:
        """Tell that other items stand here now."""
        self._list.forget(0, len(self._list.messages))
        tell(self._list, QAccessible.Event.ObjectReorder)

    def insert(self, index: int, count: int = 1) -> None:
        """Tell that `count` items have come, the first at `index`."""
        self._list.make_room(index, count)
        if QAccessible.isActive():
            for new in range(index, index + count):
                tell(self._list.message(new), QAccessible.Event.ObjectCreated)

    def remove(self, index: int, count: int = 1) -> None:
        """Tell that `count` items are gone, the first from `index`."""
        self._list.forget(index, index + count)

    def end_writing(self, index: int) -> None:
        """Tell that an item which was being written is whole now."""
        if QAccessible.isActive():
            message = self._list.message(index)
            QAccessible.updateAccessibility(QAccessibleStateChangeEvent(message, state_of(busy=True)))
            tell(message, QAccessible.Event.DescriptionChanged)

    def move_focus(self) -> None:
        """Tell that the keyboard is at another item; the view has the keyboard."""
        focused = self._items.focused_item()
        if QAccessible.isActive() and 0 <= focused < self._items.item_count():
            tell(self._list.message(focused), QAccessible.Event.Focus)


def _let_go(interfaces: ListInterface) -> None:
    """Answer nothing any more: the view is being destroyed, and Qt's register lets go of the list by itself."""
    interfaces.is_alive = False
    interfaces.forget(0, len(interfaces.messages))
