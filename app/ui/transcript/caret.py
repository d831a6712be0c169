"""The block of colour where the next word will stand: it breathes while the model writes."""

import math
import time

from PySide6.QtCore import QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter

from app.ui.motion import MotionPreference

_BREATH_SECONDS = 1.6
_STEP_MILLISECONDS = 80
_FAINTEST = 0.35
_WIDTH, _HEIGHT = 8, 15


class BreathingCaret(QObject):
    """`changed` is emitted when it must be painted again; with reduced motion it just stands there."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._begun = 0.0
        self._motion: MotionPreference | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_STEP_MILLISECONDS)
        self._timer.timeout.connect(self.changed)

    @property
    def is_breathing(self) -> bool:
        """Whether it changes by itself."""
        return self._timer.isActive()

    def start(self) -> None:
        """Be there, and breathe unless the person wishes for less motion."""
        self._begun = time.monotonic()
        if self._motion is None:
            self._motion = MotionPreference(self)
        if not self._motion.is_reduced:
            self._timer.start()

    def stop(self) -> None:
        """Nothing is written any more."""
        self._timer.stop()

    def paint(self, painter: QPainter, area: QRectF, colour: str) -> None:
        """Paint it into `area`."""
        shade = QColor(colour)
        if self._timer.isActive():
            phase = (time.monotonic() - self._begun) / _BREATH_SECONDS * 2 * math.pi
            shade.setAlphaF(_FAINTEST + (1 - _FAINTEST) * (1 + math.cos(phase)) / 2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade)
        painter.drawRoundedRect(area, 1, 1)
        painter.restore()


def caret_area(after: QRectF, zoom: float, right: float) -> QRectF:
    """Where the caret stands after the text that ends at `after`, left of `right`."""
    width, height = _WIDTH * zoom, _HEIGHT * zoom
    x = min(after.left() + 2, right - width)
    return QRectF(round(x), round(after.center().y() - height / 2), width, height)
