"""A conversation painted as plainly as possible, to show it to assistive technology."""

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractScrollArea, QPushButton

from app.ui.transcript.accessibility import AccessibleConversation

LINE = 40


@dataclass
class PlainItem:
    """One line of the conversation."""

    name: str
    text: str
    is_written: bool = False


class PlainConversation(QAbstractScrollArea):
    """Items under one another, among which Up and Down move."""

    def __init__(self, *items: PlainItem) -> None:
        super().__init__()
        self.shown = list(items)
        self.focused = -1
        self.setAccessibleName("Conversation")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.copy_button = QPushButton("Copy", self.viewport())
        self.copy_button.setGeometry(200, 0, 80, LINE)
        self.access = AccessibleConversation(self, self)

    def item_count(self) -> int:
        return len(self.shown)

    def item_name(self, index: int) -> str:
        return self.shown[index].name

    def item_text(self, index: int) -> str:
        return self.shown[index].text

    def is_item_written(self, index: int) -> bool:
        return self.shown[index].is_written

    def item_rect(self, index: int) -> QRect:
        return QRect(0, index * LINE, 100, LINE)

    def item_at(self, point: QPoint) -> int:
        index = point.y() // LINE
        return index if index < len(self.shown) else -1

    def focused_item(self) -> int:
        return self.focused

    def focus(self, index: int) -> None:
        self.focused = index
        self.access.move_focus()

    def add(self, item: PlainItem) -> None:
        self.shown.append(item)
        self.access.insert(len(self.shown) - 1)

    def take(self, index: int) -> None:
        del self.shown[index]
        self.access.remove(index)

    def end_writing(self) -> None:
        self.shown[-1].is_written = False
        self.access.end_writing(len(self.shown) - 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Down:
                self.focus(min(self.focused + 1, len(self.shown) - 1))
            case Qt.Key.Key_Up:
                self.focus(max(self.focused - 1, 0))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 (Qt's signature)
        painter = QPainter(self.viewport())
        for index, item in enumerate(self.shown):
            painter.drawText(self.item_rect(index), Qt.AlignmentFlag.AlignVCenter, item.text)


def three_items() -> PlainConversation:
    """A question, its answer, and an answer that is being written."""
    return PlainConversation(
        PlainItem("You wrote", "What is an inglenook?"),
        PlainItem("Answer of Mistral Small", "A seat beside the hearth. 🔥"),
        PlainItem("Answer of Mistral Small", "It is", is_written=True),
    )
