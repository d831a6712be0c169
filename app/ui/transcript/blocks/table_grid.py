"""Where the cells of a table stand: widths of columns, heights of rows, and the places of their texts."""

from bisect import bisect_right
from dataclasses import dataclass

from PySide6.QtCore import Qt

from app.ui.fonts import LINE_PIXELS
from app.ui.transcript.blocks.painted import Look
from app.ui.transcript.blocks.span_formats import TextStyle
from app.ui.transcript.blocks.spans_document import SpansDocument
from app.ui.transcript.blocks.table_cells import CellMeasure, is_simple
from app.ui.transcript.blocks.table_layout import column_widths
from app.ui.transcript.markdown.content import Alignment, Row, Table, spans_text

_BETWEEN_COLUMNS = 12
_ABOVE_TEXT = 6
_BELOW_TEXT = 6  # its hairline is part of it
_LEAST_WIDTH = 48  # of a column that has to give room, if its words are not wider
_WIDEST_WORD = 160  # that a column need not break
_MOST_LAID_OUT = 60  # cells of several lines whose height is laid out rather than counted
_ALIGNMENTS = {
    Alignment.NONE: None,
    Alignment.LEFT: Qt.AlignmentFlag.AlignLeft,
    Alignment.CENTER: Qt.AlignmentFlag.AlignHCenter,
    Alignment.RIGHT: Qt.AlignmentFlag.AlignRight,
}


@dataclass(slots=True)
class _MeasuredRow:
    """A row's cells: widths on one line, whether each is of letters alone on one line, and the row's first place."""

    cells: Row
    natural: list[float]
    is_line: list[bool]
    start: int
    height: float = 0.0


class TableGrid:
    """Rows count from 0, the header's; coordinates are logical pixels from the header's top left corner."""

    def __init__(self, table: Table, look: Look) -> None:
        self._look = look
        self._measures = (CellMeasure(look, is_header=True), CellMeasure(look, is_header=False))
        self._rows: list[_MeasuredRow] = []
        self._natural: list[float] = []
        self._least: list[float] = []
        self._room = 0.0
        self._laid_out = 0
        self.table = table
        self.widths: list[float] = []
        self.lefts: list[float] = []  # of the columns
        self.tops: list[float] = [0.0]  # of the rows, and last where the table ends
        self.change(table)

    @property
    def row_count(self) -> int:
        """With the header."""
        return len(self._rows)

    @property
    def width(self) -> float:
        """Of all columns."""
        return self.lefts[-1] + self.widths[-1] if self.widths else 0.0

    @property
    def natural_width(self) -> float:
        """Of all columns if no cell were broken."""
        return sum(self._natural) + self._gap * max(0, len(self._natural) - 1)

    @property
    def text_top(self) -> int:
        """How far a cell's text is below its row's top."""
        return self._look.pixels(_ABOVE_TEXT)

    def change(self, table: Table) -> int:
        """Take a later state of the table; returns the first row that is not as before."""
        rows = (table.header, *table.rows)
        kept = 0
        if table.alignments == self.table.alignments:
            while kept < min(len(rows), len(self._rows)) and self._rows[kept].cells == rows[kept]:
                kept += 1
        if kept == 0:
            self._natural = [0.0] * len(table.header)
            self._least = [0.0] * len(table.header)
        self.table = table
        del self._rows[kept:], self.tops[kept + 1 :]
        for row in rows[kept:]:
            self._rows.append(self._measured(row))
        return kept

    def lay_out(self, room: float) -> int:
        """Share `room` pixels between the columns; returns the first row that stands otherwise than before."""
        gaps = self._gap * max(0, len(self._natural) - 1)
        widths = column_widths(self._natural, self._least, max(1.0, room - gaps))
        if widths != self.widths:
            self.widths = widths
            self.lefts = [sum(widths[:column]) + self._gap * column for column in range(len(widths))]
            self.tops = [0.0]
            self._laid_out = 0
        first = len(self.tops) - 1
        for row in self._rows[first:]:
            row.height = self._row_height(row)
            self.tops.append(self.tops[-1] + row.height)
        return first

    def cells(self, row: int) -> Row:
        """What stands in a row."""
        return self._rows[row].cells

    def style(self, row: int, column: int) -> TextStyle:
        """How the text of a cell stands."""
        return TextStyle(is_bold=row == 0, alignment=_ALIGNMENTS[self.table.alignments[column]])

    def row_at(self, y: float) -> int:
        """The row at a height, the nearest outside."""
        return min(max(0, bisect_right(self.tops, y) - 1), self.row_count - 1)

    def column_at(self, x: float) -> int:
        """The column whose text is next to a position."""
        half = self._gap / 2
        return max(0, bisect_right(self.lefts, x + half) - 1)

    def start_of(self, row: int, column: int) -> int:
        """The place in the table's reading text at which a cell begins."""
        measured = self._rows[row]
        return measured.start + sum(len(spans_text(cell)) + 1 for cell in measured.cells[:column])

    def cell_at(self, place: int) -> tuple[int, int]:
        """The row and column of a place; what parts two cells belongs to the first."""
        row = max(0, bisect_right(self._rows, place, key=lambda one: one.start) - 1)
        inside = place - self._rows[row].start
        cells = self._rows[row].cells
        for column, cell in enumerate(cells):
            length = len(spans_text(cell))
            if inside <= length or column + 1 == len(cells):
                return row, column
            inside -= length + 1
        return row, 0

    @property
    def _gap(self) -> int:
        return self._look.pixels(_BETWEEN_COLUMNS)

    def _measured(self, cells: Row) -> _MeasuredRow:
        is_header = not self._rows
        measure = self._measures[0 if is_header else 1]
        start = 0
        if self._rows:
            above = self._rows[-1]
            start = above.start + sum(len(spans_text(cell)) + 1 for cell in above.cells)
        natural = []
        is_line = []
        for column, cell in enumerate(cells):
            simple = is_simple(cell)
            if simple:
                width, word = measure.width(cell), measure.longest_word(cell)
            else:
                document = SpansDocument(cell, self._look, TextStyle(is_bold=is_header))
                width, word = document.natural_width(), document.minimum_width()
            natural.append(width)
            is_line.append(simple and not any("\n" in span.text for span in cell))
            self._natural[column] = max(self._natural[column], width)
            pixels = self._look.pixels
            least = max(pixels(_LEAST_WIDTH), min(word, pixels(_WIDEST_WORD)))
            self._least[column] = max(self._least[column], least)
        return _MeasuredRow(cells, natural, is_line, start)

    def _row_height(self, row: _MeasuredRow) -> float:
        pixels = self._look.pixels
        line = float(pixels(LINE_PIXELS))
        highest = line
        for column, cell in enumerate(row.cells):
            width = self.widths[column]
            if row.is_line[column] and row.natural[column] <= width:
                continue
            if self._laid_out < _MOST_LAID_OUT or not is_simple(cell):
                self._laid_out += 1
                document = SpansDocument(cell, self._look, self.style(0 if row is self._rows[0] else 1, column))
                document.lay_out(width)
                highest = max(highest, document.height)
            else:
                measure = self._measures[0 if row is self._rows[0] else 1]
                highest = max(highest, line * measure.lines(cell, width))
        return highest + pixels(_ABOVE_TEXT) + pixels(_BELOW_TEXT)
