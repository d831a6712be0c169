"""Which cell of a table a place in its reading text belongs to."""

from bisect import bisect_right

from app.ui.transcript.markdown.content import Row, Table, spans_text


class TablePlaces:
    """The rows of a table, the header's first, and where each begins in the text: counted as far as is asked for."""

    def __init__(self, table: Table) -> None:
        self.rows: tuple[Row, ...] = ()
        self._starts: list[int] = []
        self.change(table)

    def change(self, table: Table) -> int:
        """Take a later state of the table; returns the first row that is not as before."""
        before, self.rows = self.rows, (table.header, *table.rows)
        kept = 0
        # While a table is written its upper rows stay the same objects, so that this costs next to nothing.
        for old, new in zip(before, self.rows, strict=False):
            if old is not new and old != new:
                break
            kept += 1
        del self._starts[kept + 1 :]
        return kept

    def start_of(self, row: int, column: int) -> int:
        """The place at which a cell begins."""
        self._count_to(row)
        return self._starts[row] + sum(len(spans_text(cell)) + 1 for cell in self.rows[row][:column])

    def end_of(self, row: int) -> int:
        """The place at which the text of a row ends."""
        return self.start_of(row, len(self.rows[row])) - 1

    def cell_at(self, place: int) -> tuple[int, int]:
        """The row and column of a place; what parts two cells belongs to the first."""
        while len(self._starts) < len(self.rows) and (not self._starts or self._starts[-1] <= place):
            self._count_to(len(self._starts))
        row = max(0, bisect_right(self._starts, place) - 1)
        inside = place - self._starts[row]
        cells = self.rows[row]
        for column, cell in enumerate(cells):
            length = len(spans_text(cell))
            if inside <= length:
                return row, column
            inside -= length + 1
        return row, len(cells) - 1

    def _count_to(self, row: int) -> None:
        if not self._starts:
            self._starts.append(0)
        while len(self._starts) <= row:
            above = self.rows[len(self._starts) - 1]
            self._starts.append(self._starts[-1] + sum(len(spans_text(cell)) + 1 for cell in above))
