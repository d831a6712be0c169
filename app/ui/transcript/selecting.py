"""Selecting text on the page with mouse and keyboard, across blocks and messages, and dragging it elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QMimeData, QObject, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QDrag, QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.ui.transcript.blocks.painted import Highlight, HighlightKind
from app.ui.transcript.markdown.part import Part
from app.ui.transcript.page import Page
from app.ui.transcript.places import Place, Selection, Step, Unit, everything, selected_at, shifted

_SCROLL_MILLISECONDS = 30
_UNITS = {1: Unit.CHARACTER, 2: Unit.WORD, 3: Unit.BLOCK}
_KEYS: Mapping[QKeySequence.StandardKey, tuple[Step, int]] = {
    QKeySequence.StandardKey.SelectNextChar: (Step.CHARACTER, 1),
    QKeySequence.StandardKey.SelectPreviousChar: (Step.CHARACTER, -1),
    QKeySequence.StandardKey.SelectNextWord: (Step.WORD, 1),
    QKeySequence.StandardKey.SelectPreviousWord: (Step.WORD, -1),
    QKeySequence.StandardKey.SelectNextLine: (Step.LINE, 1),
    QKeySequence.StandardKey.SelectPreviousLine: (Step.LINE, -1),
    QKeySequence.StandardKey.SelectStartOfLine: (Step.LINE_EDGE, -1),
    QKeySequence.StandardKey.SelectEndOfLine: (Step.LINE_EDGE, 1),
    QKeySequence.StandardKey.SelectStartOfBlock: (Step.BLOCK, -1),
    QKeySequence.StandardKey.SelectEndOfBlock: (Step.BLOCK, 1),
    QKeySequence.StandardKey.SelectStartOfDocument: (Step.EVERYTHING, -1),
    QKeySequence.StandardKey.SelectEndOfDocument: (Step.EVERYTHING, 1),
}


class Selecting(QObject):
    """The selection and the hands that make it. `reveal` brings a place into view; `mime` is what a drag carries."""

    changed = Signal()
    scroll_wanted = Signal(int)  # pixels downwards, while the pointer is drawn beyond the view

    def __init__(self, page: Page, viewport: QWidget, reveal: Callable[[Place], None]) -> None:
        super().__init__(viewport)
        self._page = page
        self._viewport = viewport
        self._reveal = reveal
        self._selection: Selection | None = None
        self._pressed: Selection | None = None
        self._press_point: QPointF | None = None
        self._unit = Unit.CHARACTER
        self._clicks = 0
        self._begins_drag = False
        self._last_point = QPointF()
        self._clicking = QTimer(self)
        self._clicking.setSingleShot(True)
        self._scrolling = QTimer(self)
        self._scrolling.setInterval(_SCROLL_MILLISECONDS)
        self._scrolling.timeout.connect(self._on_scrolling)
        self.start_drag: Callable[[QDrag], None] = _start

    @property
    def selection(self) -> Selection | None:
        """What is selected; None when nothing is."""
        return self._selection if self._selection is not None and not self._selection.is_empty else None

    @property
    def is_drawing(self) -> bool:
        """Whether the mouse is selecting now."""
        return self._pressed is not None

    def clear(self) -> None:
        """Select nothing."""
        self._pressed = None
        self._scrolling.stop()
        if self._selection is not None:
            self._selection = None
            self.changed.emit()

    def select(self, selection: Selection | None) -> None:
        """Select this in place of what was."""
        self._selection = selection
        self.changed.emit()

    def shift(self, first: int, by: int) -> None:
        """The messages from `first` on are counted anew: one came before them (1), or the one there is gone (-1)."""
        if by < 0 and self._selection is not None and first in self._selection.messages():
            self.clear()
        self._selection = self._selection and _shifted(self._selection, first, by)
        self._pressed = self._pressed and _shifted(self._pressed, first, by)

    def select_all(self) -> None:
        """Select the whole conversation."""
        if self._page.message_count():
            self.select(everything(self._page))

    def text(self) -> str:
        """What is selected as plain text; empty when nothing is."""
        from app.ui.transcript.clipboard import selected_text  # with its first use, as all that exports

        return selected_text(self._messages()) if self.selection is not None else ""

    def first_words(self) -> str:
        """What is selected in the first block of the selection, as it is read; empty when nothing is selected."""
        if self.selection is None:
            return ""
        start, end = self.selection.start, self.selection.end
        text = self._page.text_of(start.message, start.block)
        is_one = (start.message, start.block) == (end.message, end.block)
        return text[start.character : end.character if is_one else None]

    def mime(self) -> QMimeData:
        """What is selected, as it goes onto the clipboard or along with the pointer."""
        from app.ui.transcript.clipboard import mime_data

        return mime_data(self._messages())

    def _messages(self) -> list[Sequence[Part]]:
        selection = self.selection
        if selection is None:
            return []
        from app.ui.transcript.clipboard import PlainParts

        messages: list[Sequence[Part]] = []
        for message in selection.messages():
            parts = selection.parts_of(message, self._page.blocks_of(message))
            messages.append(PlainParts(parts) if self._page.items[message].is_plain else parts)
        return messages

    def highlights_of(self, message: int, blocks: range) -> dict[int, list[Highlight]]:
        """What is selected of some blocks of a message, by their numbers."""
        selection = self.selection
        if selection is None or message not in selection.messages():
            return {}
        found: dict[int, list[Highlight]] = {}
        item = self._page.items[message]
        first = selection.start.block if message == selection.start.message else 0
        last = selection.end.block + 1 if message == selection.end.message else blocks.stop
        for block in range(max(first, blocks.start), min(last, blocks.stop)):
            part = selection.range_in(message, block, len(item.text_of(block)))
            if part is not None:
                found[block] = [Highlight(*part, HighlightKind.SELECTED)]
        return found

    def is_selected_at(self, point: QPointF) -> bool:
        """Whether a point of the viewport lies on selected text."""
        place = self._page.place_at(point)
        selection = self.selection
        return place is not None and selection is not None and selection.start <= place < selection.end

    def press(self, event: QMouseEvent) -> None:
        """The left button went down."""
        point = event.position()
        self._count_click(point)
        place = self._page.place_at(point)
        if place is None:
            self.clear()
            return
        if self._clicks == 1 and self.is_selected_at(point):
            self._begins_drag, self._press_point = True, point
            return
        self._press_point = point
        self._unit = _UNITS[self._clicks]
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._selection is not None:
            self._pressed = Selection(self._selection.anchor, self._selection.anchor)
            self._draw_to(place)
            return
        self._pressed = selected_at(place, self._unit, self._page)
        self.select(self._pressed)

    def move(self, event: QMouseEvent) -> None:
        """The pointer moves while the left button is down."""
        point = event.position()
        self._last_point = point
        if self._begins_drag and self._press_point is not None:
            distance = (point - self._press_point).manhattanLength()
            if distance >= QApplication.startDragDistance():
                self._begins_drag = False
                self._drag()
            return
        if self._pressed is None:
            return
        outside = not QRectF(self._viewport.rect()).contains(point)
        if outside and not self._scrolling.isActive():
            self._scrolling.start()
        elif not outside:
            self._scrolling.stop()
        place = self._page.place_at(point)
        if place is not None:
            self._draw_to(place)

    def release(self) -> None:
        """The left button went up."""
        self._scrolling.stop()
        if self._begins_drag:
            self._begins_drag = False
            self.clear()
        self._pressed = None
        clipboard = QGuiApplication.clipboard()
        if self.selection is not None and clipboard.supportsSelection():
            clipboard.setMimeData(self.mime(), clipboard.Mode.Selection)

    def key(self, event: QKeyEvent) -> bool:
        """Take a key that changes the selection; False for any other."""
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self.select_all()
            return True
        for key, (step, by) in _KEYS.items():
            if event.matches(key):
                self._extend(step, by)
                return True
        return False

    def _extend(self, step: Step, by: int) -> None:
        selection = self._selection or self._first_in_view()
        if selection is not None:
            self.select(selection.moved(step, by, self._page, self._page))
            self._reveal(self._selection.focus if self._selection is not None else selection.focus)

    def _first_in_view(self) -> Selection | None:
        place = self._page.place_at(QPointF(self._page.left, 1))
        return Selection(place, place) if place is not None else None

    def _draw_to(self, place: Place) -> None:
        if self._pressed is not None:
            drawn = self._pressed.drawn_to(place, self._unit, self._page)
            if drawn != self._selection:
                self.select(drawn)

    def _count_click(self, point: QPointF) -> None:
        near = self._press_point is not None and (point - self._press_point).manhattanLength() < 6
        self._clicks = self._clicks % 3 + 1 if self._clicking.isActive() and near else 1
        self._clicking.start(QApplication.doubleClickInterval())

    def _drag(self) -> None:
        drag = QDrag(self._viewport)
        drag.setMimeData(self.mime())
        self.start_drag(drag)

    def _on_scrolling(self) -> None:
        y, height = self._last_point.y(), self._viewport.height()
        beyond = y if y < 0 else max(0.0, y - height)
        if beyond:
            self.scroll_wanted.emit(round(max(-60.0, min(60.0, beyond))))
            place = self._page.place_at(self._last_point)
            if place is not None:
                self._draw_to(place)


def _shifted(selection: Selection, first: int, by: int) -> Selection:
    return replace(selection, anchor=shifted(selection.anchor, first, by), focus=shifted(selection.focus, first, by))


def _start(drag: QDrag) -> None:
    drag.exec(Qt.DropAction.CopyAction)
