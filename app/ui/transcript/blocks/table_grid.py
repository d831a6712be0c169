"""Where the cells of a table stand: the widths of its columns and the heights of its rows."""

from bisect import bisect_right
from dataclasses import dataclass

from PySide6.QtCore import Qt

from app.ui.fonts import LINE_PIXELS
from app.ui.transcript.blocks.painted import Look
from app.ui.transcript.blocks.span_formats import TextStyle
from app.ui.transcript.blocks.spans_document import SpansDocument
from app.ui.transcript.blocks.table_cells import CellMeasure, is_simple, shown_part
from app.ui.transcript.blocks.table_layout import column_widths
from app.ui.transcript.markdown.content import Alignment, Row, Spans, Table

_BETWEEN_COLUMNS = 12
_ABOVE_TEXT = 6
_BELOW_TEXT = 6  # its hairline is part of it
_LEAST_WIDTH = 110  # of a column that has to give room, if its words are not wider
_WIDEST_WORD = 180  # that a column need not break
_WIDEST = 320  # of a column in a table that is scrolled
_MOST_LAID_OUT = 24  # cells whose height is laid out rather than counted
_MOST_DRAWN = 48  # cells with a formula whose width is drawn rather than guessed
_MOST_MEASURED = 2000  # rows; cells of those below have one line, and the widths of those above
_ALIGNMENTS = {
    Alignment.NONE: None,
    Alignment.LEFT: Qt.AlignmentFlag.AlignLeft,
    Alignment.CENTER: Qt.AlignmentFlag.AlignHCenter,
    Alignment.RIGHT: Qt.AlignmentFlag.AlignRight,
}


@dataclass(frozen=True, slots=True)
class _Cell:
    """What is shown of a cell, and how wide that is without line breaks but its own."""

    spans: Spans
    natural: float
    is_line: bool  # of letters alone, on one line
    is_simple: bool  # of letters alone


class TableGrid:
    """Rows count from 0, the header's; coordinates are logical pixels from the header's top left corner."""

    def __init__(self, table: Table, look: Look) -> None:
        self._look = look
        self._measures = (CellMeasure(look, is_header=True), CellMeasure(look, is_header=False))
        self._rows: list[tuple[_Cell, ...]] = []
        self._natural: list[float] = []
        self._least: list[float] = []
        self._drawn = 0
        self._laid_out = 0
        self._tops: list[float] = [0.0]  # of the measured rows, and last where the next begins
        self._alignments: tuple[Alignment, ...] = ()
        self.row_count = 0  # with the header
        self.widths: list[float] = []
        self.lefts: list[float] = []  # of the columns
        self.change(table, 0)

    @property
    def width(self) -> float:
        """Of all columns."""
        return self.lefts[-1] + self.widths[-1] if self.widths else 0.0

    @property
    def natural_width(self) -> float:
        """Of all columns if no cell were broken."""
        return sum(self._natural) + self._gap * max(0, len(self._natural) - 1)

    @property
    def height(self) -> float:
        """Of all rows."""
        return self.top_of(self.row_count)

    @property
    def text_top(self) -> int:
        """How far a cell's text is below its row's top."""
        return self._look.pixels(_ABOVE_TEXT)

    def change(self, table: Table, first: int) -> None:
        """Take a later state of the table, whose rows before `first` are the same."""
        if table.alignments != self._alignments:
            first = 0
        self._alignments = table.alignments
        if first == 0:
            self._natural = [0.0] * len(table.header)
            self._least = [0.0] * len(table.header)
            self._drawn = 0
        self.row_count = 1 + len(table.rows)
        del self._rows[first:], self._tops[first + 1 :]
        for index in range(len(self._rows), min(self.row_count, _MOST_MEASURED)):
            self._rows.append(self._measured(table.rows[index - 1] if index else table.header, is_header=index == 0))

    def lay_out(self, room: float) -> int:
        """Share `room` pixels between the columns; returns the first row that stands otherwise than before."""
        gaps = self._gap * max(0, len(self._natural) - 1)
        widths = column_widths(self._natural, self._least, room - gaps, self._look.pixels(_WIDEST))
        if widths != self.widths:
            self.widths = widths
            self.lefts = [sum(widths[:column]) + self._gap * column for column in range(len(widths))]
            del self._tops[1:]
            self._laid_out = 0
        first = len(self._tops) - 1
        for index in range(first, len(self._rows)):
            self._tops.append(self._tops[-1] + self._row_height(index))
        return first

    def top_of(self, row: int) -> float:
        """Where a row begins; of the number of rows: where the last ends."""
        measured = len(self._tops) - 1
        return self._tops[row] if row <= measured else self._tops[-1] + (row - measured) * self._line_row

    def shows_one_line(self, row: int) -> bool:
        """Whether cells that have more lines show only the first."""
        return row >= len(self._rows)

    def style(self, row: int, column: int) -> TextStyle:
        """How the text of a cell stands."""
        return TextStyle(is_bold=row == 0, alignment=_ALIGNMENTS[self._alignments[column]])

    def row_at(self, y: float) -> int:
        """The row at a height, the nearest outside."""
        if y >= self._tops[-1]:
            row = len(self._tops) - 1 + int((y - self._tops[-1]) / self._line_row)
        else:
            row = max(0, bisect_right(self._tops, y) - 1)
        return min(row, self.row_count - 1)

    def column_at(self, x: float) -> int:
        """The column whose text is next to a position."""
        return max(0, bisect_right(self.lefts, x + self._gap / 2) - 1)

    @property
    def _gap(self) -> int:
        return self._look.pixels(_BETWEEN_COLUMNS)

    @property
    def _line_row(self) -> float:
        """The height of a row whose cells have one line."""
        pixels = self._look.pixels
        return float(pixels(LINE_PIXELS) + pixels(_ABOVE_TEXT) + pixels(_BELOW_TEXT))

    def _measured(self, row: Row, *, is_header: bool) -> tuple[_Cell, ...]:
        pixels = self._look.pixels
        least, widest_word = pixels(_LEAST_WIDTH), pixels(_WIDEST_WORD)
        cells = []
        for column, cell in enumerate(row):
            spans = shown_part(cell)
            simple = is_simple(spans)
            if simple or self._drawn >= _MOST_DRAWN:
                width, word = self._measures[0 if is_header else 1].widths(spans)
            else:
                self._drawn += 1
                document = SpansDocument(spans, self._look, TextStyle(is_bold=is_header))
                width, word = document.natural_width(), document.minimum_width()
            is_line = simple and not any("\n" in span.text for span in spans)
            cells.append(_Cell(spans, width, is_line, simple))
            self._natural[column] = max(self._natural[column], width)
            self._least[column] = max(self._least[column], least, min(word, widest_word))
        return tuple(cells)

    def _row_height(self, row: int) -> float:
        line = self._look.pixels(LINE_PIXELS)
        highest = float(line)
        for column, cell in enumerate(self._rows[row]):
            width = self.widths[column]
            if cell.is_line and cell.natural <= width:
                continue
            if self._laid_out < _MOST_LAID_OUT:
                self._laid_out += 1
                document = SpansDocument(cell.spans, self._look, self.style(row, column))
                document.lay_out(width)
                highest = max(highest, document.height)
            else:
                lines = self._measures[0 if row == 0 else 1].lines(cell.spans, width)
                highest = max(highest, float(line * (lines if cell.is_simple else lines + 1)))
        return highest + self._line_row - line
