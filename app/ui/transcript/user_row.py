"""The user's turn: a quiet bubble on the right, with a word below it while it waits to be sent."""

import math

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.ui.transcript.document import plain_document
from app.ui.transcript.text_view import MessageTextView

_WIDEST = 520
_SIDE = 15


class UserMessageRow(QWidget):
    """What the user wrote, as plain text."""

    link_activated = Signal(QUrl)

    def __init__(self, text: str, waiting: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("You wrote")
        self._text = text
        document = plain_document(text)
        self._ideal = math.ceil(document.idealWidth()) + 1
        self._bubble = QFrame(self)
        self._bubble.setObjectName("Bubble")
        self.view = MessageTextView(document, self._bubble)
        self.view.link_activated.connect(self.link_activated)
        inside = QVBoxLayout(self._bubble)
        inside.setContentsMargins(_SIDE, 10, _SIDE, 10)
        inside.addWidget(self.view)
        self._waiting = QLabel(waiting, self)
        self._waiting.setTextFormat(Qt.TextFormat.PlainText)
        self._waiting.setProperty("kind", "tiny")
        self._waiting.setVisible(bool(waiting))
        line = QHBoxLayout()
        line.addStretch()
        line.addWidget(self._bubble)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(line)
        column.addWidget(self._waiting, alignment=Qt.AlignmentFlag.AlignRight)

    @property
    def text(self) -> str:
        """What the user wrote."""
        return self._text

    @property
    def waiting(self) -> str:
        """The word below the bubble; empty once the message was sent."""
        return self._waiting.text()

    def set_waiting(self, words: str) -> None:
        """Say what the message waits for; empty when it was sent."""
        self._waiting.setText(words)
        self._waiting.setVisible(bool(words))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        widest = min(_WIDEST, event.size().width())
        self._bubble.setFixedWidth(min(self._ideal + 2 * _SIDE, widest))
