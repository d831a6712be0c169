"""A painted conversation as assistive technology sees it: a list of messages, an interface for each.

Two limits of PySide6 6.11 shape this module. Qt's register takes an interface over without telling Python, so that each
must be kept until the register has let go of it. And the further interfaces that Qt knows (text, actions) crash the
process when they are written in Python: so a message has its text as its description, and is gone through in a reader.
"""

import weakref
from typing import Protocol, cast

import shiboken6
from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface
from PySide6.QtWidgets import QAbstractScrollArea, QAccessibleWidget

MOST_CHARACTERS = 4_000
_CUT = " … (press Enter for the whole message)"
NOWHERE = -1
_NO_INTERFACE = cast("QAccessibleInterface", None)  # Qt takes none in these places; PySide6's annotations do not
_NO_OBJECT = cast("QObject", None)


class AccessibleItems(Protocol):
    """What a painted conversation says of its items, which are counted from 0 at the top."""

    def item_count(self) -> int:
        """How many there are."""
        ...

    def item_name(self, index: int) -> str:
        """Who wrote it, or what kind of line it is: "You wrote", "Answer of Mistral Small"."""
        ...

    def item_text(self, index: int) -> str:
        """What it says; only the first characters are read out."""
        ...

    def is_item_written(self, index: int) -> bool:
        """Whether the model is still writing it."""
        ...

    def item_rect(self, index: int) -> QRect:
        """Where it stands, in the viewport's coordinates; it may lie outside."""
        ...

    def item_at(self, point: QPoint) -> int:
        """The item at a point of the viewport; -1 where there is none."""
        ...

    def focused_item(self) -> int:
        """The item that the keyboard is at within the conversation; -1 for none."""
        ...


def tell(interface: QAccessibleInterface, event: QAccessible.Event) -> None:
    """Send one of Qt's messages to assistive technology, if there is any."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleEvent(interface, event))


def state_of(**named: bool) -> QAccessible.State:
    """Qt's set of states; PySide6's annotations lack their names."""
    state = QAccessible.State()
    for name, value in named.items():
        setattr(state, name, value)
    return state


class ListInterface(QAccessibleWidget):
    """The list; behind the messages it has the viewport as a child, in which the messages' buttons are."""

    def __init__(self, view: QAbstractScrollArea, items: AccessibleItems) -> None:
        super().__init__(view, QAccessible.Role.List)
        self.messages: list[MessageInterface | None] = []  # may be shorter than the items: nobody has asked further
        self.is_alive = True
        self._view = weakref.ref(view)
        self._items = weakref.ref(items)

    def view(self) -> QAbstractScrollArea | None:
        """The widget; None once it is gone."""
        view = self._view()
        return view if self.is_alive and view is not None and shiboken6.isValid(view) else None

    def items(self) -> AccessibleItems | None:
        """What is in the widget; None once it is gone."""
        return self._items() if self.view() is not None else None

    def count(self) -> int:
        """How many messages there are."""
        items = self.items()
        return 0 if items is None else items.item_count()

    def message(self, index: int) -> "MessageInterface":
        """The interface of a message that is there: always the same one."""
        self.messages += [None] * (index + 1 - len(self.messages))
        found = self.messages[index]
        if found is None:
            found = self.messages[index] = MessageInterface(self, index)
            found.identifier = QAccessible.registerAccessibleInterface(found)
        return found

    def make_room(self, index: int, count: int) -> None:
        """Move the messages from `index` on down by `count`."""
        if index < len(self.messages):
            self.messages[index:index] = [None] * count
            self._renumber()

    def forget(self, start: int, end: int) -> None:
        """Let go of messages, Qt's register first."""
        for message in filter(None, self.messages[start:end]):
            if self.is_alive:  # otherwise Qt tells of the whole list
                tell(message, QAccessible.Event.ObjectDestroyed)
            message.is_gone = True
            QAccessible.deleteAccessibleInterface(message.identifier)
        del self.messages[start:end]
        self._renumber()

    def _renumber(self) -> None:
        for index, message in enumerate(self.messages):
            if message is not None:
                message.index = index

    def childCount(self) -> int:
        return 0 if self.view() is None else self.count() + 1

    def child(self, index: int) -> QAccessibleInterface:
        view = self.view()
        if view is None or not 0 <= index <= self.count():
            return _NO_INTERFACE
        return self.message(index) if index < self.count() else QAccessible.queryAccessibleInterface(view.viewport())

    def indexOfChild(self, child: QAccessibleInterface | None) -> int:
        view = self.view()
        if isinstance(child, MessageInterface):
            return NOWHERE if child.is_gone else child.index
        if view is None or child is None:
            return NOWHERE
        return self.count() if child.object() is view.viewport() else NOWHERE

    def childAt(self, x: int, y: int) -> QAccessibleInterface:
        view, items = self.view(), self.items()
        if view is None or items is None:
            return _NO_INTERFACE
        point = view.viewport().mapFromGlobal(QPoint(x, y))
        if view.viewport().childAt(point) is not None:
            return QAccessible.queryAccessibleInterface(view.viewport())
        index = items.item_at(point) if view.viewport().rect().contains(point) else NOWHERE
        return self.child(index) if 0 <= index < items.item_count() else _NO_INTERFACE

    def focusChild(self) -> QAccessibleInterface:
        view, items = self.view(), self.items()
        if view is None or items is None or not view.hasFocus():
            return _NO_INTERFACE
        index = items.focused_item()
        return self.child(index) if 0 <= index < items.item_count() else _NO_INTERFACE


class MessageInterface(QAccessibleInterface):
    """One message. It answers also when it is gone: assistive technology may hold on to it for a while."""

    def __init__(self, parent: ListInterface, index: int) -> None:
        super().__init__()
        self.index = index
        self.identifier = 0  # in Qt's register
        self.is_gone = False
        self._list = parent

    def isValid(self) -> bool:
        return not self.is_gone and self.index < self._list.count()

    def object(self) -> QObject:
        return _NO_OBJECT

    def parent(self) -> QAccessibleInterface:
        return self._list if self._list.view() is not None else _NO_INTERFACE

    def child(self, index: int) -> QAccessibleInterface:  # noqa: ARG002 (Qt's signature)
        return _NO_INTERFACE

    def childCount(self) -> int:
        return 0

    def childAt(self, x: int, y: int) -> QAccessibleInterface:  # noqa: ARG002 (Qt's signature)
        return _NO_INTERFACE

    def indexOfChild(self, child: QAccessibleInterface) -> int:  # noqa: ARG002 (Qt's signature)
        return NOWHERE

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def text(self, kind: QAccessible.Text) -> str:
        items = self._list.items()
        if items is None or not self.isValid():
            return ""
        if kind == QAccessible.Text.Name:
            return items.item_name(self.index)
        if kind in (QAccessible.Text.Description, QAccessible.Text.Value):
            text = items.item_text(self.index)
            return text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + _CUT
        return ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Do nothing: messages are not written this way."""

    def rect(self) -> QRect:
        view, items = self._list.view(), self._list.items()
        if view is None or items is None or not self.isValid() or not view.isVisible():
            return QRect()
        rect = items.item_rect(self.index)
        return QRect(view.viewport().mapToGlobal(rect.topLeft()), rect.size())

    def state(self) -> QAccessible.State:
        view, items = self._list.view(), self._list.items()
        if view is None or items is None or not self.isValid():
            return state_of(invalid=True, invisible=True)
        return state_of(
            focusable=True,
            readOnly=True,
            focused=view.hasFocus() and items.focused_item() == self.index,
            busy=items.is_item_written(self.index),
            invisible=not view.isVisible(),
            offscreen=not items.item_rect(self.index).intersects(view.viewport().rect()),
        )
