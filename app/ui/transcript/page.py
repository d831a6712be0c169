"""Where everything stands on the painted page: from points to places in the text, and back."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF

from app.ui.transcript.blocks.painted import PaintedBlock
from app.ui.transcript.column import BlockColumn
from app.ui.transcript.items import TranscriptItem
from app.ui.transcript.markdown.content import Block, reading_text
from app.ui.transcript.places import Place
from app.ui.transcript.stack import ItemStack

_LINE_LIMIT = 400  # lines that one step may look for a text to stand in


class Page:
    """The stack as the viewport shows it: `left` of the column and `top` of the view are logical pixels.

    It answers what places.ReadTexts and places.Lines ask. Messages are the stack's items; blocks count through all
    columns of an item. A block that was not in view yet is laid out where it is asked about: `keep_place` does that so
    that the reader's place stays.
    """

    def __init__(self, stack: ItemStack) -> None:
        self._stack = stack
        self.left = 0.0
        self.top = 0
        self.keep_place: Callable[[Callable[[], None]], None] = _call

    @property
    def items(self) -> list[TranscriptItem]:
        """What stands on the page."""
        return self._stack.items

    def message_count(self) -> int:
        """See places.ReadTexts."""
        return len(self._stack.items)

    def block_count(self, message: int) -> int:
        """See places.ReadTexts."""
        return self._stack.whole(message).block_count

    def text_of(self, message: int, block: int) -> str:
        """See places.ReadTexts."""
        return self._with_block(message, block).text_of(block)

    def read_on(self, message: int, until: float) -> bool:
        """Read an item's text on `until` a time of time.monotonic(); whether all of it is there now."""
        return self._stack.ready(message, until).is_filled

    def blocks_of(self, message: int) -> list[Block]:
        """All blocks of an item, whether or not they were in view yet."""
        return [block for column in self._stack.whole(message).columns for block in column.blocks]

    def place_at(self, point: QPointF) -> Place | None:
        """The place next to a point of the viewport; None where there is no text at all."""
        y = point.y() + self.top
        nearest: tuple[float, Place] | None = None
        for message in self._near(y):
            item = self._stack.items[message]
            own = QPointF(point.x() - self.left, y - self._stack.top_of(message))
            block = item.block_at(own)
            if block is None:
                continue
            distance = max(-own.y(), own.y() - item.height, 0.0)
            if nearest is None or distance < nearest[0]:
                painter, area = self._painter(message, block)
                nearest = distance, Place(message, block, painter.place_at(own - area.topLeft()))
        return nearest[1] if nearest is not None else None

    def block_under(self, point: QPointF) -> tuple[PaintedBlock, QPointF] | None:
        """The block that a point of the viewport lies on, and the point as its painter sees it."""
        y = point.y() + self.top
        for message in self._near(y):
            item = self._stack.items[message]
            own = QPointF(point.x() - self.left, y - self._stack.top_of(message))
            block = item.block_at(own)
            if block is not None and item.area_of(block).contains(own):
                painter, area = self._painter(message, block)
                return painter, own - area.topLeft()
        return None

    def item_under(self, point: QPointF) -> int | None:
        """The item that a point of the viewport lies on."""
        y = point.y() + self.top
        for message in self._near(y):
            top = self._stack.top_of(message)
            if top <= y < top + self._stack.items[message].height:
                return message
        return None

    def rect_of(self, place: Place) -> QRectF:
        """Where the character at a place stands in the viewport, which it may be far out of."""
        painter, area = self._painter(place.message, place.block)
        y = self._stack.top_of(place.message) - self.top
        return painter.rect_at(place.character).translated(area.topLeft() + QPointF(self.left, y))

    def painter_at(self, place: Place) -> PaintedBlock:
        """The painter of a place's block."""
        return self._painter(place.message, place.block)[0]

    def x_of(self, place: Place) -> float:
        """See places.Lines."""
        return self.rect_of(place).left()

    def place_lines_away(self, place: Place, x: float, lines: int) -> Place:
        """See places.Lines."""
        step = 1 if lines > 0 else -1
        for _ in range(abs(lines)):
            further = self._next_line(place, x, step)
            if further is None:
                edge = self._edge(step)
                return edge if edge is not None else place
            place = further
        return place

    def line_edges(self, place: Place) -> tuple[Place, Place]:
        """See places.Lines."""
        painter, _ = self._painter(place.message, place.block)
        y = painter.rect_at(place.character).center().y()
        first, last = painter.place_at(QPointF(-1e5, y)), painter.place_at(QPointF(1e5, y))
        return replace(place, character=first), replace(place, character=last)

    def _next_line(self, place: Place, x: float, step: int) -> Place | None:
        """The place in the line below or above, next to `x`; None at the ends of the conversation."""
        here = self.rect_of(place)
        y = here.bottom() + 1 if step > 0 else here.top() - 1
        for _ in range(_LINE_LIMIT):
            found = self.place_at(QPointF(x, y))
            if found is None:
                return None
            there = self.rect_of(found)
            if (there.top() > here.center().y()) if step > 0 else (there.bottom() < here.center().y()):
                return found
            y += step * max(4.0, here.height() / 2)
            if not -self._stack.height <= y <= 2 * self._stack.height:
                return None
        return None

    def _edge(self, step: int) -> Place | None:
        order = range(len(self.items))
        for message in reversed(order) if step > 0 else order:
            blocks = self.blocks_of(message)
            if blocks:
                last = len(blocks) - 1
                return Place(message, last, len(reading_text(blocks[last]))) if step > 0 else Place(message, 0, 0)
        return None

    def _painter(self, message: int, block: int) -> tuple[PaintedBlock, QRectF]:
        item = self._with_block(message, block)
        stacked, column, index = item.located(block)
        if not column.is_laid_out(index):
            self.keep_place(lambda: _lay_out(item, column, index))
            # What is far from the view may have been given back while the page settled.
            stacked, column, index = self._with_block(message, block).located(block)
        painter = column.painter_of(index)
        return painter, column.area_of(index).translated(stacked.indent, stacked.top)

    def _with_block(self, message: int, block: int) -> TranscriptItem:
        """An item with this block; all of it is read only where the block was not in view yet."""
        item = self._stack.ready(message)
        return item if block < item.block_count else self._stack.whole(message)

    def _near(self, y: float) -> Iterator[int]:
        """The items at a height, above and below it."""
        if self._stack.items:
            index = self._stack.index_at(y)
            yield from range(max(0, index - 1), min(len(self._stack.items), index + 2))


def _call(lay_out: Callable[[], None]) -> None:
    lay_out()


def _lay_out(item: TranscriptItem, column: BlockColumn, index: int) -> None:
    column.painter_of(index)
    item.restack()
