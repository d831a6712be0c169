"""The window's ground, with a card on it that throws a soft shadow."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.ui.theme import Appearance

MARGIN = 24
_RADIUS = 18
_SHADOW_STEPS = 15
_SHADOW_STEP = 2
_SHADOW_OFFSET = 10


class CardGround(QWidget):
    """`card` is at most `width` pixels wide, in the middle."""

    def __init__(self, card: QWidget, appearance: Appearance, width: int) -> None:
        super().__init__()
        self._card = card
        self._appearance = appearance
        card.setMaximumWidth(width)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(card, 1000)
        row.addStretch(1)
        column.addStretch()
        column.addLayout(row)
        column.addStretch()
        appearance.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = self._appearance.tokens
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.window))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        area = QRectF(self._card.geometry())
        shade = QColor(60, 40, 20) if not self._appearance.is_dark else QColor(0, 0, 0)
        shade.setAlphaF(0.004 if not self._appearance.is_dark else 0.012)
        painter.setBrush(shade)
        for step in range(0, _SHADOW_STEPS * _SHADOW_STEP, _SHADOW_STEP):
            around = area.translated(0, _SHADOW_OFFSET).adjusted(-step, -step, step, step)
            painter.drawRoundedRect(around, _RADIUS + step, _RADIUS + step)
        painter.setPen(QPen(QColor(tokens.line), 1.0))
        painter.setBrush(QColor(tokens.surface))
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
