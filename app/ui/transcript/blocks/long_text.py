"""Text that is too long to be laid out as a whole: lines of equally many characters, made when they are seen."""

import re
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QPainter

from app.ui.fonts import CODE_LINE_PIXELS, CODE_PIXELS
from app.ui.transcript.blocks.painted import Highlight, Look
from app.ui.transcript.blocks.span_formats import SpanFormats, TextStyle
from app.ui.transcript.blocks.spans_document import SpansDocument
from app.ui.transcript.markdown.content import Span, Spans, spans_text

_WIDE = re.compile("[^\x00-\u02ff]")  # any of these may take two columns
_MOST_LINES = 300  # kept
_UNBOUNDED = 8_000_000.0


class LongText:
    """Spans as plain text in the code font; what SpansDocument can do, but the height is known without laying out."""

    def __init__(self, spans: Spans, look: Look, style: TextStyle | None = None) -> None:
        self.look = look
        self.width = 0.0
        self.height = 0.0
        self.changed_from = 0.0
        given = style or TextStyle()
        self._style = TextStyle(CODE_PIXELS, CODE_LINE_PIXELS, colour=given.colour, is_code=True)
        formats = SpanFormats(look, self._style)
        self.line_height = formats.line_height
        self.first_baseline = float(formats.baseline)
        self._column = QFontMetricsF(formats.font).horizontalAdvance("x")
        self._lines: OrderedDict[int, SpansDocument] = OrderedDict()
        self._columns = 1
        self._take(spans)

    @property
    def is_settled(self) -> bool:
        """It always is."""
        return True

    def update(self, spans: Spans) -> None:
        """Show `spans` from the next lay_out() on."""
        if spans != self.spans:
            earlier = self._text
            self._take(spans)
            from_start = self._text.startswith(earlier)
            self.changed_from = max(0.0, self.height - self.line_height) if from_start else 0.0
            self._lines.clear()
            self.width = 0.0

    def lay_out(self, width: float) -> None:
        """Take `width`; sets width and height."""
        if width == self.width:
            self.changed_from = self.height
            return
        columns = max(1, int(width / self._column) // (2 if self._is_wide else 1))
        if columns != self._columns:
            self._lines.clear()
            self.changed_from = 0.0
        self._columns = columns
        self.width = width
        counts = np.maximum(1, -(-self._lengths // columns))
        self._first_lines = np.concatenate(([0], np.cumsum(counts)))
        self.height = float(self._first_lines[-1]) * self.line_height

    def paint(self, painter: QPainter, visible: QRectF, highlights: Sequence[Highlight] = ()) -> None:
        """Paint the lines in `visible`, marked text on colour."""
        first = self._line_at(visible.top())
        last = self._line_at(visible.bottom())
        painter.save()
        painter.setClipRect(visible.intersected(QRectF(0, 0, self.width, self.height)))
        for number in range(first, last + 1):
            start, end = self._bounds(number)
            marked = [
                Highlight(max(0, one.start - start), min(end, one.end) - start, one.kind)
                for one in highlights
                if one.start < end and one.end > start
            ]
            top = number * self.line_height
            painter.translate(0, top)
            self._document(number).paint(painter, QRectF(0, 0, self.width, self.line_height), marked)
            painter.translate(0, -top)
        painter.restore()

    def place_at(self, point: QPointF) -> int:
        """The place next to a point, which may lie outside."""
        number = self._line_at(point.y())
        return self._bounds(number)[0] + self._document(number).place_at(QPointF(point.x(), 0))

    def rect_at(self, place: int) -> QRectF:
        """Where the character at a place stands (at the end: where the next would), in its line's height."""
        place = min(max(0, place), len(self._text))
        paragraph = int(np.searchsorted(self._starts, place, side="right")) - 1
        inside = min(place - int(self._starts[paragraph]), max(0, int(self._lengths[paragraph]) - 1))
        number = int(self._first_lines[paragraph]) + inside // self._columns
        rect = self._document(number).rect_at(place - self._bounds(number)[0])
        return rect.translated(0, number * self.line_height)

    def link_at(self, _point: QPointF) -> str:
        """Empty: it is plain text."""
        return ""

    def tooltip_at(self, _point: QPointF) -> str:
        """Empty."""
        return ""

    def release(self) -> None:
        """Give the laid out lines back; the height stays."""
        self._lines.clear()

    def _take(self, spans: Spans) -> None:
        self.spans = spans
        self._text = spans_text(spans)
        self._is_wide = _WIDE.search(self._text) is not None
        codes = np.frombuffer(self._text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        breaks = np.flatnonzero(codes == ord("\n"))
        self._starts = np.concatenate(([0], breaks + 1))
        self._lengths = np.concatenate((breaks, [len(self._text)])) - self._starts

    def _line_at(self, y: float) -> int:
        return min(max(0, int(y // self.line_height)), int(self._first_lines[-1]) - 1)

    def _bounds(self, number: int) -> tuple[int, int]:
        """The places where a line begins and ends, without its line break."""
        paragraph = int(np.searchsorted(self._first_lines, number, side="right")) - 1
        inside = (number - int(self._first_lines[paragraph])) * self._columns
        start = int(self._starts[paragraph])
        return start + inside, start + min(inside + self._columns, int(self._lengths[paragraph]))

    def _document(self, number: int) -> SpansDocument:
        document = self._lines.get(number)
        if document is None:
            start, end = self._bounds(number)
            document = SpansDocument((Span(self._text[start:end]),), self.look, self._style)
            document.lay_out(_UNBOUNDED)
            self._lines[number] = document
            if len(self._lines) > _MOST_LINES:
                self._lines.popitem(last=False)
        return document
