"""How far something that is wider than its room has been moved sideways."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF

_SHORTEST_HANDLE = 32


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
