"""Paints paragraphs and headings."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from app.ui.fonts import LINE_PIXELS, TEXT_PIXELS
from app.ui.transcript.blocks.painted import Highlight, Look, PaintedBlock
from app.ui.transcript.blocks.running_text import RunningText, continued, running_text
from app.ui.transcript.blocks.span_formats import TextStyle
from app.ui.transcript.markdown.content import Block, Heading, Paragraph

_HEADING_PIXELS = {1: 20, 2: 17, 3: 15}
_MORE_THAN_LETTERS = LINE_PIXELS - TEXT_PIXELS  # of a line's height


class TextBlock(PaintedBlock):
    """Running text. What is laid out is given back by release() and made again when it is asked for."""

    def __init__(self, block: Paragraph | Heading, look: Look) -> None:
        super().__init__(block, look)
        self._document = running_text(block.spans, look, style_of(block))
        self._is_released = False

    def lay_out(self, width: float) -> None:
        self._document.lay_out(width)
        self.width, self.height = width, self._document.height
        self._is_released = False

    def paint(self, painter: QPainter, visible: QRectF, highlights: Sequence[Highlight] = ()) -> None:
        self._needed().paint(painter, visible, highlights)

    def update_block(self, block: Block) -> bool:
        if type(block) is not type(self.block) or not isinstance(block, Paragraph | Heading):
            return False
        if style_of(block) != style_of(self.block):
            return False
        self.block = block
        self._document = continued(self._document, block.spans, style_of(block))
        return True

    def is_settled(self) -> bool:
        return self._document.is_settled and self.height == self._document.height

    def changed_from(self) -> float:
        return self._document.changed_from

    def place_at(self, point: QPointF) -> int:
        return self._needed().place_at(point)

    def rect_at(self, place: int) -> QRectF:
        return self._needed().rect_at(place)

    def first_baseline(self) -> float:
        return self._needed().first_baseline

    def link_at(self, point: QPointF) -> str:
        return self._needed().link_at(point)

    def tooltip_at(self, point: QPointF) -> str:
        return self._needed().tooltip_at(point)

    def release(self) -> None:
        self._document.release()
        self._is_released = True

    def _needed(self) -> RunningText:
        if self._is_released:
            self._document.lay_out(self.width)
            self._is_released = False
        return self._document


def style_of(block: Block) -> TextStyle:
    """How the text of a paragraph or heading stands."""
    if isinstance(block, Heading):
        pixels = _HEADING_PIXELS.get(block.level, TEXT_PIXELS)
        return TextStyle(pixels, pixels + _MORE_THAN_LETTERS, is_bold=True)
    return TextStyle()
