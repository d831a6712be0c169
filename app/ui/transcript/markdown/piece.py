"""The pieces that a message is cut into, and the one that is open."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum, auto

from app.ui.transcript.markdown.containers import ContainerStack
from app.ui.transcript.markdown.content import Containers

MAX_PIECE = 8192  # characters; a longer paragraph is parted
MAX_PIECE_LINES = 200


class PieceKind(Enum):
    """How a piece is read."""

    TEXT = auto()  # by the Markdown parser
    PLAIN = auto()  # as running text: the rest of a line that was too long
    FENCE = auto()
    TABLE = auto()
    MATH = auto()


@dataclass(slots=True)
class Piece:
    """Some lines without the marks of `containers`, in which all of them stand.

    It begins in the message's line `first_line`. Of fenced code `lines` is the opening line alone and
    `text` what follows; of mathematics `text` is the TeX. `opens`: the innermost container is an item or a footnote
    that begins here. `is_open`: the end of a fence or of mathematics has not come.
    """

    kind: PieceKind
    containers: Containers
    first_line: int
    lines: list[str] = field(default_factory=list)
    text: str = ""
    size: int = 0
    opens: bool = False
    is_open: bool = False

    def add(self, line: str) -> None:
        """Take one more line."""
        self.lines.append(line)
        self.size += len(line) + 1

    @property
    def has_room(self) -> bool:
        """Whether another line of text still belongs here."""
        return self.size < MAX_PIECE and len(self.lines) < MAX_PIECE_LINES


class PieceWriter:
    """Holds the open piece and the containers around it, and hands the piece on to `closed` when it is cut off."""

    def __init__(self) -> None:
        self.closed: list[Piece] = []
        self.open: Piece | None = None
        self.stack = ContainerStack()
        self.line_number = 0  # of the line that is being read
        self._opens = False  # whether the next piece is the first in its item or footnote
        self._opened_at = -1  # the line with that item's mark, if nothing else stands in it

    def copy(self) -> PieceWriter:
        """A writer that goes on from here by itself, without the closed pieces."""
        other = PieceWriter()
        vars(other).update(vars(self))
        other.closed = []
        other.stack = self.stack.copy()
        if self.open is not None:
            other.open = replace(self.open, lines=self.open.lines.copy())
        return other

    @property
    def is_empty_start(self) -> bool:
        """Whether the open piece is an item's or a footnote's mark with nothing behind it."""
        piece = self.open
        return piece is not None and piece.opens and not piece.lines and piece.kind is PieceKind.TEXT

    def enter(self, opens: bool) -> None:
        """Note before start() whether the innermost container is an item or a footnote that begins now."""
        self._opens = opens

    def start(self, kind: PieceKind) -> Piece:
        """Open a piece in all open containers; none may be open."""
        first_line = self.line_number if self._opened_at < 0 else self._opened_at
        piece = self.open = Piece(kind, self.stack.containers, first_line, opens=self._opens)
        self._opens, self._opened_at = False, -1
        return piece

    def cut(self, depth: int) -> None:
        """Close the open piece and all containers but the outer `depth`."""
        if self.is_empty_start and depth == len(self.stack) and self.open is not None:
            self._opens, self._opened_at = True, self.open.first_line  # what comes stands beside the mark after all
            self.open = None
        else:
            self.close()
        self.stack.cut(depth)

    def close(self) -> None:
        """Close the open piece, if any is."""
        if self.open is not None:
            self.closed.append(self.open)
        self.open = None

    def split_last_line(self, kind: PieceKind) -> Piece | None:
        """Make the last line of the open piece the first of a piece of another kind; None when there is no line."""
        piece = self.open
        if piece is None or not piece.lines:
            return None
        line = piece.lines.pop()
        if piece.lines:
            self.close()
            piece = self.start(kind)
            piece.first_line -= 1
        piece.kind = kind
        piece.add(line)
        return piece
