"""A sentence about a message, painted below it: how it came about, or what is wrong with it."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from app.ui.fonts import text_font
from app.ui.transcript.blocks.painted import Look

_PIXELS = 11
_FLAGS = int(Qt.TextFlag.TextWordWrap.value | Qt.AlignmentFlag.AlignLeft.value | Qt.AlignmentFlag.AlignTop.value)
_RIGHT = int(Qt.TextFlag.TextWordWrap.value | Qt.AlignmentFlag.AlignRight.value | Qt.AlignmentFlag.AlignTop.value)


class Remark:
    """Small text as high as it needs to be at its width; a `problem` is told in the colour of problems."""

    def __init__(self, text: str, look: Look, *, problem: bool = False, at_right: bool = False) -> None:
        self.text = text
        self.height = 0.0
        self._look = look
        self._problem = problem
        self._flags = _RIGHT if at_right else _FLAGS
        self._width = 0.0

    def set_look(self, look: Look) -> None:
        """Use other colours or another size."""
        self._look = look
        self.set_width(self._width)

    def set_width(self, width: float) -> None:
        """Take a width in logical pixels, and the height that goes with it."""
        self._width = width
        metrics = QFontMetricsF(text_font(self._look.pixels(_PIXELS)))
        room = QRectF(0, 0, max(1.0, width), 1e6)
        self.height = metrics.boundingRect(room, self._flags, self.text).height() if self.text else 0.0

    def paint(self, painter: QPainter) -> None:
        """Paint it; the painter's origin is its top left corner."""
        tokens = self._look.tokens
        painter.setFont(text_font(self._look.pixels(_PIXELS)))
        painter.setPen(QColor(tokens.bad if self._problem else tokens.text_2))
        painter.drawText(QRectF(0, 0, self._width, self.height), self._flags, self.text)
