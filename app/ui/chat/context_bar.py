"""How full the context is, as a bar."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.core.conversation import Message
from app.core.model import LoadedModel
from app.ui.theme import Appearance


@dataclass(frozen=True, slots=True)
class ContextUse:
    """Tokens of the context that the conversation filled at its last answer, of `length` in all."""

    used: int
    length: int


def context_use(message: Message | None, model: LoadedModel | None) -> ContextUse | None:
    """How full the context was at `message`; None unless the model in use is the one that wrote it."""
    if message is None or message.statistics is None or model is None or message.model_name != model.name:
        return None
    filled = message.statistics.prompt_tokens + message.statistics.completion_tokens
    # The last token that fits is drawn, and never read.
    return ContextUse(min(filled, model.info.context_length), model.info.context_length)


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
