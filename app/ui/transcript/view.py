"""The transcript: the shown conversation in one painted column, which follows the end while an answer is written."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QAbstractSlider, QFrame, QWidget

from app.core.conversation import Message, Role
from app.core.settings import OverflowPolicy
from app.ui.theme import Appearance
from app.ui.transcript.blocks.painted import Look
from app.ui.transcript.divider_item import DividerItem
from app.ui.transcript.fold_heading import FoldHeading
from app.ui.transcript.items import NO_MARKS, TranscriptItem
from app.ui.transcript.jump_button import JumpButton
from app.ui.transcript.links import LinkDialog
from app.ui.transcript.memory import MemoryDivider, MemoryStart
from app.ui.transcript.reply_foot import ReplyFoot
from app.ui.transcript.reply_turn import ReplyTurn
from app.ui.transcript.shown_widgets import ShownWidgets
from app.ui.transcript.stack import Anchor, ItemStack
from app.ui.transcript.user_turn import UserTurn

COLUMN_WIDTH = 700
_SIDE = 24
_NEAR_END = 4
_LINE_STEP = 40
_SETTLING_ROUNDS = 8


class TranscriptView(QAbstractScrollArea):
    """Turns in a column; `follows` is True while the view keeps to the end."""

    continue_requested = Signal(int)  # the id of the answer to be written on
    overflow_chosen = Signal(OverflowPolicy)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._look = Look(appearance.tokens, 1.0, self.devicePixelRatioF())
        self._stack = ItemStack()
        self._by_id: dict[int, UserTurn | ReplyTurn] = {}
        self._divider: DividerItem | None = None
        self._follows = True
        self._is_moving = False
        self._waiting: UserTurn | None = None
        self._reply: ReplyTurn | None = None
        self.setObjectName("Transcript")
        self.setAccessibleName("Conversation")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.viewport().setMouseTracking(True)
        self._widgets = ShownWidgets(self.viewport())
        self.jump_button = JumpButton(appearance, self)
        self.jump_button.clicked.connect(self.follow)
        bar = self.verticalScrollBar()
        bar.setSingleStep(_LINE_STEP)
        bar.actionTriggered.connect(self._on_action_triggered)
        appearance.changed.connect(self._on_appearance_changed)
        # One change of the page for all that arrives in one delivery.
        self._flushing = QTimer(self)
        self._flushing.setSingleShot(True)
        self._flushing.timeout.connect(self._on_flushing)

    @property
    def follows(self) -> bool:
        """Whether the view keeps to the end; cleared the moment the user scrolls up."""
        return self._follows

    @property
    def rows(self) -> list[UserTurn | ReplyTurn]:
        """The messages' turns, from the top."""
        return [item for item in self._stack.items if isinstance(item, UserTurn | ReplyTurn)]

    @property
    def divider(self) -> MemoryDivider | None:
        """The line where the model's memory begins; None while it sees everything."""
        return self._divider.widget if self._divider is not None else None

    def show_messages(self, messages: Sequence[Message]) -> None:
        """Show a conversation from its end."""
        self._widgets.clear()
        self._waiting = self._reply = None
        self._divider = None
        self._by_id.clear()
        items: list[TranscriptItem] = []
        for message in messages:
            turn = self._turn_of(message)
            self._by_id[message.id] = turn
            items.append(turn)
        self._stack.set_items(items)
        self._mark_last()
        self.follow()

    def show_memory(self, start: MemoryStart | None, policy: OverflowPolicy) -> None:
        """Draw the line where the model's memory begins, in place of the one before; None draws none."""
        if self._divider is not None:
            self._stack.remove(self._divider)
            self._widgets.drop(self._divider.part)
            self._divider = None
        turn = self._by_id.get(start.message_id) if start is not None else None
        if start is not None and turn is not None:
            divider = MemoryDivider(start, policy, self._appearance.tokens, self.viewport())
            divider.overflow_chosen.connect(self.overflow_chosen)
            self._divider = DividerItem(divider, self._look)
            divider.height_changed.connect(self._on_divider_changed)
            self._stack.insert(self._stack.items.index(turn), self._divider)
        self._settle()

    def add_waiting(self, text: str, words: str) -> None:
        """Show a message that is not sent yet, and what it waits for (empty: nothing)."""
        self._waiting = UserTurn(text, self._look, words)
        self._stack.insert(len(self._stack.items), self._waiting)
        self._mark_last()
        self.follow()

    def set_waiting(self, words: str) -> None:
        """Change the word below the message that waits; empty when it was sent."""
        if self._waiting is not None and self._waiting.waiting != words:
            self._waiting.set_waiting(words)
            self._resized(self._waiting)

    def mark_sent(self, message_id: int) -> None:
        """The message that waited is stored under this id."""
        if self._waiting is not None:
            self.set_waiting("")
            self._by_id[message_id] = self._waiting
            self._waiting = None

    def begin_reply(self, message_id: int, text: str = "", reasoning: str = "", notes: Sequence[str] = ()) -> None:
        """Begin the answer that is being written, with what there is of it already."""
        self._reply = self._new_reply()
        self._reply.is_written = True
        self._by_id[message_id] = self._reply
        self._stack.insert(len(self._stack.items), self._reply)
        self._mark_last()
        self._reply.append_reasoning(reasoning)
        if text:
            self._reply.append_text(text)
        for sentence in notes:
            self._reply.add_note(sentence)
        self._reply.flush()
        self._resized(self._reply)

    def add_notes(self, message_id: int, notes: Sequence[str]) -> None:
        """Tell something about how an answer that is shown came about."""
        turn = self._by_id.get(message_id)
        if isinstance(turn, ReplyTurn) and notes:
            for sentence in notes:
                turn.add_note(sentence)
            self._resized(turn)

    def write_on(self, message_id: int) -> None:
        """Turn an answer that has ended back into one that is being written."""
        turn = self._by_id.get(message_id)
        if isinstance(turn, ReplyTurn):
            self._reply = turn
            turn.write_on()
            turn.flush()
            self._refresh_widgets(turn)
            self._resized(turn)

    def append_to_reply(self, text: str) -> None:
        """Write on in the answer that was begun."""
        if self._reply is not None:
            self._reply.append_text(text)
            self._flush_soon()

    def append_reasoning(self, text: str) -> None:
        """Write on in what the model thinks before the answer that was begun."""
        if self._reply is not None:
            self._reply.append_reasoning(text)
            self._resized(self._reply)

    def end_reasoning(self, seconds: float) -> None:
        """The answer that was begun has its first words; thinking has taken this long."""
        if self._reply is not None:
            before = self._reply.heading
            self._reply.end_reasoning(seconds)
            if self._reply.heading != before:
                self._refresh_widgets(self._reply)

    def add_note(self, sentence: str) -> None:
        """Tell something about how the answer that was begun comes about."""
        if self._reply is not None:
            self._reply.add_note(sentence)
            self._resized(self._reply)

    def finish_reply(self, message: Message) -> None:
        """Show the answer as it ended."""
        if self._reply is not None:
            turn, self._reply = self._reply, None
            self._flushing.stop()
            turn.show_message(message)
            self._by_id[message.id] = turn
            self._mark_last()
            self._refresh_widgets(turn)
            self._resized(turn)
            self.jump_button.count_one()

    def follow(self) -> None:
        """Go to the end and keep to it."""
        self._follows = True
        self.jump_button.show_for(follows=True)
        self._settle()

    def _turn_of(self, message: Message) -> UserTurn | ReplyTurn:
        if message.role is Role.USER:
            return UserTurn(message.text, self._look)
        turn = self._new_reply()
        turn.show_message(message)
        return turn

    def _new_reply(self) -> ReplyTurn:
        return ReplyTurn(self._look, self._make_fold, self._make_foot)

    def _make_fold(self, turn: ReplyTurn, parent: QWidget) -> QWidget:
        heading = FoldHeading(turn.heading, turn.is_open, parent)
        heading.toggled.connect(lambda _=False: self._toggle(turn))
        return heading

    def _make_foot(self, turn: ReplyTurn, parent: QWidget) -> QWidget:
        foot = ReplyFoot(lambda: turn.text, parent)
        if turn.message is not None and not turn.is_written:
            message = turn.message
            foot.set_is_last(bool(self._stack.items) and turn is self._stack.items[-1])
            foot.show_message(message)
            foot.continue_button.clicked.connect(lambda _=False: self.continue_requested.emit(message.id))
        return foot

    def _toggle(self, turn: ReplyTurn) -> None:
        self._follows = False
        turn.toggle()
        self._resized(turn)

    def _mark_last(self) -> None:
        """Let only the last turn's answer be written on."""
        for turn in self.rows:
            foot = self._widgets.widget_of(turn.foot) if isinstance(turn, ReplyTurn) else None
            if isinstance(foot, ReplyFoot):
                foot.set_is_last(turn is self._stack.items[-1])

    def _refresh_widgets(self, turn: ReplyTurn) -> None:
        """Make a turn's buttons anew, after what they show has changed."""
        self._widgets.drop(turn.foot)
        heading = self._widgets.widget_of(turn.fold)
        if isinstance(heading, FoldHeading):
            heading.show_heading(turn.heading)

    def _flush_soon(self) -> None:
        if not self._flushing.isActive():
            self._flushing.start()

    def _on_flushing(self) -> None:
        turn = self._reply
        if turn is None:
            return
        changed = turn.flush()
        if changed is None:
            return
        index = self._stack.items.index(turn)
        self._stack.restack(index)
        moved = self._settle(quietly=True)
        if not moved:
            y = self._stack.top_of(index) + changed - self._top - 2
            if y < self.viewport().height():
                self.viewport().update(0, max(0, math.floor(y)), self.viewport().width(), self.viewport().height())

    def _resized(self, item: TranscriptItem) -> None:
        """An item has another height, or shows something else."""
        anchor = self._anchor()
        self._stack.restack(self._stack.items.index(item))
        self._settle(anchor)

    @property
    def _top(self) -> int:
        return self.verticalScrollBar().value()

    @property
    def _column(self) -> QRectF:
        """The column in the viewport's coordinates, without a height."""
        width = min(self._look.pixels(COLUMN_WIDTH), self.viewport().width() - 2 * _SIDE)
        # The scroll bar takes its width from the right: the same on the left keeps the column below the composer's.
        bar = self.verticalScrollBar().width() if self.verticalScrollBar().isVisible() else 0
        whole = self.viewport().width() + bar
        left = max(float(_SIDE), (whole - width) / 2)
        return QRectF(round(left), 0, max(1, min(width, self.viewport().width() - round(left) - _SIDE // 2)), 0)

    def _anchor(self) -> Anchor | None:
        return None if self._follows else self._stack.anchor(self._top, self._top + self.viewport().height())

    def _settle(self, anchor: Anchor | None = None, *, quietly: bool = False) -> bool:
        """Lay out what is in view until no height changes, keep the reader's place, and put the real widgets there.

        `quietly` leaves painting to the caller, unless everything moves; whether it does.
        """
        anchor = anchor or self._anchor()
        before, height = self._top, self.viewport().height()
        moved = False
        for _ in range(_SETTLING_ROUNDS):
            self._move_to(anchor)
            if not self._stack.ensure(self._top, self._top + height):
                break
            moved = moved or not self._follows
        self._move_to(anchor)
        self._stack.release(self._top, self._top + height)
        self._widgets.arrange(self._stack, self._top, height, self._column)
        moved = moved or (before != self._top and not self._follows)
        if not quietly or moved:
            self.viewport().update()
        return moved

    def _move_to(self, anchor: Anchor | None) -> None:
        bar = self.verticalScrollBar()
        height = self.viewport().height()
        maximum = max(0, math.ceil(self._stack.height - height))
        self._is_moving = True
        if bar.maximum() != maximum or bar.pageStep() != height:
            bar.setPageStep(height)
            bar.setRange(0, maximum)
        if self._follows:
            bar.setValue(maximum)
        elif anchor is not None:
            bar.setValue(round(self._stack.top_for(anchor)))
        self._is_moving = False

    def _on_action_triggered(self, action: int) -> None:
        if action != QAbstractSlider.SliderAction.SliderNoAction.value:
            self._take_user_position(self.verticalScrollBar().sliderPosition())

    def _take_user_position(self, position: int) -> None:
        self._follows = position >= self.verticalScrollBar().maximum() - _NEAR_END
        self.jump_button.show_for(follows=self._follows)

    def _on_divider_changed(self) -> None:
        if self._divider is not None:
            self._divider.take_height()
            self._resized(self._divider)

    def _on_appearance_changed(self) -> None:
        self._show_look(Look(self._appearance.tokens, self._look.zoom, self.devicePixelRatioF()))

    def _show_look(self, look: Look) -> None:
        anchor = self._anchor()
        self._look = look
        self._widgets.clear()
        self._stack.set_look(look)
        self._stack.set_width(self._column.width())
        self._settle(anchor)

    def _on_link_activated(self, address: QUrl) -> None:
        LinkDialog(address, self.window()).open()

    def scrollContentsBy(self, _dx: int, dy: int) -> None:
        if abs(dy) < self.viewport().height():
            self.viewport().scroll(0, dy)  # moves the real widgets with the pixels
        else:
            self.viewport().update()
        if not self._is_moving:
            self._settle(quietly=True)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        area = QRectF(event.rect())
        painter.fillRect(event.rect(), QColor(self._look.tokens.surface))
        left = self._column.left()
        for index, item in self._stack.visible(self._top + area.top(), self._top + area.bottom() + 1):
            y = self._stack.top_of(index) - self._top
            painter.save()
            painter.translate(QPointF(left, y))
            item.paint(painter, area.translated(-left, -y), NO_MARKS)
            painter.restore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.jump_button.stand_in(self.viewport().geometry())
        anchor = self._anchor()
        self._stack.set_width(self._column.width())
        self._settle(anchor)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._show_look(Look(self._look.tokens, self._look.zoom, self.devicePixelRatioF()))

    def sizeHint(self) -> QSize:
        return QSize(COLUMN_WIDTH + 2 * _SIDE, 400)
