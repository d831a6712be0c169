"""What lies under the pointer: links that show where they lead, and tooltips."""

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QToolTip, QWidget

from app.ui.transcript.page import Page

_CLICK_DISTANCE = 5
_LONGEST_ADDRESS = 300


class Pointing(QObject):
    """`link_activated` carries the address of a link that was clicked."""

    link_activated = Signal(str)
    item_pointed_at = Signal(int)  # with every move; -1: none

    def __init__(self, page: Page, viewport: QWidget) -> None:
        super().__init__(viewport)
        self._page = page
        self._viewport = viewport
        self._pressed: QPointF | None = None
        self._shown = ""
        self._point: QPointF | None = None

    def link_at(self, point: QPointF) -> str:
        """The address of the link under a point of the viewport; empty where there is none."""
        under = self._page.block_under(point)
        return under[0].link_at(under[1]) if under is not None else ""

    def hover(self, point: QPointF) -> None:
        """The pointer is here now."""
        self._point = point
        under = self._page.block_under(point)
        link = under[0].link_at(under[1]) if under is not None else ""
        told = link or (under[0].tooltip_at(under[1]) if under is not None else "")
        if link:
            self._viewport.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self._viewport.setCursor(Qt.CursorShape.IBeamCursor if under is not None else Qt.CursorShape.ArrowCursor)
        self.point_again()
        if told != self._shown:
            self._shown = told
            if told:
                QToolTip.showText(self._viewport.mapToGlobal(point).toPoint(), _shortened(told), self._viewport)
            else:
                QToolTip.hideText()

    def point_again(self) -> None:
        """Something else may be under the pointer, which has not moved."""
        if self._point is not None:
            item = self._page.item_under(self._point)
            self.item_pointed_at.emit(-1 if item is None else item)

    def leave(self) -> None:
        """The pointer is elsewhere now."""
        self._point = None
        self._shown = ""
        self.item_pointed_at.emit(-1)

    def press(self, event: QMouseEvent) -> None:
        """The left button went down."""
        self._pressed = event.position()

    def release(self, event: QMouseEvent) -> None:
        """The left button went up, and nothing was selected."""
        pressed, self._pressed = self._pressed, None
        if pressed is None or (event.position() - pressed).manhattanLength() > _CLICK_DISTANCE:
            return
        link = self.link_at(event.position())
        if link:
            self.link_activated.emit(link)


def _shortened(text: str) -> str:
    """Plain text that a tooltip does not take for HTML."""
    text = text if len(text) <= _LONGEST_ADDRESS else text[:_LONGEST_ADDRESS] + "…"
    return text.replace("&", "&amp;").replace("<", "&lt;") if "<" in text else text
