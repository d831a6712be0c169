"""The rows of a code block as set glyphs: made for the rows that are in view, and kept for a while."""

from bisect import bisect_right

from PySide6.QtGui import QFont, QFontMetricsF

from app.ui.tokens import Tokens
from app.ui.transcript.blocks.code_colours import CodeColours
from app.ui.transcript.blocks.code_piece import CodePiece, formats_for
from app.ui.transcript.blocks.code_rows import PIECE, TAB_COLUMNS, CodeRows, piece_columns
from app.ui.transcript.blocks.line_runs import Run, Runs

_MOST_PIECES = 400  # that stay set


class CodePieces:
    """Rows in pieces of PIECE characters; positions are logical pixels from a row's left, places are the text's."""

    def __init__(self, rows: CodeRows, colours: CodeColours, font: QFont, tokens: Tokens) -> None:
        self._rows = rows
        self._colours = colours
        self._font = font
        self._formats = formats_for(tokens)
        self._pieces: dict[tuple[int, int], CodePiece] = {}  # by row and number in it
        self._offsets: dict[int, list[int]] = {}  # of rows of several pieces, in columns
        self.letter = QFontMetricsF(font).horizontalAdvance("0" * 100) / 100

    def piece(self, index: int, number: int) -> CodePiece:
        """A piece of a row, set with its colours if they are known."""
        key = (index, number)
        piece = self._pieces.get(key)
        if piece is None or not piece.is_coloured:
            row = self._rows.row(index)
            runs = self._colours.runs(row.line)
            if piece is None or runs is not None:
                piece = self._set(
                    row.start + number * PIECE, min(row.start + (number + 1) * PIECE, row.end), row.line, runs
                )
                if len(self._pieces) >= _MOST_PIECES:
                    self._pieces.clear()
                self._pieces[key] = piece
        return piece

    def between(self, index: int, left: float, right: float) -> range:
        """The numbers of the pieces of a row between two positions."""
        return range(self._number_at(index, left), self._number_at(index, right) + 1)

    def left_of(self, index: int, number: int) -> float:
        """Where a piece begins."""
        return self._row_offsets(index)[number] * self.letter

    def x_of(self, index: int, place: int) -> float:
        """Where a place in a row stands; one behind the row stands at its end."""
        row = self._rows.row(index)
        inside = min(place, row.end) - row.start
        number = min(inside // PIECE, len(self._row_offsets(index)) - 2)
        return self.left_of(index, number) + self.piece(index, number).x_of(inside - number * PIECE)

    def place_at(self, index: int, x: float) -> int:
        """The place in a row nearest to a position."""
        number = self._number_at(index, x)
        inside = self.piece(index, number).place_at(x - self.left_of(index, number))
        return self._rows.row(index).start + number * PIECE + inside

    def forget_from(self, first_row: int) -> None:
        """Rows from this one on are no longer what they were."""
        self._pieces = {key: piece for key, piece in self._pieces.items() if key[0] < first_row}
        self._offsets = {row: offsets for row, offsets in self._offsets.items() if row < first_row}

    def _set(self, start: int, end: int, line: int, runs: Runs | None) -> CodePiece:
        own = None
        if runs is not None:
            own = _clipped(runs, start - self._rows.line_start(line), end - self._rows.line_start(line))
        return CodePiece(self._rows.text[start:end], self._font, TAB_COLUMNS * self.letter, own, self._formats)

    def _number_at(self, index: int, x: float) -> int:
        offsets = self._row_offsets(index)
        return min(max(0, bisect_right(offsets, x / self.letter) - 1), len(offsets) - 2)

    def _row_offsets(self, index: int) -> list[int]:
        row = self._rows.row(index)
        if row.end - row.start <= PIECE:
            return [0, 0]
        if index not in self._offsets:
            self._offsets[index] = piece_columns(self._rows.text[row.start : row.end])
        return self._offsets[index]


def _clipped(runs: Runs, start: int, end: int) -> Runs:
    """What of a line's runs stands between two places of it, counted from the first of these."""
    if start == 0 and (not runs or runs[-1].end <= end):
        return runs
    return tuple(
        Run(max(run.start, start) - start, min(run.end, end) - start, run.kind)
        for run in runs
        if run.start < end and run.end > start
    )
