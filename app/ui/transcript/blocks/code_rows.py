"""Code cut into lines, and these into the rows and pieces that are shown, by counting columns alone."""

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

TAB_COLUMNS = 4
PIECE = 500  # the most characters that are set at once
_LONG = 20_000  # a line with more characters than this is wrapped without a look at each of them
_WIDE = re.compile(
    "[\u1100-\u115f\u231a-\u23ff\u2600-\u27bf\u2e80-\ua4cf\ua960-\ua97c\uac00-\ud7ff"
    "\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\U0001f000-\U0003fffd]+"
)


def columns_of(piece: str) -> int:
    """How many columns of a fixed width a text takes at most, from a tab stop on."""
    if not piece.isascii():
        piece = _WIDE.sub(lambda run: run[0] * 2, piece)
    return len(piece.expandtabs(TAB_COLUMNS)) if "\t" in piece else len(piece)


def piece_columns(line: str) -> list[int]:
    """The columns at which a line's pieces of PIECE characters begin, and last where the line ends."""
    columns = [0]
    for start in range(0, max(1, len(line)), PIECE):
        columns.append(columns[-1] + columns_of(line[start : start + PIECE]))
    return columns


def wrap_points(line: str, columns: int) -> list[int]:
    """Where the rows begin into which a line breaks: behind spaces where it can, `columns` wide at most."""
    if len(line) <= columns and columns_of(line) <= columns:
        return [0]
    if line.isascii() and "\t" not in line:
        return _wrapped(line, columns, lambda _start: columns)
    if len(line) > _LONG:
        few = max(1, columns // (TAB_COLUMNS if "\t" in line else 2))
        return _wrapped(line, few, lambda _start: few)
    return _wrapped(line, 0, lambda start: _fitting(line, start, columns))


def _wrapped(line: str, most_at_end: int, fitting: Callable[[int], int]) -> list[int]:
    """Rows of as many characters as fit at a place; `most_at_end` characters fit everywhere."""
    points = [0]
    start = 0
    while len(line) - start > most_at_end:
        end = start + fitting(start)
        if end >= len(line):
            break
        if line[end] == " ":
            start = end + 1  # the space hangs over the edge
        else:
            space = line.rfind(" ", start + (end - start) // 3, end)
            start = space + 1 if space >= 0 else end
        points.append(start)
    return points


def _fitting(line: str, start: int, columns: int) -> int:
    """How many characters from `start` on fit into the columns, at least one."""
    fits, too_many = 1, columns + 1
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        if columns_of(line[start : start + middle]) <= columns:
            fits = middle
        else:
            too_many = middle
    return fits


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A row as it is shown: the characters from `start` up to `end` of the text, in the line number `line`."""

    line: int
    start: int
    end: int


class CodeRows:
    """The lines and rows of a text that may grow at its end; places count its characters, lines and rows from 0."""

    def __init__(self, text: str) -> None:
        self.text = ""
        self._columns = 0  # 0: lines are not wrapped
        self._line_starts = [0]
        self._row_starts = [0]
        self._row_lines = [0]
        self._widest_above = 0  # in columns, of all lines but the last
        self._append(text, 0)

    @property
    def line_count(self) -> int:
        """At least 1."""
        return len(self._line_starts)

    @property
    def row_count(self) -> int:
        """At least as many as lines."""
        return len(self._row_starts) if self._columns else self.line_count

    @property
    def widest(self) -> int:
        """The columns of the widest line."""
        return max(self._widest_above, piece_columns(self.line(self.line_count - 1))[-1])

    def line(self, index: int) -> str:
        """The text of a line, without its break."""
        return self.text[self._line_starts[index] : self._line_end(index)]

    def line_start(self, index: int) -> int:
        """The place at which a line begins."""
        return self._line_starts[index]

    def row(self, index: int) -> CodeRow:
        """What a row shows."""
        if not self._columns:
            return CodeRow(index, self._line_starts[index], self._line_end(index))
        line = self._row_lines[index]
        is_last = index + 1 == len(self._row_starts) or self._row_lines[index + 1] != line
        return CodeRow(line, self._row_starts[index], self._line_end(line) if is_last else self._row_starts[index + 1])

    def row_at(self, place: int) -> int:
        """The row in which a place stands; one between two rows of a line belongs to the second."""
        return max(0, bisect_right(self._row_starts if self._columns else self._line_starts, place) - 1)

    def wrap(self, columns: int) -> bool:
        """Break lines into rows that are so many columns wide (0: each line is a row); whether that is new."""
        if columns == self._columns:
            return False
        self._columns = columns
        self._row_starts, self._row_lines = [], []
        self._wrap_from(0)
        return True

    def change(self, text: str) -> int:
        """Take a later state of the text; returns the first line that is not as before."""
        kept = self._kept_lines(text)
        first_row = self.row_at(self._line_starts[kept])
        del self._line_starts[kept + 1 :]
        del self._row_starts[first_row:], self._row_lines[first_row:]
        if kept == 0:
            self._widest_above = 0
        self._append(text, kept)
        return kept

    def _kept_lines(self, text: str) -> int:
        """How many lines stay; of a text that only grows, or loses what stood on its last lines, all those above."""
        for back in (1, 2, 3):
            if back > self.line_count:
                break
            if text.startswith(self.text[: self._line_starts[-back]]):
                return self.line_count - back
        return 0

    def _append(self, text: str, first: int) -> None:
        """Cut what follows the start of the line `first`, which is the last that is known."""
        self.text = text
        start = self._line_starts[first]
        for line in text[start:].split("\n")[:-1]:
            start += len(line) + 1
            self._line_starts.append(start)
            self._widest_above = max(self._widest_above, piece_columns(line)[-1])
        self._wrap_from(first)

    def _wrap_from(self, first: int) -> None:
        if not self._columns:
            return
        for index in range(first, self.line_count):
            points = wrap_points(self.line(index), self._columns)
            self._row_starts += (self._line_starts[index] + point for point in points)
            self._row_lines += [index] * len(points)

    def _line_end(self, index: int) -> int:
        return self._line_starts[index + 1] - 1 if index + 1 < len(self._line_starts) else len(self.text)
