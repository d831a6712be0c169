"""Paints a line across."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from app.ui.transcript.blocks.painted import Highlight, PaintedBlock
from app.ui.transcript.markdown.content import Block, Rule

_HEIGHT = 13


class RuleBlock(PaintedBlock):
    """A hairline in the middle of its height."""

    def lay_out(self, width: float) -> None:
        self.width = width
        self.height = self.look.pixels(_HEIGHT)

    def paint(
        self,
        painter: QPainter,
        visible: QRectF,  # noqa: ARG002 (a hairline is painted whole)
        highlights: Sequence[Highlight] = (),  # noqa: ARG002 (it has no text)
    ) -> None:
        painter.fillRect(QRectF(0, self.height // 2, self.width, 1), QColor(self.look.tokens.line))

    def update_block(self, block: Block) -> bool:
        return isinstance(block, Rule)

    def place_at(self, point: QPointF) -> int:  # noqa: ARG002 (it has one place)
        return 0

    def rect_at(self, place: int) -> QRectF:  # noqa: ARG002 (it has one place)
        return QRectF(0, 0, 1, self.height)
