"""A small line of how fast the answer has been coming."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from app.ui.theme import Appearance

WIDTH, HEIGHT = 92, 16


class SparklineView(QWidget):
    """Draws the values it is given from left to right; the highest one touches the top."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._values: tuple[float, ...] = ()
        self.setFixedSize(WIDTH, HEIGHT)
        self.setAccessibleName("Speed over time")

    @property
    def values(self) -> tuple[float, ...]:
        """Tokens per second, the oldest first."""
        return self._values

    def show_values(self, values: Sequence[float]) -> None:
        """Show `values` in place of the ones before."""
        shown, self._values = self._values, tuple(values)
        if shown != self._values:
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if len(self._values) < 2:
            return
        top = max(self._values) or 1.0
        step = (WIDTH - 2) / (len(self._values) - 1)
        points = [
            QPointF(1 + step * number, HEIGHT - 2 - (HEIGHT - 5) * value / top)
            for number, value in enumerate(self._values)
        ]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(self._appearance.tokens.accent), 1.5)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(points))
