"""Running text: spans laid out in lines of a fixed height and painted, with the way from places to points and back."""

from bisect import bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QTextOption

from app.ui.transcript.blocks.math_image import MathFailure, MathImage, math_image
from app.ui.transcript.blocks.painted import Highlight, Look
from app.ui.transcript.blocks.piece_painting import paint_line
from app.ui.transcript.blocks.shown_spans import Run, ShownSpans
from app.ui.transcript.blocks.span_formats import SpanFormats, TextStyle
from app.ui.transcript.blocks.text_piece import Line, TextPiece
from app.ui.transcript.markdown.content import Span, Spans
from app.ui.transcript.markdown.direction import runs_leftward

_UNBOUNDED = 8_000_000.0
_MEASURED = QTextOption.WrapMode.WordWrap


class SpansDocument:
    """Spans as they stand on the page; no HTML, nothing loaded. Coordinates count from the text's top left corner.

    Places count the characters of the spans' own text (spans_text). What is laid out is kept in pieces of a few lines:
    an update lays out again only the piece that changed and those below it. Nothing is laid out before lay_out().
    """

    def __init__(self, spans: Spans, look: Look, style: TextStyle | None = None) -> None:
        self.look = look
        self.style = style or TextStyle()
        self.width = 0.0
        self.height = 0.0
        self.changed_from = 0.0  # the height from which on the last update() and lay_out() changed what is painted
        self._formats = SpanFormats(look, self.style)
        self._shown = ShownSpans(spans, self._draw_math)
        self._is_rightward = not runs_leftward((self._shown.text,))
        self._pieces: list[TextPiece] = []
        self._tops: list[float] = []
        self._replaced: TextPiece | None = None
        self._is_laid_out = False

    @property
    def spans(self) -> Spans:
        """What is shown."""
        return self._shown.spans

    @property
    def is_settled(self) -> bool:
        """Whether all formulas are drawn that can be; else lay_out() draws more of them."""
        return self._shown.settled_runs == len(self._shown.runs)

    @property
    def line_height(self) -> int:
        """The height of a line of letters."""
        return self._formats.line_height

    @property
    def first_baseline(self) -> float:
        """The height of the first line's baseline; what is laid out must be there."""
        return self._pieces[0].lines[0].baseline

    def natural_width(self) -> float:
        """How wide the text is without line breaks but its own, in logical pixels; of a long one only the beginning."""
        piece = TextPiece(self._shown, self._formats, 0, 0, _UNBOUNDED, True, _MEASURED)
        return max(line.line.naturalTextWidth() for line in piece.lines)

    def minimum_width(self) -> float:
        """How wide the widest word is, in logical pixels; of a long text only the beginning counts."""
        return TextPiece(self._shown, self._formats, 0, 0, _UNBOUNDED, True, _MEASURED).layout.minimumWidth()

    def update(self, spans: Spans) -> None:
        """Show `spans` from the next lay_out() on, which is cheap where their beginning is that of those before."""
        earlier = self._shown
        self._shown = ShownSpans(spans, self._draw_math, earlier)
        same = self._shown.same_until
        if same == len(earlier.text) == len(self._shown.text):
            return
        self._is_laid_out = False
        if runs_leftward((self._shown.text,)) is self._is_rightward:
            self._is_rightward = not self._is_rightward
            same = 0
        kept = 0
        # A piece depends on what lies in its window alone, and on whether the text ends there.
        first_open = min(same + 1, len(earlier.text), len(self._shown.text))
        while kept < len(self._pieces) and self._pieces[kept].seen_until < first_open:
            kept += 1
        self._replaced = self._pieces[kept] if kept < len(self._pieces) else None
        del self._pieces[kept:]
        for piece in self._pieces:
            piece.show(self._shown)

    def lay_out(self, width: float) -> None:
        """Take `width`; sets width, height and changed_from. Cheap when nothing has changed since."""
        width = max(1.0, width)
        if not self.is_settled:
            self.update(self._shown.spans)
        if self._is_laid_out and width == self.width:
            self.changed_from = self.height
            return
        if width != self.width:
            self._pieces.clear()
            self._replaced = None
        self.width = width
        first = len(self._pieces)
        start, top = (self._pieces[-1].end, self._bottom()) if self._pieces else (0, 0.0)
        while start < len(self._shown.text) or not self._pieces:
            piece = TextPiece(self._shown, self._formats, start, top, width, self._is_rightward)
            self._pieces.append(piece)
            start, top = piece.end, self._bottom()
        self._tops = [piece.top for piece in self._pieces]
        self.height = self._bottom()
        self.changed_from = self._first_change(first)
        self._replaced = None
        self._is_laid_out = True

    def paint(self, painter: QPainter, visible: QRectF, highlights: Sequence[Highlight] = ()) -> None:
        """Paint the lines in `visible`, marked text on colour."""
        ranges = [(self._shown.shown_at(one.start), self._shown.shown_end(one.end), one.kind) for one in highlights]
        painter.setPen(QColor(self.style.colour or self.look.tokens.text))
        for piece in self._pieces[self._piece_at(visible.top()) :]:
            if piece.top >= visible.bottom():
                break
            for line in piece.lines[piece.line_at_height(visible.top() - piece.top) :]:
                if piece.top + line.top >= visible.bottom():
                    break
                paint_line(painter, piece, line, self.look.tokens, ranges)

    def place_at(self, point: QPointF) -> int:
        """The place next to a point, which may lie outside."""
        piece, line = self._line_at(point.y())
        return self._shown.place_of(piece.shown_at(line, point.x()))

    def rect_at(self, place: int) -> QRectF:
        """Where the character at a place stands (at the end: where the next would), in its line's height."""
        shown = self._shown.shown_at(place)
        piece = self._pieces[max(0, bisect_right(self._pieces, shown, key=lambda one: one.start) - 1)]
        line = piece.lines[piece.line_of(shown)]
        leading, trailing = piece.edges_of(line, shown)
        left = min(leading, trailing)
        return QRectF(left, piece.top + line.top, max(1.0, abs(trailing - leading)), line.height)

    def run_at(self, point: QPointF) -> Run | None:
        """The run of whose letters one is under a point."""
        if not (0 <= point.y() < self.height) or not self._shown.runs:
            return None
        piece, line = self._line_at(point.y())
        shown = piece.shown_under(line, point.x())
        return None if shown is None else self._shown.run_at(shown)

    def link_at(self, point: QPointF) -> str:
        """The address of the link under a point; empty where there is none."""
        run = self.run_at(point)
        return run.link if run else ""

    def tooltip_at(self, point: QPointF) -> str:
        """Why the formula under a point is shown as its source; mostly empty."""
        run = self.run_at(point)
        return run.failure if run else ""

    def release(self) -> None:
        """Give the laid out lines back; the height stays."""
        self._pieces.clear()
        self._replaced = None
        self._is_laid_out = False

    def _bottom(self) -> float:
        return self._pieces[-1].top + self._pieces[-1].height

    def _piece_at(self, y: float) -> int:
        return max(0, bisect_right(self._tops, y) - 1)

    def _line_at(self, y: float) -> tuple[TextPiece, Line]:
        piece = self._pieces[self._piece_at(y)]
        return piece, piece.lines[piece.line_at_height(y - piece.top)]

    def _first_change(self, first: int) -> float:
        """The top of the first line from the piece `first` on that is not as it was in what that piece replaced."""
        if first >= len(self._pieces):
            return self.height
        piece = self._pieces[first]
        # With two directions, what follows says on which side the last characters before stand.
        if self._replaced is None or self._replaced.has_two_directions or piece.has_two_directions:
            return piece.top
        same = self._shown.same_until
        for old, new in zip(self._replaced.lines, piece.lines, strict=False):
            if (old.start, old.end, old.baseline, old.height) != (new.start, new.end, new.baseline, new.height):
                return piece.top + new.top
            if new.end >= same:
                return piece.top + new.top
        return piece.top + piece.lines[min(len(self._replaced.lines), len(piece.lines)) - 1].top

    def _draw_math(self, span: Span) -> MathImage | MathFailure:
        colour = self.style.colour or self.look.tokens.text
        size = self.look.pixels(self.style.pixels)
        return math_image(span.text, size, colour, span.displayed, self.look.pixel_ratio)
