"""Blocks one below the other, of which only those in view are laid out; the heights of the others are estimated."""

import math
import time
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from app.ui.fonts import CODE_LINE_PIXELS, LINE_PIXELS
from app.ui.transcript.blocks.painted import Highlight, Look, PaintedBlock
from app.ui.transcript.frames import Surroundings, gap_between, indent_of, is_leftward, look_in, paint_frames
from app.ui.transcript.markdown.content import Block, Code, Heading, Image, MathBlock, Paragraph, Rule, Table

_LETTER = 6.8  # the mean width of a letter of running text, in pixels of the design

Marks = Mapping[int, Sequence[Highlight]]  # by the block's index


@dataclass(slots=True, eq=False)
class _Placed:
    """A block in the column; `height` is estimated until it `is_exact`, for the width that it was laid out for."""

    block: Block
    gap: float
    indent: float
    height: float
    is_exact: bool = False
    is_leftward: bool = False
    painter: PaintedBlock | None = None


def _is_unsettled(placed: _Placed) -> bool:
    return placed.painter is not None and not placed.painter.is_settled()


class BlockColumn:
    """Blocks in a column of some width. Heights and tops are logical pixels from the column's own top.

    In an `is_plain` one the blocks are pieces of one text, which stand close together.
    """

    def __init__(self, look: Look, *, is_plain: bool = False) -> None:
        self._look = look
        self._is_plain = is_plain
        self._width = 0.0
        self._placed: list[_Placed] = []
        self._tops: list[float] = [0.0]
        self._held: set[_Placed] = set()  # those whose painters may hold what can be given back

    @property
    def height(self) -> float:
        """Of all blocks together, as far as it is known."""
        last = self._placed[-1] if self._placed else None
        return self._tops[len(self._placed) - 1] + last.height if last is not None else 0.0

    @property
    def blocks(self) -> list[Block]:
        """What stands in the column, from the top."""
        return [placed.block for placed in self._placed]

    def __len__(self) -> int:
        return len(self._placed)

    def set_look(self, look: Look) -> None:
        """Show everything with other colours or at another size."""
        self._look = look
        for placed in self._placed:
            placed.painter = None
        self._place_anew()

    def set_width(self, width: float) -> None:
        """Take another width; what is in view is laid out anew by the next ensure()."""
        if width != self._width:
            before, self._width = self._width, width
            self._place_anew(before / width)  # nothing is known of heights at no width: they are estimated

    def set_blocks(self, blocks: Sequence[Block], first: int = 0) -> None:
        """Show `blocks`, of which those before `first` are the same as before; painters go on where they can."""
        old = self._placed[first:]
        del self._placed[first:]
        for index, block in enumerate(blocks[first:]):
            self._placed.append(self._taken_over(block, old[index] if index < len(old) else None))
        for index in range(first, len(self._placed)):
            above = self._placed[index - 1].block if index else None
            self._placed[index].gap = self._gap(above, self._placed[index].block)
        self._retop(first)

    def ensure(self, top: float, bottom: float, until: float = math.inf) -> bool:
        """Lay out what lies between two heights; whether that changed any height.

        What is not settled is laid out again `until` a time of time.monotonic().
        """
        changed_from: int | None = None
        index = self._index_at(top) if top < self.height else len(self._placed)
        while index < len(self._placed) and self._tops[index] < bottom:
            placed = self._placed[index]
            if not placed.is_exact or (_is_unsettled(placed) and time.monotonic() < until):
                before = placed.height
                self._lay_out(placed)
                if placed.height != before:
                    self._retop(index)
                    changed_from = index if changed_from is None else changed_from
            index += 1
        return changed_from is not None

    def first_exact(self, top: float, bottom: float) -> int | None:
        """The first block between two heights whose own height is known; None when there is none."""
        index = self._index_at(top)
        while index < len(self._placed) and self._tops[index] < bottom:
            if self._placed[index].is_exact and self._tops[index] + self._placed[index].height > top:
                return index
            index += 1
        return None

    def index_at(self, y: float) -> int:
        """The block at a height, or next to it."""
        return self._index_at(y)

    def block_of(self, index: int) -> Block:
        """One of the blocks."""
        return self._placed[index].block

    def top_of(self, index: int) -> float:
        """Where a block begins."""
        return self._tops[index]

    def area_of(self, index: int) -> QRectF:
        """Where a block's own painting stands in the column."""
        placed = self._placed[index]
        left = 0.0 if placed.is_leftward else placed.indent
        return QRectF(left, self._tops[index], self._width - placed.indent, placed.height)

    def is_laid_out(self, index: int) -> bool:
        """Whether a block's own height is known."""
        return self._placed[index].is_exact

    def painter_of(self, index: int) -> PaintedBlock:
        """A block's painter, laid out."""
        placed = self._placed[index]
        if not placed.is_exact or placed.painter is None:
            self._lay_out(placed)
            self._retop(index)
        assert placed.painter is not None
        return placed.painter

    def lay_out_again(self, painter: PaintedBlock) -> int | None:
        """Let the next ensure() lay out a painter's block, and say which one; None when it does not paint here."""
        for index, placed in enumerate(self._placed):
            if placed.painter is painter:
                placed.is_exact = False
                return index
        return None

    def is_settled(self, top: float, bottom: float) -> bool:
        """Whether what lies between two heights looks as it will."""
        painters = (self._placed[index].painter for index in self.visible(top, bottom))
        return all(painter is None or painter.is_settled() for painter in painters)

    def visible(self, top: float, bottom: float) -> range:
        """The indices of the blocks between two heights."""
        first = self._index_at(top)
        last = first
        while last < len(self._placed) and self._tops[last] < bottom:
            last += 1
        return range(first, last)

    def paint(self, painter: QPainter, visible: QRectF, marks: Marks) -> None:
        """Paint what lies in `visible`, which ensure() must have seen."""
        for index in self.visible(visible.top() - self._look.pixels(24), visible.bottom()):
            placed = self._placed[index]
            self._held.add(placed)
            area = self.area_of(index)
            if placed.block.containers:
                self._paint_frames(painter, index, area)
            if placed.painter is None or not area.intersects(visible):
                continue
            painter.save()
            painter.translate(area.topLeft())
            seen = visible.translated(-area.left(), -area.top())
            placed.painter.paint(painter, seen, marks.get(index, ()))
            painter.restore()

    def release(self, top: float, bottom: float) -> None:
        """Give back what is not between two heights and can be made again."""
        seen = {self._placed[index] for index in self.visible(top, bottom)} if top < self.height else set()
        for placed in self._held - seen:
            if placed.painter is not None:
                placed.painter.release()
        self._held &= seen

    def point_in(self, index: int, point: QPointF) -> QPointF:
        """A point of the column as the block's painter sees it."""
        return point - self.area_of(index).topLeft()

    def changed_top(self, first: int) -> float:
        """From which height on the last set_blocks(…, first), and laying out after it, changed what is painted."""
        if first >= len(self._placed):
            return self.height
        placed = self._placed[first]
        own = placed.painter.changed_from() if placed.painter is not None and placed.is_exact else 0.0
        return self._tops[first] + (own or -placed.gap)  # what stands around a new block reaches into the gap

    def _taken_over(self, block: Block, before: _Placed | None) -> _Placed:
        indent = indent_of(block.containers, self._look, self._width)
        if before is not None and before.block is block:
            return before
        painter = before.painter if before is not None else None
        leftward = is_leftward(block)
        is_like = before is not None and look_in(before.block, self._look) is look_in(block, self._look)
        if is_like and before is not None and painter is not None and painter.update_block(block):
            return _Placed(block, 0.0, indent, before.height, False, leftward, painter)
        return _Placed(block, 0.0, indent, self._estimated(block, indent), is_leftward=leftward)

    def _gap(self, above: Block | None, below: Block) -> float:
        return 0.0 if self._is_plain else gap_between(above, below, self._look)

    def _lay_out(self, placed: _Placed) -> None:
        if placed.painter is None:
            # Imported with the first block: the empty window is on screen 150 ms earlier for it.
            from app.ui.transcript.blocks.make import painted_block

            placed.painter = painted_block(placed.block, look_in(placed.block, self._look))
        placed.painter.lay_out(max(1.0, self._width - placed.indent))
        placed.height, placed.is_exact = float(math.ceil(placed.painter.height)), True
        self._held.add(placed)

    def _place_anew(self, stretch: float = 0.0) -> None:
        """Count everything as estimated again; `stretch` is by how much running text grows (0: estimate anew)."""
        above: Block | None = None
        for placed in self._placed:
            placed.indent = indent_of(placed.block.containers, self._look, self._width)
            placed.gap = self._gap(above, placed.block)
            if not stretch:
                placed.height = self._estimated(placed.block, placed.indent)
            elif isinstance(placed.block, Paragraph | Heading):
                placed.height *= stretch
            placed.is_exact = False
            above = placed.block
        self._retop(0)

    def _retop(self, first: int) -> None:
        del self._tops[first:]
        for index in range(first, len(self._placed)):
            placed = self._placed[index]
            end = self._tops[index - 1] + self._placed[index - 1].height if index else 0.0
            self._tops.append(end + placed.gap)
        if not self._placed:
            self._tops.append(0.0)

    def _index_at(self, y: float) -> int:
        return max(0, bisect_right(self._tops, y) - 1)

    def _estimated(self, block: Block, indent: float) -> float:
        look = self._look
        line = look.pixels(LINE_PIXELS)
        match block:
            case Code():
                return float(look.pixels(51) + look.pixels(CODE_LINE_PIXELS) * (1 + block.text.count("\n")))
            case Table():
                return float(look.pixels(34) * (1 + len(block.rows)))
            case Rule():
                return 1.0
            case MathBlock() | Image():
                return float(look.pixels(60))
            case Paragraph() | Heading():
                letters = sum(len(span.text) for span in block.spans)
                room = max(1.0, self._width - indent) / (_LETTER * look.zoom)
                return line * max(1.0, round(letters / room + 0.3))

    def _paint_frames(self, painter: QPainter, index: int, area: QRectF) -> None:
        placed, above, below = self._placed[index], self._around(index - 1), self._around(index + 1)
        baseline = placed.painter.first_baseline() if placed.painter is not None and placed.is_exact else None
        around = Surroundings(
            above.block.containers if above is not None else (),
            below.block.containers if below is not None else (),
            placed.gap,
            below.gap if below is not None else 0.0,
            baseline,
        )
        whole = QRectF(0, area.top(), self._width, area.height())
        paint_frames(painter, placed.block, around, whole, self._look)

    def _around(self, index: int) -> _Placed | None:
        return self._placed[index] if 0 <= index < len(self._placed) else None
