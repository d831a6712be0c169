"""The page's items as assistive technology is told of them."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRect

from app.ui.transcript.accessible_list import NOWHERE
from app.ui.transcript.items import TranscriptItem

if TYPE_CHECKING:
    from app.ui.transcript.page_view import PageView


class PageItems:
    """See AccessibleItems; `focused` is the index of the item that the keyboard is at."""

    def __init__(self, view: "PageView") -> None:
        self._view = view
        self.focused = NOWHERE
        self.written: TranscriptItem | None = None

    def item_count(self) -> int:
        """See AccessibleItems."""
        return len(self._view.stack.items)

    def item_name(self, index: int) -> str:
        """See AccessibleItems."""
        return self._view.stack.items[index].name

    def item_text(self, index: int) -> str:
        """See AccessibleItems."""
        return self._view.stack.items[index].text

    def is_item_written(self, index: int) -> bool:
        """See AccessibleItems."""
        return self._view.stack.items[index] is self.written

    def item_rect(self, index: int) -> QRect:
        """See AccessibleItems."""
        return self._view.area_of(index).toAlignedRect()

    def item_at(self, point: QPoint) -> int:
        """See AccessibleItems."""
        index = self._view.page.item_under(QPointF(point))
        return NOWHERE if index is None else index

    def focused_item(self) -> int:
        """See AccessibleItems."""
        return self.focused
