"""How full the context is, as a bar."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.ui.theme import Appearance


@dataclass(frozen=True, slots=True)
class ContextUse:
    """Tokens of the context that the conversation filled at its last answer, of `length` in all."""

    used: int
    length: int


class ContextBar(QWidget):
    """A bar that is as full as the context."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._use = ContextUse(0, 1)
        self.setFixedSize(96, 8)
        self.setAccessibleName("Context in use")

    def show_use(self, use: ContextUse) -> None:
        """Show another filling."""
        self._use = use
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = self._appearance.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.sunken))
        painter.drawRoundedRect(self.rect(), 4, 4)
        filled = self.rect()
        filled.setWidth(max(8, round(self.width() * min(1.0, self._use.used / self._use.length))))
        painter.setBrush(QColor(tokens.accent))
        painter.drawRoundedRect(filled, 4, 4)


def short_count(tokens: int) -> str:
    """Tokens as one says context lengths: 4k is 4,096."""
    if tokens < 1024:
        return str(tokens)
    return f"{tokens / 1024:.1f}k" if tokens % 1024 else f"{tokens // 1024}k"
