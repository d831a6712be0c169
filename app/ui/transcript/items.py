"""What the transcript consists of: turns and the line between them, each a stack of parts that are painted or real."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from app.ui.transcript.blocks.painted import Look, PaintedBlock
from app.ui.transcript.column import BlockColumn, Marks
from app.ui.transcript.markdown.content import reading_text
from app.ui.transcript.remark import Remark

NO_MARKS: Marks = {}


class WidgetPart:
    """A real widget in the stack, made while it is in view; `height` is in logical pixels whether or not it is.

    Where it is not in view `give_back` gets it, hidden; without one it is deleted. At the right it stands out of the
    column by `overhang` pixels of the design.
    """

    def __init__(
        self,
        height: float,
        make: Callable[[QWidget], QWidget],
        give_back: Callable[[QWidget], None] | None = None,
        overhang: float = 0.0,
    ) -> None:
        self.height = height
        self.make = make
        self.give_back = give_back
        self.overhang = overhang


class Feet(Protocol):
    """Where turns get what stands below them."""

    def make(self, turn: "TranscriptItem", parent: QWidget) -> QWidget:
        """A foot that shows what can be done with `turn`."""

    def give_back(self, widget: QWidget) -> None:
        """Take a foot that is no longer in view."""


Part = BlockColumn | Remark | WidgetPart


@dataclass(slots=True)
class StackedPart:
    """A part, the gap above it, how far it is moved to the right, and where it begins in its item."""

    part: Part
    gap: float = 0.0
    indent: float = 0.0
    top: float = 0.0


@dataclass(frozen=True, slots=True)
class Spot:
    """A block of an item: which of its parts, and which block there."""

    part: int
    block: int


class TranscriptItem:
    """One row of the transcript, as wide as the column. What it consists of is up to the kinds of it."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.width = 0.0
        self.height = 0.0
        self.stack: list[StackedPart] = []

    @property
    def columns(self) -> list[BlockColumn]:
        """The parts that consist of blocks, from the top."""
        return [stacked.part for stacked in self.stack if isinstance(stacked.part, BlockColumn)]

    @property
    def block_count(self) -> int:
        """How many blocks are there now; fill() may make more."""
        return sum(map(len, self.columns))

    name = ""  # what it is to whom it is read aloud
    text = ""  # what it says

    @property
    def frame(self) -> QRectF:
        """What is framed, with a margin, while the keyboard is at the item."""
        return QRectF(0, 0, self.width, self.height)

    @property
    def is_plain(self) -> bool:
        """Whether its blocks are pieces of one text that is no Markdown."""
        return False

    @property
    def letters(self) -> int:
        """About how much text it keeps."""
        return 0

    @property
    def is_filled(self) -> bool:
        """Whether what is in the stack is there; fill() makes it so."""
        return True

    def fill(self, until: float | None = None) -> None:
        """Make what is in the stack, where that was given back.

        `until`, a time of time.monotonic(), it may be made in part; calling it again goes on.
        """

    def empty(self) -> None:
        """Give back what fill() can make again; the height stays."""

    def set_look(self, look: Look) -> None:
        """Use other colours or another size."""
        self.look = look
        for stacked in self.stack:
            if isinstance(stacked.part, BlockColumn | Remark):
                stacked.part.set_look(look)
        if self.width:
            self.arrange()

    def estimate(self, width: float) -> None:
        """Take a height that is about right at a width; set_width() will make it true."""
        self.set_width(width)

    def set_width(self, width: float) -> None:
        """Take the column's width in logical pixels."""
        self.width = width
        self.arrange()

    def arrange(self) -> None:
        """Work out where each part begins, and the height of all."""
        for stacked in self.stack:
            if not isinstance(stacked.part, WidgetPart):
                stacked.part.set_width(max(1.0, self.width - stacked.indent))
        self.restack()

    def restack(self) -> None:
        """Work out anew where each part begins, after the height of one has changed; an empty one takes no gap."""
        y = 0.0
        for stacked in self.stack:
            is_there = stacked.part.height > 0
            stacked.top = y + stacked.gap if is_there and y else y
            y = stacked.top + stacked.part.height
        self.height = y

    def ensure(self, top: float, bottom: float, until: float = math.inf) -> bool:
        """Lay out what lies between two heights; whether that changed any height. `until`: see BlockColumn."""
        changed = False
        for stacked in self.stack:
            column = stacked.part
            if isinstance(column, BlockColumn) and column.ensure(top - stacked.top, bottom - stacked.top, until):
                changed = True
                self.restack()
        return changed

    def first_exact(self, top: float, bottom: float) -> Spot | None:
        """The first block between two heights whose own height is known."""
        for number, stacked in enumerate(self.stack):
            if isinstance(stacked.part, BlockColumn):
                index = stacked.part.first_exact(top - stacked.top, bottom - stacked.top)
                if index is not None:
                    return Spot(number, index)
        return None

    def top_of(self, spot: Spot) -> float:
        """Where a block begins in the item; the last one's place where it is no more."""
        stacked = self.stack[min(spot.part, len(self.stack) - 1)]
        if isinstance(stacked.part, BlockColumn) and len(stacked.part):
            return stacked.top + stacked.part.top_of(min(spot.block, len(stacked.part) - 1))
        return stacked.top

    def has(self, spot: Spot) -> bool:
        """Whether a block is there now; fill() may make it."""
        part = self.stack[spot.part].part if spot.part < len(self.stack) else None
        return isinstance(part, BlockColumn) and spot.block < len(part)

    def spot_of(self, block: int) -> Spot:
        """The spot of the block with this index among all columns'."""
        stacked, _, index = self.located(block)
        return Spot(self.stack.index(stacked), index)

    def lay_out_again(self, painter: PaintedBlock) -> Spot | None:
        """Let the next ensure() lay out a painter's block, and say which one; None when it does not paint here."""
        for number, stacked in enumerate(self.stack):
            if isinstance(stacked.part, BlockColumn) and (block := stacked.part.lay_out_again(painter)) is not None:
                return Spot(number, block)
        return None

    def painter_at(self, spot: Spot) -> PaintedBlock:
        """What paints a block, laid out."""
        column = self.stack[spot.part].part
        assert isinstance(column, BlockColumn)
        painter = column.painter_of(spot.block)
        self.restack()
        return painter

    def paint(self, painter: QPainter, visible: QRectF, marks: Marks = NO_MARKS) -> None:
        """Paint what lies in `visible`; blocks' indices in `marks` count through all columns."""
        first = 0
        for stacked in self.stack:
            part = stacked.part
            seen = visible.translated(-stacked.indent, -stacked.top)
            if not isinstance(part, WidgetPart) and seen.bottom() > 0 and seen.top() < part.height:
                painter.save()
                painter.translate(stacked.indent, stacked.top)
                if isinstance(part, BlockColumn):
                    part.paint(painter, seen, {i - first: m for i, m in marks.items()} if first else marks)
                else:
                    part.paint(painter)
                painter.restore()
            if isinstance(part, BlockColumn):
                first += len(part)

    def is_settled(self, top: float, bottom: float) -> bool:
        """Whether what lies between two heights looks as it will: code is coloured a little at a time."""
        parts = ((stacked.part, stacked.top) for stacked in self.stack)
        return all(p.is_settled(top - y, bottom - y) for p, y in parts if isinstance(p, BlockColumn))

    def release(self, top: float, bottom: float) -> None:
        """Give back what is not between two heights and can be made again."""
        for stacked in self.stack:
            if isinstance(stacked.part, BlockColumn):
                stacked.part.release(top - stacked.top, bottom - stacked.top)

    def blocks_between(self, top: float, bottom: float) -> range:
        """The blocks between two heights, and maybe more, counted through all columns."""
        first, seen = 0, []
        for stacked in self.stack:
            column = stacked.part
            if isinstance(column, BlockColumn):
                part = column.visible(top - stacked.top, bottom - stacked.top)
                seen += [first + part.start, first + part.stop]
                first += len(column)
        return range(min(seen), max(seen)) if seen else range(0)

    def widgets_between(self, top: float, bottom: float) -> Iterator[tuple[StackedPart, WidgetPart]]:
        """The parts between two heights that are real widgets."""
        for stacked in self.stack:
            part = stacked.part
            if isinstance(part, WidgetPart) and stacked.top < bottom and stacked.top + part.height > top:
                yield stacked, part

    def block_at(self, point: QPointF) -> int | None:
        """The block next to a point, counted through all columns; None where there is no text at all."""
        first, best, nearest = 0, None, float("inf")
        for stacked in self.stack:
            column = stacked.part
            if not isinstance(column, BlockColumn):
                continue
            y = point.y() - stacked.top
            distance = max(-y, y - column.height, 0.0)
            if len(column) and distance < nearest:
                best, nearest = first + column.index_at(y), distance
            first += len(column)
        return best

    def located(self, block: int) -> tuple[StackedPart, BlockColumn, int]:
        """Where the block with this index among all columns' stands: the part, the column, and its index there."""
        for stacked in self.stack:
            column = stacked.part
            if isinstance(column, BlockColumn):
                if block < len(column):
                    return stacked, column, block
                block -= len(column)
        raise IndexError(block)

    def text_of(self, block: int) -> str:
        """What stands in the block with this index among all columns'."""
        _, column, index = self.located(block)
        return reading_text(column.block_of(index))

    def area_of(self, block: int) -> QRectF:
        """Where a block's own painting stands in the item."""
        stacked, column, index = self.located(block)
        return column.area_of(index).translated(stacked.indent, stacked.top)
