"""Cuts a message, line by line, into pieces that can be read one by one; containers are peeled off on the way."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum, auto

from app.ui.transcript.markdown.lines import (
    CODE_INDENT,
    FENCE,
    FOOTNOTE,
    HEADING,
    RULE,
    UNDERLINE,
    LineRest,
    Marker,
    inside_quote,
    item_marker,
)
from app.ui.transcript.markdown.open_math import OpenMath, begun_math
from app.ui.transcript.markdown.piece import Piece, PieceKind, PieceWriter
from app.ui.transcript.markdown.tables import begins_table, cells

MAX_DEPTH = 16  # containers in containers; what would stand deeper is text
MAX_MISSING_CELLS = 1 << 16  # in all rows of a table
_LAZY_MARKS = "=-|:"  # with these in front a line could turn the paragraph that it continues into something else


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

    def is_closed_by(self, place: LineRest) -> bool:
        text = place.text.strip(" \t")
        return len(text) >= self.length and not text.strip(self.mark) and place.indent() < CODE_INDENT


class PieceReader:
    """Takes lines one after the other; what pieces come out depends on nothing but the lines.

    The rules are CommonMark's and GitHub's for what begins and ends a block. A line costs the same whatever stands
    before it.
    """

    def __init__(self) -> None:
        self._writer = PieceWriter()
        self._leaf = _Leaf.NONE
        self._is_after_blank = False
        self._fence = _Fence("`", 3, 0)
        self._math: OpenMath | None = None
        self._columns = 0
        self._missing_cells = 0

    def copy(self) -> PieceReader:
        """A reader that goes on from here by itself, without the closed pieces."""
        other = PieceReader()
        vars(other).update(vars(self))
        other._writer = self._writer.copy()
        return other

    @property
    def open(self) -> Piece | None:
        """The piece that the next line may belong to."""
        return self._writer.open

    def take_closed(self) -> list[Piece]:
        """The pieces that were finished since the last call."""
        closed, self._writer.closed = self._writer.closed, []
        return closed

    def open_pieces(self) -> list[Piece]:
        """What is not finished, as it is so far."""
        writer = self._writer
        pieces = [] if writer.open is None else [writer.open]
        if self._math is not None:
            containers, line = writer.stack.containers, writer.line_number
            pieces.append(Piece(PieceKind.MATH, containers, line, text=self._math.source, is_open=True))
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
                waiting.extendleft(reversed(self._add_to_math(self._math, line, is_rest and not waiting)))
            elif is_rest and not waiting and not self.is_in_fence:
                self._add_rest(line)
            else:
                self._add_line(line)
        if goes_on and self._math is None and not self.is_in_fence:
            self._cut(len(self._writer.stack))

    def close(self) -> None:
        """Take the end of the message."""
        while self._math is not None:
            for line in self._give_up(self._math):
                self.add(line)
        self._writer.close()

    def _add_line(self, line: str) -> None:
        depth, place = self._writer.stack.match(LineRest(line))
        if self._leaf is _Leaf.FENCE and depth == len(self._writer.stack):
            self._add_to_fence(place)
        elif place.is_blank:
            self._add_blank(depth)
        else:
            self._add_filled(depth, place.spaced())
        if self._math is None:
            self._writer.line_number += 1

    def _add_filled(self, depth: int, place: LineRest) -> None:
        if self._leaf is _Leaf.FENCE:
            self._leaf = _Leaf.NONE
        if place.indent() >= CODE_INDENT:
            self._add_indented(depth, place)
        elif not self._begin(depth, place):
            self._add_text(depth, place)
        self._is_after_blank = False

    def _add_rest(self, line: str) -> None:
        self._cut(len(self._writer.stack))
        self._writer.start(PieceKind.PLAIN).add(line)
        self._writer.line_number += 1
        self._writer.close()

    def _add_blank(self, depth: int) -> None:
        writer = self._writer
        self._is_after_blank = True
        if depth < len(writer.stack):  # a quote ends at a line without its mark
            self._cut(depth)
        elif self._leaf is _Leaf.CODE and writer.open is not None:
            writer.open.add("")
        else:
            if writer.is_empty_start:
                writer.stack.bar_innermost()
            writer.close()
            self._leaf = _Leaf.NONE

    def _add_indented(self, depth: int, place: LineRest) -> None:
        piece = self.open
        if self._leaf is _Leaf.PARAGRAPH:
            self._continue_text(depth, place)
        elif self._leaf is _Leaf.CODE and depth == len(self._writer.stack) and piece is not None and piece.has_room:
            piece.add(place.text)
        else:
            self._cut(depth)
            self._start_text(place, _Leaf.CODE)

    def _begin(self, depth: int, place: LineRest) -> bool:
        """Whether the line certainly begins something, or ends a paragraph as its underline; then it is taken."""
        is_in_paragraph = self._leaf is _Leaf.PARAGRAPH and depth == len(self._writer.stack)
        if is_in_paragraph and UNDERLINE.match(place.text) and self.open is not None:
            if not self._turn_into_table(place):
                self.open.add(place.text)
                self._leaf = _Leaf.NONE
        elif FENCE.match(place.text) or HEADING.match(place.text) or RULE.match(place.text):
            self._cut(depth)
            self._start_leaf(place)
        else:
            return depth < MAX_DEPTH and self._begin_container(depth, place, is_in_paragraph)
        return True

    def _begin_container(self, depth: int, place: LineRest, is_in_paragraph: bool) -> bool:
        writer = self._writer
        if (inside := inside_quote(place)) is not None:
            self._cut(depth)
            writer.stack.open_quote()
            self._start_inside(inside, opens=False)
        elif (marker := item_marker(place)) and (not is_in_paragraph or _may_interrupt(marker)):
            if depth < len(writer.stack):
                writer.close()  # the stack looks at the item that this one follows before it closes it
            else:
                self._cut(depth)
            writer.stack.open_item(depth, marker, self._is_after_blank)
            self._start_inside(marker.rest, opens=True)
        elif (match := FOOTNOTE.match(place.text)) and not self._is_lazy_in_quote(depth):
            self._cut(depth)
            writer.stack.open_footnote(match[1])
            self._start_inside(LineRest(place.text[match.end() :].lstrip(" \t")), opens=True)
        else:
            return False
        return True

    def _is_lazy_in_quote(self, depth: int) -> bool:
        return self._leaf is _Leaf.PARAGRAPH and self._writer.stack.has_quote_from(depth)

    def _start_inside(self, place: LineRest, opens: bool) -> None:
        """Read on in a line behind the mark of a container that has begun in it."""
        stack = self._writer.stack
        place = place.spaced()
        while not place.is_blank and place.indent() < CODE_INDENT and len(stack) < MAX_DEPTH:
            if RULE.match(place.text):
                break
            if (inside := inside_quote(place)) is not None:
                stack.open_quote()
                place, opens = inside.spaced(), False
            elif marker := item_marker(place):
                stack.open_item(len(stack), marker, is_after_blank=False)
                place, opens = marker.rest.spaced(), True
            elif match := FOOTNOTE.match(place.text):
                stack.open_footnote(match[1])
                place, opens = LineRest(place.text[match.end() :].lstrip(" \t")), True
            else:
                break
        self._leaf = _Leaf.NONE
        self._writer.enter(opens)
        if place.is_blank:
            if opens:
                self._writer.start(PieceKind.TEXT)
        elif place.indent() >= CODE_INDENT:
            self._start_text(place, _Leaf.CODE)
        else:
            self._start_leaf(place)

    def _start_leaf(self, place: LineRest) -> None:
        """A block without containers of its own begins; what was open before is closed."""
        writer = self._writer
        if match := FENCE.match(place.text):
            self._fence = _Fence(match[1][0], len(match[1]), place.indent())
            piece = writer.start(PieceKind.FENCE)
            piece.is_open = True
            piece.add(match[2])
            self._leaf = _Leaf.FENCE
        elif HEADING.match(place.text) or RULE.match(place.text):
            writer.start(PieceKind.TEXT).add(place.text)
            writer.close()
        elif not self._begin_math(place):
            self._start_text(place, _Leaf.PARAGRAPH)

    def _start_text(self, place: LineRest, leaf: _Leaf) -> None:
        self._writer.start(PieceKind.TEXT).add(place.text)
        self._leaf = leaf

    def _add_text(self, depth: int, place: LineRest) -> None:
        """Take a line that begins nothing by itself."""
        is_inside = depth == len(self._writer.stack)
        if self._leaf is _Leaf.PARAGRAPH:
            if not (is_inside and (self._begin_math(place) or self._turn_into_table(place))):
                self._continue_text(depth, place)
        elif self._leaf is _Leaf.TABLE and is_inside and self._has_room_for_row(place):
            if self.open is not None:
                self.open.add(place.text)
        else:
            self._cut(depth)
            self._start_leaf(place)

    def _has_room_for_row(self, place: LineRest) -> bool:
        self._missing_cells += self._columns - len(cells(place.text))
        return self._missing_cells <= MAX_MISSING_CELLS

    def _continue_text(self, depth: int, place: LineRest) -> None:
        writer = self._writer
        piece = writer.open
        if piece is None or not piece.has_room:
            self._cut(len(writer.stack))
            piece = writer.start(PieceKind.TEXT)
            self._leaf = _Leaf.PARAGRAPH
        text = place.text
        if depth < len(writer.stack) and place.indent() < CODE_INDENT:
            text = text.lstrip(" ")
            text = "\\" + text if text[0] in _LAZY_MARKS else text
        piece.add(text)

    def _turn_into_table(self, place: LineRest) -> bool:
        """When the line says that the one before it is a table's heading, go on with a table from there."""
        if self.open is None or not self.open.lines or not begins_table(self.open.lines[-1], place.text):
            return False
        piece = self._writer.split_last_line(PieceKind.TABLE)
        if piece is None:
            return False
        self._columns = len(cells(piece.lines[0]))
        self._missing_cells = 0
        piece.add(place.text)
        self._leaf = _Leaf.TABLE
        return True

    def _add_to_fence(self, place: LineRest) -> None:
        piece = self.open
        if piece is None:
            return
        if not place.is_blank and self._fence.is_closed_by(place):
            piece.is_open = False
            self._leaf = _Leaf.NONE
            self._writer.close()
        else:
            piece.text += place.without_indent(self._fence.indent)[0].text + "\n"

    def _begin_math(self, place: LineRest) -> bool:
        """Whether the line begins mathematics of its own, which may turn out to be text after all."""
        math = begun_math(place)
        if math is None:
            return False
        if math.is_closed:
            self._add_math(math)
        else:
            self._math = math
        return True

    def _add_to_math(self, math: OpenMath, line: str, is_rest: bool) -> list[str]:
        """Take a line that may belong to mathematics; the lines to be read anew when now they prove to be none."""
        stack = self._writer.stack
        depth, place = stack.match(LineRest(line))
        further = math.followed_by(line, place.text) if depth == len(stack) and not is_rest else None
        if further is None:
            return [*self._give_up(math), line]
        self._math = further
        if further.is_closed:
            self._math = None
            self._add_math(further)
            self._writer.line_number += 1 + len(further.lines)
        return []

    def _give_up(self, math: OpenMath) -> list[str]:
        """Read as text what seemed to begin mathematics; the lines after it are to be read anew."""
        self._math = None
        if self._leaf is _Leaf.PARAGRAPH:
            self._continue_text(len(self._writer.stack), math.first)
        else:
            self._start_text(math.first, _Leaf.PARAGRAPH)
        self._writer.line_number += 1
        return list(math.lines)

    def _add_math(self, math: OpenMath) -> None:
        self._cut(len(self._writer.stack))
        self._writer.start(PieceKind.MATH).text = math.source
        self._writer.close()

    def _cut(self, depth: int) -> None:
        self._writer.cut(depth)
        self._leaf = _Leaf.NONE


def _may_interrupt(marker: Marker) -> bool:
    """Whether an item may begin right under a paragraph, where most numbers belong to the text."""
    return not marker.rest.is_blank and marker.value in (None, 1)
