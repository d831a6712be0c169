"""What a reader does on the page: points, selects, copies, finds, zooms, and goes from message to message."""

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.ui.theme import Appearance
from app.ui.transcript.accessible_list import NOWHERE
from app.ui.transcript.answer_end import AnswerEnd
from app.ui.transcript.blocks.painted import Highlight
from app.ui.transcript.context_menu import PageMenu
from app.ui.transcript.find_in_page import FindInPage
from app.ui.transcript.finding import Finding
from app.ui.transcript.item_focus import ItemFocus
from app.ui.transcript.items import TranscriptItem
from app.ui.transcript.page_keys import take_key
from app.ui.transcript.page_view import PageView
from app.ui.transcript.pointing import Pointing
from app.ui.transcript.reader_dialog import ReaderDialog
from app.ui.transcript.reply_turn import ReplyTurn
from app.ui.transcript.selecting import Selecting
from app.ui.transcript.sideways_hand import SidewaysHand
from app.ui.transcript.stack import Anchor
from app.ui.transcript.turn_foot import TurnFoot
from app.ui.transcript.zooming import stepped

_NOTCH = 120  # of a wheel, in eighths of a degree


class ReadingView(PageView):
    """A page whose items can be read with mouse, keyboard and assistive technology."""

    zoom_changed = Signal(float)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, parent)
        self.viewport().setMouseTracking(True)
        self._turned = 0
        self.answer_end = AnswerEnd(self)
        self.item_focus = ItemFocus(self)
        self.selecting = Selecting(self.page, self.viewport(), self.reveal)
        self.selecting.changed.connect(self._on_marks_changed)
        self.selecting.scroll_wanted.connect(self._on_scroll_wanted)
        self.pointing = Pointing(self.page, self.viewport())
        self.pointing.link_activated.connect(self.open_link)
        self.pointing.item_pointed_at.connect(self._on_item_pointed_at)
        self.settled.connect(self.pointing.point_again)
        self.finder = FindInPage(self)
        self._sideways = SidewaysHand(self.page, self.viewport())

    @property
    def finding(self) -> Finding:
        """What is looked for on the page."""
        return self.finder.finding

    def set_items(self, items: list[TranscriptItem]) -> None:
        """Show these items and no others."""
        self.widgets.clear()
        self.selecting.clear()
        self.item_focus.clear()
        self.stack.set_items(items)
        self.accessible.reset()
        self.finding.look_anew()

    def insert_item(self, index: int, item: TranscriptItem) -> None:
        """Put an item among the others."""
        anchor = self.anchor()
        self.selecting.shift(index, 1)
        self.finding.shift(index, 1)
        self.item_focus.shift(index, 1)
        self.stack.insert(index, item)
        self.accessible.insert(index)
        self.settle(anchor)
        self.finding.look_again_in(index, soon=True)

    def remove_item(self, item: TranscriptItem) -> None:
        """Take an item out."""
        anchor, index = self.anchor(), self.stack.index_of(item)
        if anchor is not None and anchor.item is item and index + 1 < len(self.stack.items):
            below = self.stack.items[index + 1]  # comes to where it was
            anchor = Anchor(below, None, anchor.offset if anchor.spot is None else 0.0)
        self.accessible.remove(index)
        self.stack.remove(item)
        self.selecting.shift(index, -1)
        self.finding.shift(index, -1)
        self.item_focus.shift(index, -1)
        self.settle(anchor)

    def grown(self, item: ReplyTurn, first: int) -> None:
        """Show that an answer has changed from its block `first` on."""
        index = self.stack.index_of(item)
        anchor = self.anchor()
        self.stack.restack(index)
        self.settle(anchor, quietly=True)
        view = self.viewport()
        view.update(self.answer_end.painted)
        y = self.stack.top_of(index) + item.changed_top(first) - self.top - 2
        if y < view.height():
            view.update(0, max(0, math.floor(y)), view.width(), view.height())
        self.finding.look_again_in(index, soon=True)

    def highlights_of(self, message: int, blocks: range) -> dict[int, list[Highlight]]:
        """See PageView."""
        found = self.finding.highlights_of(message)
        for block, marks in self.selecting.highlights_of(message, blocks).items():
            found.setdefault(block, []).extend(marks)
        return found

    @Slot()
    def copy(self) -> None:
        """Put what is selected on the clipboard: Markdown as text, and HTML."""
        if self.selecting.selection is not None:
            QGuiApplication.clipboard().setMimeData(self.selecting.mime())

    @Slot()
    def open_find(self) -> None:
        """Open the bar in which one writes what to find; it begins with what is selected."""
        self.finder.open(self.selecting.first_words())

    def read_item(self, index: int) -> None:
        """Open an item in a window of its own, in which a caret goes through its text."""
        if 0 <= index < len(self.stack.items):
            self._read(self.stack.items[index])

    def _read(self, item: TranscriptItem) -> None:
        ReaderDialog(item.name, item.text, self.window()).open()

    def zoom_by(self, steps: int) -> None:
        """Show text in the next larger (1) or smaller (-1) size; 0 is the design's own."""
        zoom = stepped(self.look.zoom, steps) if steps else 1.0
        if zoom != self.look.zoom:
            self.set_zoom(zoom)
            self.zoom_changed.emit(zoom)

    def paint_over(self, painter: QPainter) -> None:
        """See PageView."""
        self.answer_end.paint(painter)
        self.item_focus.paint(painter)

    @Slot()
    def _on_marks_changed(self) -> None:
        self.viewport().update()

    @Slot(int)
    def _on_item_pointed_at(self, index: int) -> None:
        """Let the buttons of the message under the pointer be seen."""
        for number, item in self.stack.visible(self.top, self.top + self.viewport().height()):
            for _, part in item.widgets_between(-1e9, 1e9):
                widget = self.widgets.widget_of(part)
                if isinstance(widget, TurnFoot):
                    widget.reveal(number == index or widget.underMouse())

    @Slot(int)
    def _on_scroll_wanted(self, pixels: int) -> None:
        self.scroll_to(self.top + pixels)

    def _zoom_with_wheel(self, turned: int) -> None:
        self._turned += turned
        while abs(self._turned) >= _NOTCH:
            step = 1 if self._turned > 0 else -1
            self._turned -= step * _NOTCH
            self.zoom_by(step)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.answer_end.move_by(dy)
        super().scrollContentsBy(dx, dy)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointing.leave()

    def focusNextPrevChild(self, forward: bool) -> bool:
        self.widgets.order()
        return super().focusNextPrevChild(forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.selecting.key(event) or take_key(self, event):
            event.accept()
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if not self._sideways.take(event.position()):
            self.pointing.press(event)
            self.selecting.press(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._sideways.is_dragging:
            self._sideways.drag(event.position())
        elif event.buttons() & Qt.MouseButton.LeftButton:
            self.selecting.move(event)
        else:
            self.pointing.hover(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._sideways.is_dragging:
            self._sideways.let_go()
        elif event.button() == Qt.MouseButton.LeftButton:
            self.selecting.release()
            if self.selecting.selection is None:
                self.pointing.release(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta() / 2
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._zoom_with_wheel(event.angleDelta().y())
            return
        sideways = event.modifiers() & Qt.KeyboardModifier.ShiftModifier or abs(delta.x()) > abs(delta.y())
        if sideways and self._sideways.scroll(event.position(), -float(delta.x() or delta.y())):
            event.accept()
        else:
            super().wheelEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        point, opened_at = QPointF(self.viewport().mapFromGlobal(event.globalPos())), event.globalPos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard and self.item_focus.index != NOWHERE:
            area = self.area_of(self.item_focus.index).intersected(QRectF(self.viewport().rect()))
            point = area.topLeft() + QPointF(1, 1)
            opened_at = self.viewport().mapToGlobal(point).toPoint()
        menu = PageMenu(self.pointing.link_at(point), self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        under = self.page.item_under(point)
        item = self.stack.items[under] if under is not None else None
        menu.copy_action.setEnabled(self.selecting.selection is not None)
        menu.copy_action.triggered.connect(self.copy)
        menu.all_action.triggered.connect(self.selecting.select_all)
        menu.find_action.triggered.connect(self.open_find)
        if item is not None and item.text:
            menu.reader_action.triggered.connect(lambda: self._read(item))
        else:
            menu.reader_action.setEnabled(False)
        if menu.open_action is not None:
            menu.open_action.triggered.connect(lambda: self.open_link(menu.link))
        menu.popup(opened_at)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.finder.stand()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() == Qt.FocusReason.TabFocusReason:
            self.item_focus.come_in(1)
        elif event.reason() == Qt.FocusReason.BacktabFocusReason:
            self.item_focus.come_in(-1)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()
