"""The item that the keyboard is at: how it goes from one to the next, and the frame around it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.ui.transcript.accessible_list import NOWHERE
from app.ui.transcript.page_view import PageView

_FRAME_MARGIN = 7
_FRAME_RADIUS = 8


class ItemFocus:
    """`index` is NOWHERE while the keyboard is at no item of the view."""

    def __init__(self, view: PageView) -> None:
        self._view = view

    @property
    def index(self) -> int:
        """The item's number on the page."""
        return self._view.shown_items.focused

    def clear(self) -> None:
        """Be at no item."""
        self._view.shown_items.focused = NOWHERE

    def shift(self, index: int, by: int) -> None:
        """An item was put in at `index` (1), or the one there was taken out (-1)."""
        if by < 0 and self.index == index:
            self.clear()
        elif self.index >= index:
            self._view.shown_items.focused += by

    def go_to(self, index: int) -> None:
        """Take the keyboard to an item, and bring its beginning into view."""
        view = self._view
        if not 0 <= index < len(view.stack.items):
            return
        view.shown_items.focused = index
        view.setFocus(Qt.FocusReason.OtherFocusReason)
        top = view.stack.top_of(index)
        bottom = top + view.stack.items[index].height
        if top < view.top or bottom > view.top + view.viewport().height():
            view.begin_at(index, 2 * _FRAME_MARGIN)
        view.accessible.move_focus()
        view.viewport().update()

    def step(self, by: int) -> None:
        """Go to the next (1) or the previous (-1) item; from nowhere, to the last or first one in view."""
        if self.index == NOWHERE:
            self.go_to(self._in_view(by))
        else:
            self.go_to(max(0, min(len(self._view.stack.items) - 1, self.index + by)))

    def come_in(self, by: int) -> None:
        """The keyboard has come to the page forwards (1) or backwards (-1): be at an item, and move nothing."""
        if self.index == NOWHERE:
            self._view.shown_items.focused = self._in_view(by)
            self._view.accessible.move_focus()

    def paint(self, painter: QPainter) -> None:
        """Paint the frame, if the view has the keyboard."""
        view = self._view
        if not view.hasFocus() or not 0 <= self.index < len(view.stack.items):
            return
        frame = view.stack.items[self.index].frame.translated(view.area_of(self.index).topLeft())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(view.look.tokens.accent), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        margin = _FRAME_MARGIN
        painter.drawRoundedRect(frame.adjusted(-margin, -margin, margin, margin), _FRAME_RADIUS, _FRAME_RADIUS)

    def _in_view(self, by: int) -> int:
        """The first item in view for a step forwards, the last one for a step backwards."""
        view = self._view
        seen = [index for index, _ in view.stack.visible(view.top, view.top + view.viewport().height())]
        return NOWHERE if not seen else seen[-1] if by < 0 else seen[0]
