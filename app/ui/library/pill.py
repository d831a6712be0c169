"""A pill: a few words on a ground that says how good the news is."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.ui.fonts import text_font
from app.ui.theme import Appearance

_HEIGHT = 18
_INSET = 8
_LEAST_WIDTH = 60


class Pill(QLabel):
    """What does not fit ends in dots, and the tooltip has it all. `tone` is good, warn, bad, accent or plain."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._tone = "plain"
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._font = text_font(11, QFont.Weight.Medium)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        appearance.changed.connect(self.update)

    @property
    def tone(self) -> str:
        """How good the news is."""
        return self._tone

    def show_words(self, words: str, tone: str, explained: str = "") -> None:
        """Show `words`; the tooltip has them too, and what explains them."""
        self._tone = tone
        self.setText(words)
        self.setToolTip("\n".join(filter(None, (words, explained))))
        self.update()

    def _colours(self) -> tuple[str, str]:
        tokens = self._appearance.tokens
        return {
            "good": (tokens.good_soft, tokens.good),
            "warn": (tokens.warn_soft, tokens.warn),
            "bad": (tokens.bad_soft, tokens.bad),
            "accent": (tokens.accent_soft, tokens.accent),
        }.get(self._tone, (tokens.sunken, tokens.text_2))

    def _metrics_width(self) -> int:
        return QFontMetrics(self._font).horizontalAdvance(self.text()) + 2 * _INSET + 1

    def sizeHint(self) -> QSize:
        return QSize(self._metrics_width(), _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(_LEAST_WIDTH, self._metrics_width()), _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        ground, colour = self._colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(QRectF(self.rect()), _HEIGHT / 2, _HEIGHT / 2)
        painter.setPen(QColor(colour))
        painter.setFont(self._font)
        inside = self.rect().adjusted(_INSET, 0, -_INSET, 0)
        shown = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, inside.width() + 1)
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
