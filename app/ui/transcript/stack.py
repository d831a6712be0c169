"""The transcript's items one below the other: where each stands, and what stays where it is when heights change."""

import math
from bisect import bisect_right
from collections.abc import Container, Iterator
from dataclasses import dataclass
from itertools import accumulate, islice

from PySide6.QtCore import QPointF

from app.ui.transcript.blocks.painted import Look
from app.ui.transcript.items import Spot, TranscriptItem

GAP = 20
_ABOVE = 22
_BELOW = 22
_AHEAD = 300  # logical pixels beyond the view that are laid out with it
_KEPT_LETTERS = 60_000  # of messages whose blocks are kept, for a reader who comes back
_MOST_HELD = 60


@dataclass(frozen=True, slots=True)
class Anchor:
    """Something in view, and how far below the view's top it stands: an item, its block `spot`, or a character."""

    item: TranscriptItem
    spot: Spot | None
    offset: float
    character: int | None = None


class ItemStack:
    """Items in one column; heights are logical pixels from the top of the first one's margin.

    An item out of view may have become another height: that counts once it is in view.
    """

    def __init__(self) -> None:
        self.items: list[TranscriptItem] = []
        self._tops: list[int] = [_ABOVE]
        self._steps: list[int] = []  # from each item's top to the next one's
        self._width = 0.0
        self._room_above = 0
        self._seen: dict[TranscriptItem, int] = {}  # the letters of those whose blocks are there, the last seen last
        self._letters = 0  # of all these
        self._held: dict[TranscriptItem, None] = {}  # those that may hold what can be given back
        self._released_at = 0.0

    @property
    def height(self) -> float:
        """Of all items, with the margins above and below."""
        return self._tops[-1] - (GAP if self.items else 0) + _BELOW

    def set_items(self, items: list[TranscriptItem]) -> None:
        """Stack these and no others."""
        self.items = items
        self._seen.clear()
        self._held.clear()
        self._letters = 0
        for item in items:
            if item.width != self._width:
                item.estimate(self._width)
        self.restack()

    def insert(self, index: int, item: TranscriptItem) -> None:
        """Put one among them."""
        item.set_width(self._width)
        self.items.insert(index, item)
        self.restack()

    def remove(self, item: TranscriptItem) -> None:
        """Take one out."""
        self.items.remove(item)
        self._letters -= self._seen.pop(item, 0)
        self._held.pop(item, None)
        self.restack()

    def set_width(self, width: float) -> None:
        """Give all another width; what is out of view takes it when it comes into view."""
        self._width = width

    def ready(self, index: int, until: float = 0.0) -> TranscriptItem:
        """An item with its blocks, as far as they are made `until` a time, at the width that all have."""
        item = self.items[index]
        if item.width != self._width:
            item.set_width(self._width)
        item.fill(until)
        return item

    def whole(self, index: int) -> TranscriptItem:
        """An item with all of its blocks, wherever it stands; release() may give them back."""
        item = self.items[index]
        if item.width != self._width:
            item.set_width(self._width)
        item.fill()
        self._note_seen(item)
        return item

    def set_look(self, look: Look) -> None:
        """Show all with other colours or at another size."""
        for item in self.items:
            item.set_look(look)
        self.restack()

    def set_room_above(self, pixels: int) -> bool:
        """Leave so many logical pixels free above the margin; whether that moves anything."""
        if pixels == self._room_above:
            return False
        self._room_above = pixels
        self.restack()
        return True

    def restack(self, first: int = 0) -> None:
        """Work out anew where the items from `first` on stand: on whole pixels."""
        self._steps[first:] = [math.ceil(item.height) + GAP for item in self.items[first:]]
        self._add_up(first)

    def _add_up(self, first: int) -> None:
        begin = self._tops[first] if first else _ABOVE + self._room_above
        self._tops[first:] = accumulate(islice(self._steps, first, None), initial=begin)

    def top_of(self, index: int) -> int:
        """Where an item begins."""
        return self._tops[index]

    def index_at(self, y: float) -> int:
        """The item at a height, or the one above the gap there."""
        return max(0, min(len(self.items) - 1, bisect_right(self._tops, y) - 1))

    def visible(self, top: float, bottom: float) -> Iterator[tuple[int, TranscriptItem]]:
        """The items between two heights, with their indices."""
        if not self.items:
            return
        index = self.index_at(top)
        while index < len(self.items) and self._tops[index] < bottom:
            yield index, self.items[index]
            index += 1

    def ensure(self, top: float, bottom: float, until: float) -> list[int]:
        """Fill and lay out what lies between two heights; the items whose heights changed, by their indices.

        `until` a time of time.monotonic() long messages are read on.
        """
        changed = []
        top, bottom = top - _AHEAD, bottom + _AHEAD
        index = self.index_at(top)
        while index < len(self.items) and self._tops[index] < bottom:
            item = self.ready(index, until)
            own = self._tops[index]
            item.ensure(top - own, bottom - own, until)
            self._note_seen(item)
            step = math.ceil(item.height) + GAP
            if step != self._steps[index]:
                changed.append(index)
                self._steps[index] = step
                self._add_up(index)
            index += 1
        return changed

    def _note_seen(self, item: TranscriptItem) -> None:
        self._letters += item.letters - self._seen.pop(item, 0)
        self._seen[item] = item.letters
        self._held[item] = None

    def anchor(self, top: float, bottom: float, *, exactly: bool = False) -> Anchor | None:
        """What the reader sees first of what is laid out between two heights.

        `exactly` names a character where a block begins above: for changes that break its lines anew.
        """
        for index, item in self.visible(top, bottom):
            own = self._tops[index]
            spot = item.first_exact(top - own, bottom - own)
            if spot is not None:
                y = own + item.top_of(spot) - top
                if not exactly or y >= 0:
                    return Anchor(item, spot, y)
                painter = item.painter_at(spot)
                character = painter.place_at(QPointF(0, -y))
                return Anchor(item, spot, y + painter.rect_at(character).top(), character)
        for index, item in self.visible(top, bottom):
            return Anchor(item, None, self._tops[index] - top)
        return None

    def top_for(self, anchor: Anchor) -> float:
        """The height that the view's top must have for the anchor to stand where it did."""
        if anchor.item not in self.items:
            return 0.0
        index = self.index_of(anchor.item)
        inside = 0.0
        if anchor.spot is not None and anchor.character is not None:
            if not self.ready(index).has(anchor.spot):
                self.whole(index)
            inside = anchor.item.painter_at(anchor.spot).rect_at(anchor.character).top()
            self.restack(index)
        if anchor.spot is not None:
            inside += anchor.item.top_of(anchor.spot)
        return self._tops[index] + inside - anchor.offset

    def release(self, top: float, bottom: float) -> None:
        """Give back what is far from the two heights and can be made again; the blocks of the last seen stay."""
        span = bottom - top
        if abs(top - self._released_at) < span / 4 and len(self._held) < _MOST_HELD:
            return
        self._released_at = top
        near = {item: self._tops[index] for index, item in self.visible(top - span, bottom + span)}
        for item in list(self._held):
            own = near.get(item)
            if own is None:
                item.release(-2.0, -1.0)
                del self._held[item]
            else:
                item.release(top - own - span, bottom - own + span)
        self._forget(near)

    def index_of(self, item: TranscriptItem) -> int:
        """Which one it is; quick for the last."""
        return len(self.items) - 1 if self.items and self.items[-1] is item else self.items.index(item)

    def _forget(self, near: Container[TranscriptItem]) -> None:
        """Empty the items that were seen longest ago, where many letters are kept."""
        while self._letters > _KEPT_LETTERS:
            item = next((item for item in self._seen if item not in near), None)
            if item is None:
                return
            self._letters -= self._seen.pop(item)
            item.empty()
