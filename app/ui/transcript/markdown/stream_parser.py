"""Reads a message while it is written: blocks that are finished stay as they are, only the last is read again."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.ui.transcript.markdown.clean import Cleaner
from app.ui.transcript.markdown.content import Block, ContainerKind, Row
from app.ui.transcript.markdown.dialect import make_parser
from app.ui.transcript.markdown.footnotes import footnote_of, footnotes_in_order
from app.ui.transcript.markdown.piece import Piece, PieceKind
from app.ui.transcript.markdown.pieces import PieceReader
from app.ui.transcript.markdown.reading import BlockReader
from app.ui.transcript.markdown.running_text import Definitions

MAX_LINE = 8192  # characters; the rest of a longer line is a paragraph of its own, unless it is code


def parse_blocks(text: str) -> tuple[Block, ...]:
    """The blocks of a whole message."""
    parser = StreamParser()
    parser.feed(text)
    parser.finish()
    return tuple(parser.blocks)


@dataclass(slots=True)
class _Read:
    """A piece that is finished, and its blocks; the piece is kept only if a later definition may change them."""

    blocks: list[Block]
    piece: Piece | None


class StreamParser:
    """Takes a message in pieces of any size; after finish() `blocks` are those of parse_blocks(), however it was cut.

    A feed costs the same wherever in the message it comes. Links and footnotes that are defined after their use stay
    text until finish(), and footnotes stand where they are written until then.
    """

    def __init__(self) -> None:
        self._cleaner = Cleaner()
        self._definitions = Definitions()
        self._block_reader = BlockReader(make_parser(), self._definitions)
        self._pieces = PieceReader()
        self._read: list[_Read] = []
        self._partial = ""  # what has come of the last line
        self._is_rest = False  # whether that continues a line that was too long
        self._blocks: list[Block] = []
        self._frozen = 0  # so many blocks stay as they are
        self._shown = 0  # so many of _read are among them
        self._rows: list[Row] = []  # of the open table
        self._rows_of = -1  # its first line

    @property
    def blocks(self) -> Sequence[Block]:
        """All blocks so far; one that is finished stays the same object."""
        return self._blocks

    def feed(self, text: str) -> int:
        """Take more text; the index of the first block that is new, changed or gone (their number if none is)."""
        self._take(self._cleaner.feed(text))
        return self._show(self._tail())

    def finish(self) -> int:
        """Take the end; as feed(). Nothing may be fed any more."""
        self._take(self._cleaner.finish())
        if self._partial:
            self._add_line(self._partial, is_whole=True)
            self._partial = ""
        self._pieces.close()
        self._freeze()
        changed = self._show([])
        if self._definitions:
            changed = min(changed, self._read_again())
        return changed

    def _take(self, text: str) -> None:
        place = 0
        while (end := text.find("\n", place)) >= 0:
            self._partial += text[place:end]
            self._part_long_line()
            self._add_line(self._partial, is_whole=True)
            self._partial = ""
            place = end + 1
        self._partial += text[place:]
        self._part_long_line()

    def _part_long_line(self) -> None:
        line, start = self._partial, 0
        while len(line) - start > MAX_LINE and not self._pieces.is_in_fence:
            end = line.rfind(" ", start + MAX_LINE // 2, start + MAX_LINE) + 1 or start + MAX_LINE
            self._add_line(line[start:end], is_whole=False)
            start = end
        self._partial = line[start:]

    def _add_line(self, line: str, is_whole: bool) -> None:
        self._pieces.add(line, self._is_rest, goes_on=not is_whole)
        self._is_rest = not is_whole
        self._freeze()

    def _freeze(self) -> None:
        """Read the pieces that are finished."""
        for piece in self._pieces.take_closed():
            is_definition = bool(piece.containers) and piece.containers[0].kind is ContainerKind.FOOTNOTE
            if is_definition and piece.opens:
                self._definitions.add_footnote(piece.containers[0].marker)
                self._block_reader.running_text.forget()
            blocks = self._read_piece(piece, is_final=True)
            may_change = any("[" in line for line in piece.lines) and piece.kind is not PieceKind.FENCE
            self._read.append(_Read(blocks, piece if may_change else None))

    def _read_piece(self, piece: Piece, is_final: bool) -> list[Block]:
        if piece.kind is not PieceKind.TABLE:
            return self._block_reader.read(piece, is_final)
        if self._rows_of != piece.first_line:
            self._rows, self._rows_of = [], piece.first_line
        finished = len(piece.lines) if is_final else self._finished_lines(piece)
        for line in piece.lines[2 + len(self._rows) : finished]:
            self._rows.append(self._block_reader.read_row(line, piece.lines[0]))
        more = [self._block_reader.read_row(line, piece.lines[0]) for line in piece.lines[max(2, finished) :]]
        return [self._block_reader.read_table(piece, (*self._rows, *more))]

    def _finished_lines(self, piece: Piece) -> int:
        own = self._pieces.open
        is_same = own is not None and own.kind is PieceKind.TABLE and own.first_line == piece.first_line
        return len(own.lines) if own is not None and is_same else 0

    def _tail(self) -> list[_Read]:
        """The blocks of what is not finished, as if the message ended here."""
        pieces = self._pieces.copy()
        if self._partial and not pieces.may_close_fence(self._partial):
            pieces.add(self._partial, self._is_rest)
        return [
            _Read(self._read_piece(piece, is_final=False), None)
            for piece in (*pieces.take_closed(), *pieces.open_pieces())
        ]

    def _show(self, tail: list[_Read]) -> int:
        """Put what has been read since, and the tail, behind the blocks that stay; the first that is not as it was."""
        start = self._frozen
        finished = self._read[self._shown :]
        fresh = [block for read in (*finished, *tail) for block in read.blocks]
        old = self._blocks[start:]
        blocks = [was if was == block else block for was, block in zip(old, fresh, strict=False)]
        same = next(
            (index for index, (was, block) in enumerate(zip(old, blocks, strict=False)) if was is not block),
            len(blocks),
        )
        blocks += fresh[len(blocks) :]
        self._blocks[start:] = blocks
        self._frozen += sum(len(read.blocks) for read in finished)
        self._shown = len(self._read)
        return start + same

    def _read_again(self) -> int:
        """Read what may name a definition that came after it, and put the footnotes at the end."""
        self._block_reader.running_text.forget()
        self._rows_of = -1
        reads = []
        for read in self._read:
            if read.piece is None:
                reads.append(read)
            else:
                blocks = self._read_piece(read.piece, is_final=True)
                reads.append(_Read(blocks, None))
        places = {
            label: place for place, label in enumerate(footnotes_in_order(b for read in reads for b in read.blocks))
        }
        self._read = sorted(reads, key=lambda read: _place(read, places))
        self._frozen = self._shown = 0
        return self._show([])


def _place(read: _Read, footnotes: dict[str, int]) -> int:
    """Where blocks stand: -1 in the text, else the place of their footnote behind it."""
    label = footnote_of(read.blocks[0]) if read.blocks else None
    return -1 if label is None else footnotes[label]
