"""What a reader does on the page: points, selects, copies, finds, zooms, and goes from message to message."""

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.ui.theme import Appearance
from app.ui.transcript.blocks.painted import Highlight
from app.ui.transcript.caret import BreathingCaret
from app.ui.transcript.finding import Finding
from app.ui.transcript.items import TranscriptItem
from app.ui.transcript.page_view import PageView
from app.ui.transcript.pointing import Pointing
from app.ui.transcript.reply_turn import ReplyTurn
from app.ui.transcript.selecting import Selecting

_FRAME_MARGIN = 7
_FRAME_RADIUS = 8
_NEXT_KEYS = (Qt.Key.Key_J, Qt.Key.Key_Down)
_PREVIOUS_KEYS = (Qt.Key.Key_K, Qt.Key.Key_Up)
NOWHERE = -1


class ReadingView(PageView):
    """A page whose items can be read with mouse, keyboard and assistive technology."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, parent)
        self.viewport().setMouseTracking(True)
        self._focused = NOWHERE
        self._written: ReplyTurn | None = None
        self.caret = BreathingCaret(self)
        self.caret.changed.connect(self._on_caret_changed)
        self.selecting = Selecting(self.page, self.viewport(), self.reveal)
        self.selecting.changed.connect(self._on_marks_changed)
        self.selecting.scroll_wanted.connect(self._on_scroll_wanted)
        self.finding = Finding(self.page, self)
        self.finding.changed.connect(self._on_marks_changed)
        self.pointing = Pointing(self.page, self.viewport())
        self.pointing.link_activated.connect(self.open_link)

    @property
    def focused_item(self) -> int:
        """The item that the keyboard is at; NOWHERE while it is at none."""
        return self._focused

    def set_items(self, items: list[TranscriptItem]) -> None:
        """Show these items and no others."""
        self.widgets.clear()
        self.selecting.clear()
        self._focused = NOWHERE
        self.stack.set_items(items)
        self.finding.look_again()

    def insert_item(self, index: int, item: TranscriptItem) -> None:
        """Put an item among the others."""
        anchor = self.anchor()
        if index < len(self.stack.items):
            self.selecting.clear()
        if self._focused >= index:
            self._focused += 1
        self.stack.insert(index, item)
        self.settle(anchor)

    def remove_item(self, item: TranscriptItem) -> None:
        """Take an item out."""
        anchor = self.anchor()
        self.selecting.clear()
        self._focused = NOWHERE
        self.stack.remove(item)
        self.settle(anchor)

    def grown(self, item: TranscriptItem, changed: float) -> None:
        """Show that an item has changed from a height of its own on."""
        index = self.stack.items.index(item)
        anchor = self.anchor()
        self.stack.restack(index)
        if not self.settle(anchor, quietly=True):
            y = self.stack.top_of(index) + changed - self.top - 2
            view = self.viewport()
            if y < view.height():
                view.update(0, max(0, math.floor(y)), view.width(), view.height())

    def show_caret_in(self, turn: ReplyTurn | None) -> None:
        """Let the caret breathe at the end of an answer; None when nothing is written."""
        self._written = turn
        if turn is None:
            self.caret.stop()
        else:
            self.caret.start(still=self.is_still)

    @property
    def is_still(self) -> bool:
        """Whether nothing may move by itself."""
        return False

    def focus_item(self, index: int) -> None:
        """Take the keyboard to an item, and bring its beginning into view."""
        if not 0 <= index < len(self.stack.items):
            return
        self._focused = index
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        top = self.stack.top_of(index)
        bottom = top + self.stack.items[index].height
        if top < self.top or bottom > self.top + self.viewport().height():
            self.scroll_to(top - 2 * _FRAME_MARGIN)
        self.viewport().update()

    def step_focus(self, by: int) -> None:
        """Go to the next (1) or the previous (-1) item; from nowhere, to the last or first one in view."""
        if self._focused == NOWHERE:
            seen = [i for i, _ in self.stack.visible(self.top, self.top + self.viewport().height())]
            if seen:
                self.focus_item(seen[-1] if by < 0 else seen[0])
            return
        self.focus_item(max(0, min(len(self.stack.items) - 1, self._focused + by)))

    def highlights_of(self, message: int) -> dict[int, list[Highlight]]:
        """See PageView."""
        found = self.finding.highlights_of(message)
        for block, marks in self.selecting.highlights_of(message).items():
            found.setdefault(block, []).extend(marks)
        return found

    def copy(self) -> None:
        """Put what is selected on the clipboard: Markdown as text, and HTML."""
        if self.selecting.selection is not None:
            QGuiApplication.clipboard().setMimeData(self.selecting.mime())

    def paint_over(self, painter: QPainter) -> None:
        """See PageView."""
        area = self._caret_area()
        if area is not None:
            self.caret.paint(painter, area, self.look.tokens.accent)
        if self.hasFocus() and 0 <= self._focused < len(self.stack.items):
            top = self.stack.top_of(self._focused) - self.top
            frame = QRectF(self.column.left(), top, self.column.width(), self.stack.items[self._focused].height)
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
        return area.translated(self.column.left(), self.stack.top_of(self.stack.items.index(turn)) - self.top)

    def _on_caret_changed(self) -> None:
        area = self._caret_area()
        if area is not None:
            self.viewport().update(area.toAlignedRect().adjusted(-1, -1, 1, 1))

    def _on_marks_changed(self) -> None:
        self.viewport().update()

    def _on_scroll_wanted(self, pixels: int) -> None:
        self.scroll_to(self.top + pixels)

    def _scroll_sideways(self, point: QPointF, pixels: float) -> bool:
        under = self.page.block_under(point)
        if under is None or not under[0].scroll_by(pixels):
            return False
        self.viewport().update()
        return True

    def _take_navigation(self, event: QKeyEvent) -> bool:
        """Take a key that moves the page or goes to another message."""
        key, bar = event.key(), self.verticalScrollBar()
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif key == Qt.Key.Key_Home and plain:
            self.scroll_to(0)
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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.selecting.key(event) or self._take_navigation(event):
            event.accept()
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.pointing.press(event)
            self.selecting.press(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.selecting.move(event)
        else:
            self.pointing.hover(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.selecting.release()
            if self.selecting.selection is None:
                self.pointing.release(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta() / 2
        sideways = event.modifiers() & Qt.KeyboardModifier.ShiftModifier or abs(delta.x()) > abs(delta.y())
        if sideways and self._scroll_sideways(event.position(), -float(delta.x() or delta.y())):
            event.accept()
        else:
            super().wheelEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()
