"""A few lines of running text, laid out by themselves: what was written before and after need not be laid out again."""

import math
import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QTextCharFormat, QTextLayout, QTextLine, QTextOption

from app.ui.transcript.blocks.shown_spans import Run, ShownSpans
from app.ui.transcript.blocks.span_formats import SpanFormats

_WINDOW = 1_000  # characters that are laid out at once
_LARGEST_WINDOW = 16_000
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U0001efff]"
)
_GAP_BESIDE_FORMULA = 2
_TOUCHING = 0.5
_CODE_INSET = 2  # between the colour under code and the line's edges


@dataclass(frozen=True, slots=True)
class Line:
    """The shown characters from `start` up to `end`; `top`, `height` and `baseline` count from the piece's top."""

    line: QTextLine
    start: int
    end: int
    top: float
    height: float
    baseline: float


class TextPiece:
    """The lines that begin at the shown character `start`, `top` logical pixels below the text's top.

    They depend on nothing but the characters of one window from `start` on: where the window cuts the text, the last
    line in it, which may go on, is left to the next piece.
    """

    def __init__(
        self,
        shown: ShownSpans,
        formats: SpanFormats,
        start: int,
        top: float,
        width: float,
        is_rightward: bool,
        wrap: QTextOption.WrapMode = QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere,
    ) -> None:
        self.start = start
        self.top = top
        self._shown = shown
        self._formats = formats
        self._width = width
        self._is_rightward = is_rightward
        self._wrap = wrap
        window = _WINDOW
        self._lay_out(window)
        while self.layout.lineCount() < 2 and self.seen_until < len(shown.text) and window < _LARGEST_WINDOW:
            window *= 4
            self._lay_out(window)
        self.lines = self._make_lines()
        self.end = self.lines[-1].end
        self.height = self.lines[-1].top + self.lines[-1].height
        self._tops = [line.top for line in self.lines]
        self._starts = [line.start for line in self.lines]

    def line_at_height(self, y: float) -> int:
        """The number of the line at a height within the piece, of the nearest outside."""
        return max(0, bisect_right(self._tops, y) - 1)

    def line_of(self, shown: int) -> int:
        """The number of the line with a shown character."""
        return max(0, bisect_right(self._starts, shown) - 1)

    def show(self, shown: ShownSpans) -> None:
        """Take a later state of the text, in which the window of this piece is the same."""
        self._shown = shown

    def shown_at(self, line: Line, x: float) -> int:
        """The shown character behind the gap between two that is next to `x` in a line."""
        return self._shown_of(line.line.xToCursor(x, QTextLine.CursorPosition.CursorBetweenCharacters))

    def shown_under(self, line: Line, x: float) -> int | None:
        """The shown character at `x` in a line; None beside the text."""
        text = line.line.naturalTextRect()
        if not text.left() <= x < text.right():
            return None
        return self._shown_of(line.line.xToCursor(x, QTextLine.CursorPosition.CursorOnCharacter))

    def runs_of(self, line: Line) -> list[Run]:
        """The runs of which a part stands in a line."""
        runs = self._shown.runs
        return runs[self._shown.number_at(line.start) : self._shown.number_at(line.end - 1) + 1] if runs else []

    def letters_rect(self, line: Line) -> QRectF:
        """The part of a line in which letters stand, the same in each: higher lines have more above or below."""
        above = self._formats.baseline - _CODE_INSET
        return QRectF(0, self.top + line.top + line.baseline - above, 0, self._formats.line_height - 2 * _CODE_INSET)

    def format_range(self, start: int, end: int, made: QTextCharFormat) -> QTextLayout.FormatRange:
        """A format for the shown characters from `start` up to `end`, as QTextLayout takes it."""
        created = QTextLayout.FormatRange()
        created.start = self._unit_of(start)
        created.length = self._unit_of(end) - created.start
        created.format = made
        return created

    def spans_of(self, line: Line, start: int, end: int) -> list[tuple[float, float]]:
        """Where, from left to right, the shown characters from `start` up to `end` stand in a line: left and right."""
        first, last = self._unit_of(max(start, line.start)), self._unit_of(min(end, line.end))
        if first >= last:
            return []
        if not self.has_two_directions:
            return [(self._x(line, first), self._x(line, last))]
        runs = line.line.glyphRuns(first, last - first)
        parts = sorted((run.boundingRect().left(), run.boundingRect().right()) for run in runs)
        return _merged(parts)

    def edges_of(self, line: Line, shown: int) -> tuple[float, float]:
        """Where a shown character begins and ends, read in its direction; the end of the text is as wide as nothing."""
        unit = self._unit_of(shown)
        beginning = self._x(line, unit)
        if shown >= line.end:
            return beginning, beginning
        if self.has_two_directions:
            # Where the direction changes, the cursor stands at the end of the character before.
            for run in line.line.glyphRuns(unit, 1):
                box = run.boundingRect()
                return (box.right(), box.left()) if run.isRightToLeft() else (box.left(), box.right())
        return beginning, self._x(line, unit, QTextLine.Edge.Trailing)

    def _x(self, line: Line, unit: int, edge: QTextLine.Edge = QTextLine.Edge.Leading) -> float:
        found = line.line.cursorToX(unit, edge)
        assert isinstance(found, tuple)  # with the place, which it may have moved
        return float(found[0])

    def _lay_out(self, window: int) -> None:
        text = self._shown.text[self.start : self.start + window]
        self.seen_until = self.start + len(text)
        self._wide = [found.start() for found in _ASTRAL.finditer(text)]
        self._wide_units = [place + number for number, place in enumerate(self._wide)]
        self.has_two_directions = not self._is_rightward or _RIGHT_TO_LEFT.search(text) is not None
        self.layout = QTextLayout(text, self._formats.font)
        self.layout.setTextOption(self._option())
        self.layout.setFormats(self._ranges(len(text)))
        self.layout.setCacheEnabled(True)
        self.layout.beginLayout()
        while (line := self.layout.createLine()).isValid():
            line.setLineWidth(self._width)
        self.layout.endLayout()

    def _option(self) -> QTextOption:
        option = QTextOption()
        option.setWrapMode(self._wrap)
        # The first letter of the whole text says in which direction all its lines run.
        direction = Qt.LayoutDirection.LeftToRight if self._is_rightward else Qt.LayoutDirection.RightToLeft
        option.setTextDirection(direction)
        beginning = Qt.AlignmentFlag.AlignLeft if self._is_rightward else Qt.AlignmentFlag.AlignRight
        option.setAlignment(self._formats.style.alignment or beginning)
        return option

    def _ranges(self, length: int) -> list[QTextLayout.FormatRange]:
        ranges = []
        shown, end = self._shown, self.start + length
        for number in range(shown.number_at(self.start), len(shown.runs)):
            run = shown.runs[number]
            if run.start >= end:
                break
            if run.formula:
                parts = [(run.start, run.end, self._formats.of_object(min(run.formula.width, self._width)))]
            elif run.is_code:
                padding = self._formats.of_padding()
                parts = [
                    (run.start, run.start + 1, padding),
                    (run.start + 1, run.end - 1, self._formats.of_run(run)),
                    (run.end - 1, run.end, padding),
                ]
            else:
                parts = [(run.start, run.end, self._formats.of_run(run))]
            for part_start, part_end, made in parts:
                first, last = max(part_start, self.start), min(part_end, end)
                if first < last:
                    ranges.append(self.format_range(first, last, made))
        return ranges

    def _make_lines(self) -> list[Line]:
        count = self.layout.lineCount()
        if count > 1 and (self.seen_until < len(self._shown.text) or self.layout.lineAt(count - 1).textLength() == 0):
            count -= 1
        lines = []
        top = 0.0
        for number in range(count):
            line = self.layout.lineAt(number)
            start = self._shown_of(line.textStart())
            end = self._shown_of(line.textStart() + line.textLength())
            above, below = self._reach(start, end)
            line.setPosition(QPointF(0, top + above - line.ascent()))
            lines.append(Line(line, start, end, top, above + below, above))
            top += above + below
        return lines

    def _reach(self, start: int, end: int) -> tuple[float, float]:
        """How far a line reaches above and below its baseline: formulas may be higher than letters."""
        above = self._formats.baseline
        below = self._formats.line_height - above
        for number in range(self._shown.number_at(start), len(self._shown.runs)):
            run = self._shown.runs[number]
            if run.start >= end:
                break
            if run.formula and run.start >= start:
                scale = min(1.0, self._width / run.formula.width)
                above = max(above, math.ceil(run.formula.ascent * scale) + _GAP_BESIDE_FORMULA)
                below = max(below, math.ceil(run.formula.descent * scale) + _GAP_BESIDE_FORMULA)
        return above, below

    def _unit_of(self, shown: int) -> int:
        """Qt counts in units of UTF-16, where an emoji is two."""
        inside = shown - self.start
        return inside + bisect_left(self._wide, inside) if self._wide else inside

    def _shown_of(self, unit: int) -> int:
        inside = unit - bisect_left(self._wide_units, unit) if self._wide else unit
        return self.start + inside


def _merged(parts: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Parts that are sorted and of which those that touch are one."""
    merged: list[tuple[float, float]] = []
    for left, right in parts:
        if merged and left <= merged[-1][1] + _TOUCHING:
            merged[-1] = (merged[-1][0], max(right, merged[-1][1]))
        else:
            merged.append((left, right))
    return merged
