"""A page of items that is painted as far as it is seen: it scrolls, keeps the reader's place, and follows the end."""

import math
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QAbstractSlider, QFrame, QWidget

from app.ui.theme import Appearance
from app.ui.transcript.accessibility import AccessibleConversation
from app.ui.transcript.blocks.painted import Highlight, Look, PaintedBlock
from app.ui.transcript.items import TranscriptItem
from app.ui.transcript.jump_button import JumpButton
from app.ui.transcript.links import LinkDialog
from app.ui.transcript.page import Page
from app.ui.transcript.page_items import PageItems
from app.ui.transcript.places import Place
from app.ui.transcript.shown_widgets import ShownWidgets
from app.ui.transcript.slow_reader import end_of_turn
from app.ui.transcript.small_button import zoomed_style_sheet
from app.ui.transcript.stack import Anchor, ItemStack

COLUMN_WIDTH = 700
_SIDE = 24
_NEAR_END = 4
_LINE_STEP = 40
_REVEALED_MARGIN = 40
_SETTLING_ROUNDS = 8
_REPAINTING_MILLISECONDS = 8  # while code is not coloured yet


class PageView(QAbstractScrollArea):
    """Items in one column; `follows` is True while the view keeps to the end."""

    settled = Signal()  # something stands elsewhere, or was laid out

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # The first thing: once Qt has made an interface of its own for this widget, it asks no other. It makes one also
        # when a method that is no Slot is connected, because that gives the widget another meta-object.
        self.shown_items = PageItems(self)
        self.accessible = AccessibleConversation(self, self.shown_items)
        self.appearance = appearance
        self.look = Look(appearance.tokens, 1.0, self.devicePixelRatioF())
        self.stack = ItemStack()
        self.page = Page(self.stack)
        self.page.keep_place = self._keep_place_while
        self._follows = True
        self._is_moving = False
        self._is_held = False
        self._arranged: tuple[int, float] | None = None  # where the page stood when the widgets were put there
        self._column: QRectF | None = None  # as long as its measures hold
        # What stays through several changes of the width, and the top then.
        self._kept: tuple[Anchor, int] | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.widgets = ShownWidgets(self.viewport())
        self.widgets.block_changed.connect(self._on_block_changed)
        self.widgets.link_activated.connect(lambda address: self.open_link(address.toString()))
        self._repainting = QTimer(self)
        self._repainting.setSingleShot(True)
        self._repainting.setInterval(_REPAINTING_MILLISECONDS)
        self._repainting.timeout.connect(self._on_repainting_due)
        self._awaits_paint = False  # which will tell whether it must be repainted once more
        self.jump_button = JumpButton(appearance, self)
        self.jump_button.clicked.connect(self.follow)
        bar = self.verticalScrollBar()
        bar.setSingleStep(_LINE_STEP)
        bar.actionTriggered.connect(self._on_action_triggered)
        appearance.changed.connect(self._on_appearance_changed)

    @property
    def follows(self) -> bool:
        """Whether the view keeps to the end; cleared the moment the user scrolls up."""
        return self._follows

    @property
    def is_settled(self) -> bool:
        """Whether what is in view looks as it will: code is coloured a little at a time."""
        return not self._repainting.isActive() and not (self._awaits_paint and self.viewport().isVisible())

    @property
    def top(self) -> int:
        """The height of the page that the viewport begins at, in logical pixels."""
        return self.verticalScrollBar().value()

    @Slot()
    def follow(self) -> None:
        """Go to the end and keep to it."""
        self._follows = True
        self.jump_button.show_for(follows=True)
        self.settle()

    def stay(self) -> None:
        """Keep to what is in view, whatever comes at the end."""
        self._follows = False
        self._show_jump_button()

    def scroll_to(self, top: float) -> None:
        """Begin the view at a height of the page, as if the user had scrolled there."""
        bar = self.verticalScrollBar()
        wanted = round(min(max(0.0, top), float(bar.maximum())))
        self._take_user_position(wanted)
        bar.setValue(wanted)

    def begin_at(self, index: int, above: float) -> None:
        """Begin the view so many logical pixels above an item, whatever heights become known on the way."""
        self.stay_at(Anchor(self.stack.items[index], None, above))

    def stay_at(self, anchor: Anchor) -> None:
        """Scroll to where something stands as far below the view's top as `anchor` says."""
        self._follows = False
        self.settle(anchor)
        self._take_user_position(self.top)

    def reveal(self, place: Place, below: float = 0) -> None:
        """Bring a place into view, sideways too, and not above `below`; a page that shows it already stays."""
        self.page.painter_at(place).reveal(place.character)
        area, height = self.page.rect_of(place), self.viewport().height()
        if area.top() < below or area.bottom() > height:
            item = self.stack.items[place.message]
            spot = item.spot_of(place.block)
            self.stay_at(Anchor(item, spot, below + _REVEALED_MARGIN + height // 4, place.character))
        self.viewport().update()

    def set_room_above(self, pixels: int) -> None:
        """Leave so many logical pixels free above the first item; what is in view stays where it is, if it can."""
        anchor = self.anchor()
        if self.stack.set_room_above(pixels):
            self.settle(anchor)

    def set_zoom(self, zoom: float) -> None:
        """Show text at another size; 1.0 is the design's."""
        if zoom != self.look.zoom:
            self.show_look(Look(self.look.tokens, zoom, self.look.pixel_ratio))

    def show_look(self, look: Look) -> None:
        """Show everything with other colours or at another size; what is in view stays in view."""
        anchor = self._reading_anchor()
        if look.zoom != self.look.zoom:
            self.viewport().setStyleSheet(zoomed_style_sheet(look))
        self.look, self._column = look, None
        self.widgets.clear()
        self.stack.set_look(look)
        self.stack.set_width(self.column.width())
        self._settle_reading(anchor)

    def resized(self, item: TranscriptItem, anchor: Anchor | None = None) -> None:
        """Show that an item has another height, or says something else; `anchor` stays where it is."""
        index = self.stack.index_of(item)
        anchor = anchor or self.anchor()
        self.stack.restack(index)
        self.settle(anchor)

    def changed_by_reader(self, item: TranscriptItem, anchor: Anchor) -> None:
        """Show that the reader has made an item higher or lower: what they pressed stays where it is."""
        self._follows = False
        self.resized(item, anchor)
        self._take_user_position(self.top)

    @property
    def column(self) -> QRectF:
        """The column in the viewport's coordinates, without a height."""
        if self._column is None:
            self._column = self._measured_column()
        return self._column

    def _measured_column(self) -> QRectF:
        width = min(self.look.pixels(COLUMN_WIDTH), self.viewport().width() - 2 * _SIDE)
        # The scroll bar takes its width from the right: the same on the left keeps the column below the composer's.
        whole = self.viewport().width() + self.verticalScrollBar().width()
        left = round(max(float(_SIDE), (whole - width) / 2))
        return QRectF(left, 0, max(1, min(width, self.viewport().width() - left - _SIDE // 2)), 0)

    def area_of(self, index: int) -> QRectF:
        """Where an item stands in the viewport; it may be out of view."""
        return QRectF(
            self.column.left(), self.stack.top_of(index) - self.top, self.column.width(), self.stack.items[index].height
        )

    def anchor(self) -> Anchor | None:
        """What must stay where it is when heights change; None while the view follows the end."""
        return None if self._follows else self.stack.anchor(self.top, self.top + self.viewport().height())

    def settle(self, anchor: Anchor | None = None, *, quietly: bool = False) -> None:
        """Lay out what is in view until no height changes, keep the reader's place, and put the real widgets there.

        `quietly` paints only what stands elsewhere than before, and leaves what else has changed to the caller.
        """
        anchor = anchor or self.anchor()
        before, height = self.top, self.viewport().height()
        below = _height_below(anchor)
        changed: set[int] = set()
        until = end_of_turn()
        for _ in range(_SETTLING_ROUNDS):
            self._move_to(anchor)
            found = self.stack.ensure(self.top, self.top + height, until)
            changed.update(found)
            if not found:
                break
        else:
            self._move_to(anchor)
        self.stack.release(self.top, self.top + height)
        self._show_jump_button()
        column = self.column
        self.page.left, self.page.top = column.left(), self.top
        arranged = (self.top, self.stack.height)
        if not quietly or changed or arranged != self._arranged:  # most words that are written move nothing
            self.widgets.arrange(self.stack, self.top, height, column)
            self._arranged = arranged
        if not quietly:
            self.viewport().update()
        elif anchor is not None and anchor.spot is not None:
            self._update_around(anchor, changed, below)
        elif (before != self.top and not self._follows) or len(changed) > 1:
            self.viewport().update()
        self.settled.emit()

    def _update_around(self, anchor: Anchor, changed: set[int], below: float) -> None:
        """Paint what stands elsewhere than before, while what is anchored stays where it is."""
        view, index = self.viewport(), self.stack.index_of(anchor.item)
        y = math.ceil(anchor.offset)
        if any(self.area_of(number).bottom() > 0 for number in changed if number <= index):
            view.update(0, 0, view.width(), max(0, y))
        lower = [math.floor(self.area_of(number).top()) for number in changed if number > index]
        if _height_below(anchor) != below:
            lower.append(y)
        if lower and min(lower) < view.height():
            view.update(0, min(lower), view.width(), view.height())

    def highlights_of(self, _message: int, _blocks: range) -> dict[int, list[Highlight]]:
        """What is marked in some blocks of an item, by their numbers."""
        return {}

    @Slot(str)
    def open_link(self, address: str) -> None:
        """Ask before an address is opened, with all of it in view."""
        LinkDialog(QUrl(address), self.window()).open()

    def _keep_place_while(self, lay_out: Callable[[], None]) -> None:
        anchor = self.anchor()
        lay_out()
        self.settle(anchor)

    def _reading_anchor(self) -> Anchor | None:
        """The line at the view's top; through changes one after the other it is the same."""
        if self._follows:
            return None
        if self._kept is not None and self._kept[1] == self.top and self._kept[0].item in self.stack.items:
            return self._kept[0]
        return self.stack.anchor(self.top, self.top + self.viewport().height(), exactly=True)

    def _settle_reading(self, anchor: Anchor | None) -> None:
        self.settle(anchor)
        self._kept = (anchor, self.top) if anchor is not None else None

    def _show_jump_button(self) -> None:
        self.jump_button.show_for(follows=self._follows or self._is_near_end(self.top))

    def _is_near_end(self, position: int) -> bool:
        return position >= self.verticalScrollBar().maximum() - _NEAR_END

    def _move_to(self, anchor: Anchor | None) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        wanted = round(self.stack.top_for(anchor)) if anchor is not None else self.top
        maximum = max(0, math.ceil(self.stack.height - height))
        self._is_moving, self._is_held = True, anchor is not None
        if bar.maximum() != maximum or bar.pageStep() != height:
            bar.setPageStep(height)
            bar.setRange(0, maximum)
            bar.setEnabled(maximum > 0)  # it keeps its place, and shows no handle
        bar.setValue(maximum if self._follows else wanted)
        self._is_moving = self._is_held = False
        if anchor is not None and bar.value() != wanted:  # it cannot stay where it is at the ends of the page
            self.viewport().update()

    @Slot(int)
    def _on_action_triggered(self, action: int) -> None:
        if action != QAbstractSlider.SliderAction.SliderNoAction.value:
            self._take_user_position(self.verticalScrollBar().sliderPosition())

    def _take_user_position(self, position: int) -> None:
        self._follows = self._is_near_end(position)
        self.jump_button.show_for(follows=self._follows)

    @Slot()
    def _on_repainting_due(self) -> None:
        self._awaits_paint = True
        self.settle()  # formulas that are drawn by now change the heights

    @Slot(object)
    def _on_block_changed(self, painter: PaintedBlock) -> None:
        for index, item in self.stack.visible(self.top, self.top + self.viewport().height()):
            spot = item.lay_out_again(painter)
            if spot is not None:
                y = self.stack.top_of(index) + item.top_of(spot) - self.top
                self.changed_by_reader(item, Anchor(item, spot, y))
                return

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.show_look(Look(self.appearance.tokens, self.look.zoom, self.devicePixelRatioF()))

    def paint_over(self, painter: QPainter) -> None:
        """Paint what lies over the items; the painter's origin is the viewport's corner."""

    def scrollContentsBy(self, _dx: int, dy: int) -> None:
        if self._is_held:  # heights above have changed with the value: nothing moves on screen
            return
        if abs(dy) < self.viewport().height():
            self.viewport().scroll(0, dy)  # moves the real widgets with the pixels
        else:
            self.viewport().update()
        if not self._is_moving:
            self.settle(quietly=True)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._awaits_paint = False
        painter = QPainter(self.viewport())
        area = QRectF(event.rect())
        painter.fillRect(event.rect(), QColor(self.look.tokens.surface))
        left = self.column.left()
        for index, item in self.stack.visible(self.top + area.top(), self.top + area.bottom() + 1):
            y = self.stack.top_of(index) - self.top
            painter.save()
            painter.translate(QPointF(left, y))
            marks = self.highlights_of(index, item.blocks_between(area.top() - y, area.bottom() - y))
            item.paint(painter, area.translated(-left, -y), marks)
            painter.restore()
            if not item.is_settled(area.top() - y, area.bottom() - y) and not self._repainting.isActive():
                self._repainting.start()
        self.paint_over(painter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._column = None
        self.jump_button.stand_in(self.viewport().geometry())
        anchor = self._reading_anchor()
        self.stack.set_width(self.column.width())
        self._settle_reading(anchor)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self.show_look(Look(self.look.tokens, self.look.zoom, self.devicePixelRatioF()))

    def sizeHint(self) -> QSize:
        return QSize(COLUMN_WIDTH + 2 * _SIDE, 400)


def _height_below(anchor: Anchor | None) -> float:
    """How much of the anchored item lies below what is anchored in it."""
    if anchor is None or anchor.spot is None:
        return 0.0
    return anchor.item.height - anchor.item.top_of(anchor.spot)
