"""Blocks that are wider than the page: how far they have been moved sideways, and the bar that moves them."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF

from app.ui.transcript.blocks.painted import Look, PaintedBlock
from app.ui.transcript.markdown.content import Block

_SHORTEST_HANDLE = 32
_MARGIN = 28  # pixels of the design beside what is brought into view


@dataclass(slots=True)
class Sideways:
    """Content `extent` pixels wide in `room` pixels, moved left by `offset`."""

    extent: float = 0.0
    room: float = 0.0
    offset: float = 0.0

    @property
    def furthest(self) -> float:
        """The largest offset."""
        return max(0.0, self.extent - self.room)

    def set_extent(self, extent: float, room: float) -> None:
        """The content or its room have another width."""
        self.extent, self.room = extent, room
        self.offset = min(self.offset, self.furthest)

    def scroll_by(self, pixels: float) -> bool:
        """Show what lies further right; whether that moved anything."""
        before = self.offset
        self.offset = min(max(0.0, before + pixels), self.furthest)
        return self.offset != before

    def reveal(self, left: float, right: float, margin: float) -> bool:
        """Move until what is between two positions of the content is in view; whether that moved anything."""
        if left - self.offset < 0:
            return self.scroll_by(left - margin - self.offset)
        if right - self.offset > self.room:
            return self.scroll_by(right + margin - self.room - self.offset)
        return False

    def handle_in(self, track: QRectF) -> QRectF:
        """Where the handle of a bar stands in its track; empty when there is nothing to move."""
        if self.furthest <= 0:
            return QRectF()
        width = max(min(_SHORTEST_HANDLE, track.width()), track.width() * self.room / self.extent)
        left = track.left() + (track.width() - width) * self.offset / self.furthest
        return QRectF(left, track.top(), width, track.height())


class SidewaysBlock(PaintedBlock):
    """A painted block whose content scrolls sideways; the handle of its bar can be dragged."""

    def __init__(self, block: Block, look: Look) -> None:
        super().__init__(block, look)
        self._sideways = Sideways()

    def bar_rect(self) -> QRectF:
        """Where the bar's handle is; empty when the content is not too wide."""
        return self._sideways.handle_in(self._bar_track())

    def drag_bar(self, pixels: float) -> bool:
        """Move the bar's handle to the right; whether that moved anything."""
        travel = self._bar_track().width() - self.bar_rect().width()
        return travel > 0 and self._sideways.scroll_by(pixels * self._sideways.furthest / travel)

    def scroll_by(self, pixels: float) -> bool:
        return self._sideways.scroll_by(pixels)

    def reveal(self, place: int) -> bool:
        rect = self.rect_at(place).translated(self._sideways.offset - self._content_left(), 0)
        return self._sideways.reveal(rect.left(), rect.right(), self.look.pixels(_MARGIN))

    def _bar_track(self) -> QRectF:
        """Where the handle moves."""
        raise NotImplementedError

    def _content_left(self) -> float:
        """Where the content begins when it has not been moved."""
        return 0.0
