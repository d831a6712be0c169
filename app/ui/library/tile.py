"""The tile in front of a model's name: its first letter, in the colour of the news about it."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.ui.fonts import text_font
from app.ui.theme import Appearance

_PIXELS = 38


class LetterTile(QWidget):
    """A rounded square of a fixed size; a screen reader has the name beside it."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._letter = ""
        self._tone = "plain"
        self.setFixedSize(_PIXELS, _PIXELS)
        appearance.changed.connect(self.update)

    def show_letter(self, name: str, tone: str) -> None:
        """Show the first letter or digit of `name`."""
        self._letter = next((sign for sign in name if sign.isalnum()), "").upper()
        self._tone = tone
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = self._appearance.tokens
        ground, colour = {
            "accent": (tokens.accent_soft, tokens.accent),
            "bad": (tokens.bad_soft, tokens.bad),
            "good": (tokens.info_soft, tokens.info),
            "warn": (tokens.warn_soft, tokens.warn),
        }.get(self._tone, (tokens.sunken, tokens.text_2))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(QRectF(self.rect()), tokens.r_m, tokens.r_m)
        painter.setPen(QColor(colour))
        painter.setFont(text_font(14, QFont.Weight.Bold))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._letter)
