"""A slim bar of how much of the prompt the model has read."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QWidget

from app.core.generation import PromptProgress
from app.ui.theme import Appearance

_WIDTH, _HEIGHT = 120, 4


class ReadingBar(QProgressBar):
    """Counts tokens; empty before the first are read."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.setTextVisible(False)
        self.setFixedSize(_WIDTH, _HEIGHT)
        self.setAccessibleName("Prompt read")

    def show_progress(self, progress: PromptProgress | None) -> None:
        """Show how far reading has come; None: it has not begun."""
        total = progress.total if progress is not None else 0
        self.setRange(0, max(1, total))
        self.setValue(min(progress.evaluated, total) if progress is not None else 0)

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = self._appearance.tokens
        radius = _HEIGHT / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.sunken))
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        if self.value() > 0:
            width = max(2 * radius, self.width() * self.value() / self.maximum())
            painter.setBrush(QColor(tokens.accent))
            painter.drawRoundedRect(QRectF(0, 0, width, self.height()), radius, radius)
