"""Moves blocks sideways that are wider than the page: by the handle of their bar, or by the wheel."""

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QWidget

from app.ui.transcript.blocks.sideways import SidewaysBlock
from app.ui.transcript.page import Page


class SidewaysHand:
    """Points are in the viewport's coordinates."""

    def __init__(self, page: Page, viewport: QWidget) -> None:
        self._page = page
        self._viewport = viewport
        self._dragged: SidewaysBlock | None = None
        self._x = 0.0

    @property
    def is_dragging(self) -> bool:
        """Whether the mouse holds a handle."""
        return self._dragged is not None

    def take(self, point: QPointF) -> bool:
        """Hold the handle that is here; False when there is none."""
        under = self._page.block_under(point)
        block = under[0] if under is not None else None
        is_there = under is not None and isinstance(block, SidewaysBlock) and block.bar_rect().contains(under[1])
        self._dragged = block if is_there and isinstance(block, SidewaysBlock) else None
        self._x = point.x()
        return self.is_dragging

    def drag(self, point: QPointF) -> None:
        """The mouse is here now, with the handle that it holds."""
        if self._dragged is not None:
            self._dragged.drag_bar(point.x() - self._x)
            self._x = point.x()
            self._viewport.update()

    def let_go(self) -> None:
        """The button went up."""
        self._dragged = None

    def scroll(self, point: QPointF, pixels: float) -> bool:
        """Show what lies further right in the block that is here; whether that moved anything."""
        under = self._page.block_under(point)
        if under is None or not under[0].scroll_by(pixels):
            return False
        self._viewport.update()
        return True
