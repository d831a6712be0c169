"""What a reader does on the page: points, selects, copies, finds, zooms, and goes from message to message."""

import math

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.ui.theme import Appearance
from app.ui.transcript.accessible_list import NOWHERE
from app.ui.transcript.announcer import SentenceAnnouncer
from app.ui.transcript.blocks.painted import Highlight
from app.ui.transcript.blocks.sideways import SidewaysBlock
from app.ui.transcript.caret import BreathingCaret
from app.ui.transcript.context_menu import PageMenu
from app.ui.transcript.find_in_page import FindInPage
from app.ui.transcript.finding import Finding
from app.ui.transcript.items import TranscriptItem
from app.ui.transcript.page_view import PageView
from app.ui.transcript.pointing import Pointing
from app.ui.transcript.reader_dialog import ReaderDialog
from app.ui.transcript.reply_turn import ReplyTurn
from app.ui.transcript.selecting import Selecting
from app.ui.transcript.stack import Anchor
from app.ui.transcript.turn_foot import TurnFoot
from app.ui.transcript.zooming import stepped

_FRAME_MARGIN = 7
_FRAME_RADIUS = 8
_NEXT_KEYS = (Qt.Key.Key_J, Qt.Key.Key_Down)
_NOTCH = 120  # of a wheel, in eighths of a degree
_PREVIOUS_KEYS = (Qt.Key.Key_K, Qt.Key.Key_Up)


class ReadingView(PageView):
    """A page whose items can be read with mouse, keyboard and assistive technology."""

    zoom_changed = Signal(float)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, parent)
        self.viewport().setMouseTracking(True)
        self._turned = 0
        self._painted_caret = QRect()
        self._announcer = SentenceAnnouncer(self)
        self.caret = BreathingCaret(self)
        self.caret.changed.connect(self._on_caret_changed)
        self.selecting = Selecting(self.page, self.viewport(), self.reveal)
        self.selecting.changed.connect(self._on_marks_changed)
        self.selecting.scroll_wanted.connect(self._on_scroll_wanted)
        self.pointing = Pointing(self.page, self.viewport())
        self.pointing.link_activated.connect(self.open_link)
        self.pointing.item_pointed_at.connect(self._on_item_pointed_at)
        self.settled.connect(self.pointing.point_again)
        self.finder = FindInPage(self)
        self._written: ReplyTurn | None = None
        self._dragged: SidewaysBlock | None = None
        self._drag_x = 0.0

    @property
    def finding(self) -> Finding:
        """What is looked for on the page."""
        return self.finder.finding

    @property
    def focused_item(self) -> int:
        """The item that the keyboard is at; NOWHERE while it is at none."""
        return self.shown_items.focused

    def set_items(self, items: list[TranscriptItem]) -> None:
        """Show these items and no others."""
        self.widgets.clear()
        self.selecting.clear()
        self.shown_items.focused = NOWHERE
        self.stack.set_items(items)
        self.accessible.reset()
        self.finding.look_anew()

    def insert_item(self, index: int, item: TranscriptItem) -> None:
        """Put an item among the others."""
        anchor = self.anchor()
        self.selecting.shift(index, 1)
        self.finding.shift(index, 1)
        if self.shown_items.focused >= index:
            self.shown_items.focused += 1
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
        if self.shown_items.focused == index:
            self.shown_items.focused = NOWHERE
        elif self.shown_items.focused > index:
            self.shown_items.focused -= 1
        self.settle(anchor)

    def grown(self, item: ReplyTurn, first: int) -> None:
        """Show that an answer has changed from its block `first` on."""
        index = self.stack.index_of(item)
        anchor = self.anchor()
        self.stack.restack(index)
        self.settle(anchor, quietly=True)
        view = self.viewport()
        view.update(self._painted_caret)
        y = self.stack.top_of(index) + item.changed_top(first) - self.top - 2
        if y < view.height():
            view.update(0, max(0, math.floor(y)), view.width(), view.height())
        self.finding.look_again_in(index, soon=True)

    def show_caret_in(self, turn: ReplyTurn | None) -> None:
        """Let the caret breathe at an answer's end, and its sentences be read out; None when nothing is written."""
        before, self._written = self._written, turn
        self.shown_items.written = turn
        if before is not None and before is not turn:
            self._announcer.stop()
            if before in self.stack.items:
                self.accessible.end_writing(self.stack.index_of(before))
        if turn is None:
            self.caret.stop()
        elif turn is not before:
            self.caret.start()
            self._announcer.begin(lambda: turn.blocks, turn.blocks)

    def focus_item(self, index: int) -> None:
        """Take the keyboard to an item, and bring its beginning into view."""
        if not 0 <= index < len(self.stack.items):
            return
        self.shown_items.focused = index
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        top = self.stack.top_of(index)
        bottom = top + self.stack.items[index].height
        if top < self.top or bottom > self.top + self.viewport().height():
            self.begin_at(index, 2 * _FRAME_MARGIN)
        self.accessible.move_focus()
        self.viewport().update()

    def step_focus(self, by: int) -> None:
        """Go to the next (1) or the previous (-1) item; from nowhere, to the last or first one in view."""
        if self.shown_items.focused == NOWHERE:
            self.focus_item(self._item_in_view(by))
            return
        self.focus_item(max(0, min(len(self.stack.items) - 1, self.shown_items.focused + by)))

    def _item_in_view(self, by: int) -> int:
        """The first item in view for a step forwards, the last one for a step backwards."""
        seen = [index for index, _ in self.stack.visible(self.top, self.top + self.viewport().height())]
        return NOWHERE if not seen else seen[-1] if by < 0 else seen[0]

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
        area = self._caret_area()
        if area is not None:
            self.caret.paint(painter, area, self.look.tokens.accent)
            self._painted_caret = _around(area)
        if self.hasFocus() and 0 <= self.shown_items.focused < len(self.stack.items):
            focused = self.shown_items.focused
            frame = self.stack.items[focused].frame.translated(self.area_of(focused).topLeft())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(self.look.tokens.accent), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            margin = _FRAME_MARGIN
            painter.drawRoundedRect(frame.adjusted(-margin, -margin, margin, margin), _FRAME_RADIUS, _FRAME_RADIUS)

    def _caret_area(self) -> QRectF | None:
        turn = self._written
        if turn is None or turn not in self.stack.items:
            return None
        area = turn.caret_area()
        if area is None:
            return None
        return area.translated(self.column.left(), self.stack.top_of(self.stack.index_of(turn)) - self.top)

    @Slot()
    def _on_caret_changed(self) -> None:
        area = self._caret_area()
        if area is not None:
            self.viewport().update(_around(area))

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

    def _bar_under(self, point: QPointF) -> SidewaysBlock | None:
        """The block whose sideways bar is under a point."""
        under = self.page.block_under(point)
        if under is None or not isinstance(under[0], SidewaysBlock):
            return None
        return under[0] if under[0].bar_rect().contains(under[1]) else None

    def _scroll_sideways(self, point: QPointF, pixels: float) -> bool:
        under = self.page.block_under(point)
        if under is None or not under[0].scroll_by(pixels):
            return False
        self.viewport().update()
        return True

    def _zoom_with_wheel(self, turned: int) -> None:
        self._turned += turned
        while abs(self._turned) >= _NOTCH:
            step = 1 if self._turned > 0 else -1
            self._turned -= step * _NOTCH
            self.zoom_by(step)

    def _take_navigation(self, event: QKeyEvent) -> bool:
        """Take a key that moves the page or goes to another message."""
        key, bar = event.key(), self.verticalScrollBar()
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if key == Qt.Key.Key_Escape and self.finder.bar.isVisible():
            self.finder.bar.close_bar()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.Find):
            self.open_find()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self.read_item(self.shown_items.focused)
        elif key == Qt.Key.Key_Home and plain:
            self._go_home()
        elif key == Qt.Key.Key_End and plain:
            self.follow()
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown) and plain:
            step = self.viewport().height() - 40
            self.scroll_to(bar.value() + (step if key == Qt.Key.Key_PageDown else -step))
        elif key in _NEXT_KEYS and plain:
            self.step_focus(1)
        elif key in _PREVIOUS_KEYS and plain:
            self.step_focus(-1)
        else:
            return False
        return True

    def _go_home(self) -> None:
        if self.stack.items:
            self.begin_at(0, self.stack.top_of(0))

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self._painted_caret.translate(0, dy)
        super().scrollContentsBy(dx, dy)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointing.leave()

    def focusNextPrevChild(self, forward: bool) -> bool:
        self.widgets.order()
        return super().focusNextPrevChild(forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.selecting.key(event) or self._take_navigation(event):
            event.accept()
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._dragged = self._bar_under(event.position())
        self._drag_x = event.position().x()
        if self._dragged is None:
            self.pointing.press(event)
            self.selecting.press(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged is not None:
            self._dragged.drag_bar(event.position().x() - self._drag_x)
            self._drag_x = event.position().x()
            self.viewport().update()
        elif event.buttons() & Qt.MouseButton.LeftButton:
            self.selecting.move(event)
        else:
            self.pointing.hover(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._dragged is not None:
            self._dragged = None
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
        if sideways and self._scroll_sideways(event.position(), -float(delta.x() or delta.y())):
            event.accept()
        else:
            super().wheelEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        point, opened_at = QPointF(self.viewport().mapFromGlobal(event.globalPos())), event.globalPos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard and self.shown_items.focused != NOWHERE:
            area = self.area_of(self.shown_items.focused).intersected(QRectF(self.viewport().rect()))
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
        came_by_key = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if came_by_key and self.shown_items.focused == NOWHERE:
            self.shown_items.focused = self._item_in_view(1 if event.reason() == Qt.FocusReason.TabFocusReason else -1)
            self.accessible.move_focus()
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()


def _around(area: QRectF) -> QRect:
    """The pixels that painting an area may touch."""
    return area.toAlignedRect().adjusted(-1, -1, 1, 1)
