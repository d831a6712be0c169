"""Paints mathematics that stands on lines of its own."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from app.ui.fonts import CODE_LINE_PIXELS, CODE_PIXELS, TEXT_PIXELS
from app.ui.transcript.blocks.boxes import paint_sideways_bar
from app.ui.transcript.blocks.colours import highlight_colour, highlight_text_colour
from app.ui.transcript.blocks.math_image import MathFailure, MathImage, math_image
from app.ui.transcript.blocks.painted import Highlight, Look
from app.ui.transcript.blocks.piece_painting import paint_formula
from app.ui.transcript.blocks.running_text import RunningText, running_text
from app.ui.transcript.blocks.sideways import SidewaysBlock
from app.ui.transcript.blocks.span_formats import TextStyle
from app.ui.transcript.markdown.content import Block, MathBlock, Span

_PADDING = 4  # above and below
_BAR = 5  # the height of the bar for scrolling sideways
_SOURCE_STYLE = TextStyle(CODE_PIXELS, CODE_LINE_PIXELS, is_code=True)


class DisplayedMath(SidewaysBlock):
    """A formula in the middle of the width, which scrolls sideways where it is too wide; else its source, as code."""

    def __init__(self, block: MathBlock, look: Look) -> None:
        super().__init__(block, look)
        self._source = block.source
        self._formula: MathImage | None = None
        self._failure = ""
        self._text: RunningText | None = None  # the source, where there is no formula
        self._is_waiting = True
        self._changed_from = 0.0

    def lay_out(self, width: float) -> None:
        self._changed_from = self.height if self.width == width and not self._is_waiting else 0.0
        self.width = width
        if self._is_waiting:
            self._take(self._drawn(self.look.tokens.text))
        if self._formula is not None:
            self._sideways.set_extent(self._formula.width, width)
            self.height = self._top + round(self._formula.height) + self.look.pixels(_PADDING)
            if self._sideways.furthest > 0:
                self.height += self.look.pixels(_BAR + 2)
        elif self._text is not None:
            self._sideways.set_extent(0, width)
            self._text.lay_out(width)
            self.height = self._text.height

    def paint(self, painter: QPainter, visible: QRectF, highlights: Sequence[Highlight] = ()) -> None:
        if self._formula is None:
            self._needed_text().paint(painter, visible, highlights)
            return
        painter.save()
        painter.setClipRect(QRectF(0, 0, self.width, self.height), Qt.ClipOperation.IntersectClip)
        formula, area = self._formula, self._area(self._formula)
        for one in highlights:
            if one.start < max(1, len(self._source)) and one.end > 0:
                painter.fillRect(area, highlight_colour(one.kind, self.look.tokens))
                ink = highlight_text_colour(one.kind, self.look.tokens)
                drawn = self._drawn(ink.name()) if ink is not None else None
                formula = drawn if isinstance(drawn, MathImage) else formula
        paint_formula(painter, formula, QPointF(area.left(), area.top() + formula.ascent), formula.width)
        painter.restore()
        paint_sideways_bar(painter, self.bar_rect(), self.look.tokens)

    def is_settled(self) -> bool:
        return not self._is_waiting

    def update_block(self, block: Block) -> bool:
        if not isinstance(block, MathBlock):
            return False
        if block.source != self._source:
            self._source = block.source
            self._is_waiting = True
        self.block = block
        return True

    def changed_from(self) -> float:
        return self._changed_from

    def place_at(self, point: QPointF) -> int:
        if self._formula is None:
            return self._needed_text().place_at(point)
        return 0 if point.x() < self._area(self._formula).center().x() else len(self._source)

    def rect_at(self, place: int) -> QRectF:
        if self._formula is None:
            return self._needed_text().rect_at(place)
        area = self._area(self._formula)
        return QRectF(area.right(), area.top(), 1, area.height()) if place >= len(self._source) else area

    def tooltip_at(self, point: QPointF) -> str:  # noqa: ARG002 (one failure for all of it)
        return self._failure

    def reveal(self, place: int) -> bool:
        """Show the part of the formula where the place would be if its source were spread over it."""
        x = self._sideways.extent * place / max(1, len(self._source))
        return self._sideways.reveal(x, x, self.look.pixels(24))

    def release(self) -> None:
        if self._text is not None:
            self._text.release()

    @property
    def _top(self) -> int:
        return self.look.pixels(_PADDING)

    def _bar_track(self) -> QRectF:
        thickness = self.look.pixels(_BAR)
        return QRectF(0, self.height - thickness - 1, self.width, thickness)

    def _area(self, formula: MathImage) -> QRectF:
        left = max(0.0, (self.width - formula.width) / 2) - self._sideways.offset
        return QRectF(left, self._top, formula.width, formula.height)

    def _drawn(self, colour: str) -> MathImage | MathFailure:
        size = self.look.pixels(TEXT_PIXELS)
        return math_image(self._source, size, colour, is_displayed=True, pixel_ratio=self.look.pixel_ratio)

    def _take(self, drawn: MathImage | MathFailure) -> None:
        self._is_waiting = isinstance(drawn, MathFailure) and drawn.is_for_now
        self._failure = drawn.reason if isinstance(drawn, MathFailure) else ""
        self._formula = drawn if isinstance(drawn, MathImage) else None
        if self._formula is not None:
            self._text = None
        elif self._text is None:
            self._text = running_text((Span(self._source),), self.look, _SOURCE_STYLE)
        else:
            self._text.update((Span(self._source),))

    def _needed_text(self) -> RunningText:
        assert self._text is not None
        self._text.lay_out(self.width)
        return self._text
