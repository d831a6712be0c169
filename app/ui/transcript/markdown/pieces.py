"""Cuts a message, line by line, into pieces that can be read one by one; containers are peeled off on the way."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from app.ui.transcript.markdown.containers import ContainerStack
from app.ui.transcript.markdown.content import Containers
from app.ui.transcript.markdown.lines import (
    CODE_INDENT,
    FENCE,
    FOOTNOTE,
    HEADING,
    RULE,
    UNDERLINE,
    Marker,
    Place,
    inside_quote,
    item_marker,
)
from app.ui.transcript.markdown.tables import begins_table, cells

MAX_DEPTH = 16  # containers in containers; what would stand deeper is text
MAX_PIECE = 8192  # characters; a longer paragraph is parted
MAX_PIECE_LINES = 200
MAX_MATH = 4096  # characters
MAX_MISSING_CELLS = 1 << 16  # in all rows of a table
_LAZY_MARKS = "=-|:"  # with these in front a line could turn the paragraph that it continues into something else
_MATH_ENDS = {"$$": "$$", "\\[": "\\]"}


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

    The message's lines from `first_line` up to `end_line` say it. Of fenced code `lines` is the opening line alone and
    `text` what follows; of mathematics `text` is the TeX. `opens`: the innermost container is an item or a footnote
    that begins here. `is_open`: the end of a fence or of mathematics has not come.
    """

    kind: PieceKind
    containers: Containers
    first_line: int
    end_line: int = 0
    lines: list[str] = field(default_factory=list)
    text: str = ""
    size: int = 0
    opens: bool = False
    is_open: bool = False

    def add(self, line: str) -> None:
        """Take one more line."""
        self.lines.append(line)
        self.size += len(line) + 1


class _Leaf(Enum):
    """What the line before belongs to, as far as the next line cares."""

    NONE = auto()
    PARAGRAPH = auto()
    CODE = auto()
    FENCE = auto()
    TABLE = auto()


@dataclass(frozen=True, slots=True)
class _Fence:
    mark: str
    length: int
    indent: int

    def is_closed_by(self, place: Place) -> bool:
        text = place.text.strip(" \t")
        return len(text) >= self.length and not text.strip(self.mark) and place.indent() < CODE_INDENT


@dataclass(frozen=True, slots=True)
class _OpenMath:
    """Lines that are mathematics when the end comes, else text; all but the first as they stand in the message."""

    end: str
    first: Place
    lines: tuple[str, ...] = ()
    tex: tuple[str, ...] = ()


class PieceReader:
    """Takes lines one after the other; what pieces come out depends on nothing but the lines.

    `closed` collects finished pieces for the caller to take away, `open` is the last one. The rules are CommonMark's
    and GitHub's for what begins and ends a block. A line costs the same whatever stands before it.
    """

    def __init__(self) -> None:
        self.closed: list[Piece] = []
        self.open: Piece | None = None
        self.line_number = 0
        self._stack = ContainerStack()
        self._leaf = _Leaf.NONE
        self._is_after_blank = False
        self._fence = _Fence("`", 3, 0)
        self._math: _OpenMath | None = None
        self._opens = False  # whether the next piece is the first in its item or footnote
        self._opened_at = -1  # the line with that item's mark, if nothing else stands in it
        self._columns = 0
        self._missing_cells = 0

    def copy(self) -> PieceReader:
        """A reader that goes on from here by itself, without the closed pieces."""
        other = PieceReader()
        vars(other).update(vars(self))
        other.closed = []
        other._stack = self._stack.copy()
        if self.open is not None:
            other.open = replace(self.open, lines=self.open.lines.copy())
        return other

    def open_pieces(self) -> list[Piece]:
        """What is not finished, as it is so far."""
        pieces = [] if self.open is None else [self.open]
        if self._math is not None:
            tex = "\n".join(self._math.tex).strip()
            pieces.append(Piece(PieceKind.MATH, self._stack.containers, self.line_number, text=tex, is_open=True))
        return pieces

    @property
    def is_in_fence(self) -> bool:
        """Whether the next line is code, if it does not end the fence."""
        return self._leaf is _Leaf.FENCE

    def may_close_fence(self, start: str) -> bool:
        """Whether a line that begins so may yet become the end of the open fence."""
        text = start.strip(" \t>")
        return self.is_in_fence and bool(text) and not text.strip(self._fence.mark)

    def add(self, line: str, is_rest: bool = False, goes_on: bool = False) -> None:
        """Take the next line, without its end.

        A line that is too long comes in parts: `goes_on` in all but the last, `is_rest` in all but the first.
        """
        waiting = deque([line])
        while waiting:
            line = waiting.popleft()
            if self._math is not None:
                waiting.extendleft(reversed(self._add_to_math(line, is_rest and not waiting)))
            elif is_rest and not waiting and not self.is_in_fence:
                self._add_rest(line)
            else:
                self._add_line(line)
        if goes_on and self._math is None and not self.is_in_fence:
            self._cut(len(self._stack))

    def close(self) -> None:
        """Take the end of the message."""
        while self._math is not None:
            for line in self._give_up_math():
                self.add(line)
        self._close_piece()

    def _add_line(self, line: str) -> None:
        depth, place = self._stack.match(Place(line))
        if self._leaf is _Leaf.FENCE and depth == len(self._stack):
            self._add_to_fence(place)
        elif place.is_blank:
            self._add_blank(depth)
        else:
            if self._leaf is _Leaf.FENCE:
                self._leaf = _Leaf.NONE
            if place.indent() >= CODE_INDENT:
                self._add_indented(depth, place)
            elif not self._begin(depth, place):
                self._add_text(depth, place)
            self._is_after_blank = False
        if self._math is None:
            self.line_number += 1

    def _add_rest(self, line: str) -> None:
        self._cut(len(self._stack))
        self._start(PieceKind.PLAIN).add(line)
        self.line_number += 1
        self._close_piece()
        self._leaf = _Leaf.NONE

    def _add_blank(self, depth: int) -> None:
        self._is_after_blank = True
        if depth < len(self._stack):  # a quote ends at a line without its mark
            self._cut(depth)
        elif self._leaf is _Leaf.CODE and self.open is not None:
            self.open.add("")
        else:
            if self._is_empty_start():
                self._stack.bar_innermost()
            self._close_piece()
            self._leaf = _Leaf.NONE

    def _add_indented(self, depth: int, place: Place) -> None:
        if self._leaf is _Leaf.PARAGRAPH:
            self._continue_text(depth, place)
        elif self._leaf is _Leaf.CODE and depth == len(self._stack) and self._has_room():
            self._keep(place)
        else:
            self._cut(depth)
            self._start_code(place)

    def _start_code(self, place: Place) -> None:
        self._start(PieceKind.TEXT).add(place.leaf_text())
        self._leaf = _Leaf.CODE

    def _begin(self, depth: int, place: Place) -> bool:
        """Whether the line certainly begins something, or ends a paragraph as its underline; then it is taken."""
        is_in_paragraph = self._leaf is _Leaf.PARAGRAPH and depth == len(self._stack)
        if is_in_paragraph and UNDERLINE.match(place.text):
            self._keep(place)
            self._leaf = _Leaf.NONE
        elif FENCE.match(place.text) or HEADING.match(place.text) or RULE.match(place.text):
            self._cut(depth)
            self._start_leaf(place)
        elif depth < MAX_DEPTH and (inside := inside_quote(place)) is not None:
            self._cut(depth)
            self._stack.open_quote()
            self._start_inside(inside, opens=False)
        elif depth < MAX_DEPTH and (marker := item_marker(place)) and self._may_begin(marker, is_in_paragraph):
            self._open_item(depth, marker)
        elif depth == 0 and (match := FOOTNOTE.match(place.text)) and not self._is_lazy_in_quote(depth):
            self._cut(depth)
            self._stack.open_footnote(match[1])
            self._start_inside(Place(place.text[match.end() :].lstrip(" \t")), opens=True)
        else:
            return False
        return True

    def _may_begin(self, marker: Marker, is_in_paragraph: bool) -> bool:
        return not is_in_paragraph or (not marker.rest.is_blank and marker.value in (None, 1))

    def _is_lazy_in_quote(self, depth: int) -> bool:
        return self._leaf is _Leaf.PARAGRAPH and self._stack.has_quote_from(depth)

    def _open_item(self, depth: int, marker: Marker) -> None:
        if depth < len(self._stack):
            self._close_piece()  # the stack looks at the item that this one follows before it closes it
        else:
            self._cut(depth)
        self._stack.open_item(depth, marker, self._is_after_blank)
        self._start_inside(marker.rest, opens=True)

    def _start_inside(self, place: Place, opens: bool) -> None:
        """Read on in a line behind the mark of a container that has begun in it."""
        while not place.is_blank and place.indent() < CODE_INDENT and len(self._stack) < MAX_DEPTH:
            if RULE.match(place.text):
                break
            if (inside := inside_quote(place)) is not None:
                self._stack.open_quote()
                place, opens = inside, False
            elif marker := item_marker(place):
                self._stack.open_item(len(self._stack), marker, is_after_blank=False)
                place, opens = marker.rest, True
            else:
                break
        self._leaf = _Leaf.NONE
        self._opens = opens
        if place.is_blank:
            if opens:
                self._start(PieceKind.TEXT)
        elif place.indent() >= CODE_INDENT:
            self._start_code(place)
        else:
            self._start_leaf(place)

    def _start_leaf(self, place: Place) -> None:
        """A block without containers of its own begins; whatever was open before is closed."""
        if match := FENCE.match(place.text):
            self._fence = _Fence(match[1][0], len(match[1]), place.indent())
            piece = self._start(PieceKind.FENCE)
            piece.is_open = True
            piece.add(match[2])
            self._leaf = _Leaf.FENCE
        elif HEADING.match(place.text) or RULE.match(place.text):
            self._start(PieceKind.TEXT).add(place.leaf_text())
            self._close_piece(self.line_number + 1)
            self._leaf = _Leaf.NONE
        elif not self._begin_math(place):
            self._start(PieceKind.TEXT).add(place.leaf_text())
            self._leaf = _Leaf.PARAGRAPH

    def _add_text(self, depth: int, place: Place) -> None:
        is_inside = depth == len(self._stack)
        if self._leaf is _Leaf.PARAGRAPH and is_inside and self._begin_math(place):
            return
        if self._leaf is _Leaf.PARAGRAPH and is_inside and self._turn_into_table(place):
            return
        if self._leaf is _Leaf.PARAGRAPH:
            self._continue_text(depth, place)
        elif self._leaf is _Leaf.TABLE and is_inside and self.open is not None:
            self._missing_cells += self._columns - len(cells(place.text))
            if self._missing_cells > MAX_MISSING_CELLS:
                self._cut(depth)
                self._start_leaf(place)
            else:
                self.open.add(place.text)
        else:
            self._cut(depth)
            self._start_leaf(place)

    def _continue_text(self, depth: int, place: Place) -> None:
        if not self._has_room():
            self._cut(len(self._stack))
            self._start(PieceKind.TEXT)
        if depth < len(self._stack) and self.open is not None:
            text = place.text.lstrip(" \t")
            self.open.add("\\" + text if text[0] in _LAZY_MARKS else text)
        else:
            self._keep(place)
        self._leaf = _Leaf.PARAGRAPH

    def _keep(self, place: Place) -> None:
        if self.open is not None:
            self.open.add(place.leaf_text())

    def _has_room(self) -> bool:
        return self.open is not None and self.open.size < MAX_PIECE and len(self.open.lines) < MAX_PIECE_LINES

    def _turn_into_table(self, place: Place) -> bool:
        """When the line says that the one before it is a table's heading, go on with a table from there."""
        piece = self.open
        if piece is None or not piece.lines or not begins_table(piece.lines[-1], place.text):
            return False
        heading = piece.lines.pop()
        if piece.lines:
            self._close_piece(self.line_number - 1)
            piece = self._start(PieceKind.TABLE)
            piece.first_line -= 1
        piece.kind = PieceKind.TABLE
        piece.add(heading)
        piece.add(place.text)
        self._columns = len(cells(heading))
        self._missing_cells = 0
        self._leaf = _Leaf.TABLE
        return True

    def _add_to_fence(self, place: Place) -> None:
        piece = self.open
        if piece is None:
            return
        if not place.is_blank and self._fence.is_closed_by(place):
            piece.is_open = False
            self._leaf = _Leaf.NONE
            self._close_piece(self.line_number + 1)
        else:
            piece.text += place.without_indent(self._fence.indent)[0].text + "\n"

    def _begin_math(self, place: Place) -> bool:
        """Whether the line begins mathematics of its own, which may turn out to be text after all."""
        text = place.text.strip(" \t")
        end = _MATH_ENDS.get(text[:2])
        if end is None:
            return False
        closing = text.find(end, 2)
        if closing < 0:
            self._math = _OpenMath(end, place, tex=(text[2:],))
            return True
        if closing + 2 < len(text) or not text[2:closing].strip():
            return False
        self._add_math(text[2:closing].strip(), self.line_number + 1)
        return True

    def _add_to_math(self, line: str, is_rest: bool) -> list[str]:
        """Take a line that may belong to mathematics; the lines to be read anew when now they prove to be none."""
        math = self._math
        if math is None:
            return [line]
        depth, place = self._stack.match(Place(line))
        text = place.text.strip(" \t")
        closing = text.find(math.end)
        size = sum(map(len, math.tex)) + len(text)
        is_math = depth == len(self._stack) and text and not is_rest and size < MAX_MATH
        if not is_math or 0 <= closing < len(text) - 2:
            return [*self._give_up_math(), line]
        if closing < 0:
            self._math = replace(math, lines=(*math.lines, line), tex=(*math.tex, text))
            return []
        tex = "\n".join((*math.tex, text[:closing])).strip()
        self._math = None
        self._add_math(tex, self.line_number + len(math.lines) + 2)
        self.line_number += len(math.lines) + 2
        return []

    def _give_up_math(self) -> list[str]:
        """Read as text what seemed to begin mathematics; the lines after it are to be read anew."""
        math, self._math = self._math, None
        if math is None:
            return []
        if self._leaf is _Leaf.PARAGRAPH:
            self._continue_text(len(self._stack), math.first)
        else:
            self._start(PieceKind.TEXT).add(math.first.leaf_text())
            self._leaf = _Leaf.PARAGRAPH
        self.line_number += 1
        return list(math.lines)

    def _add_math(self, tex: str, end_line: int) -> None:
        self._cut(len(self._stack))
        self._start(PieceKind.MATH).text = tex
        self._close_piece(end_line)

    def _is_empty_start(self) -> bool:
        piece = self.open
        return piece is not None and piece.opens and not piece.lines and piece.kind is PieceKind.TEXT

    def _start(self, kind: PieceKind) -> Piece:
        first_line = self.line_number if self._opened_at < 0 else self._opened_at
        self.open = Piece(kind, self._stack.containers, first_line, opens=self._opens)
        self._opens, self._opened_at = False, -1
        return self.open

    def _cut(self, depth: int) -> None:
        """Close the open piece and all containers but the outer `depth`."""
        if self._is_empty_start() and depth == len(self._stack) and self.open is not None:
            self._opens, self._opened_at = True, self.open.first_line  # what comes stands beside the mark after all
            self.open = None
        else:
            self._close_piece()
        self._stack.cut(depth)
        self._leaf = _Leaf.NONE

    def _close_piece(self, end_line: int | None = None) -> None:
        if self.open is not None:
            self.open.end_line = self.line_number if end_line is None else end_line
            self.closed.append(self.open)
        self.open = None
