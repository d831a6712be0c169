"""The transcript: the shown conversation, its turns and the line where the model's memory begins."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from app.core.conversation import Message, Role
from app.core.settings import OverflowPolicy
from app.ui.theme import Appearance
from app.ui.transcript.accessible_list import NOWHERE
from app.ui.transcript.blocks.painted import Look
from app.ui.transcript.divider_item import DividerItem
from app.ui.transcript.fold_heading import FoldHeading
from app.ui.transcript.items import TranscriptItem
from app.ui.transcript.kept_place import FocusedButton, KeptPlace, kept_place
from app.ui.transcript.memory import MemoryStart
from app.ui.transcript.memory_divider import MemoryDivider
from app.ui.transcript.message_actions import CopyForm
from app.ui.transcript.reading_view import ReadingView
from app.ui.transcript.reply_turn import ReplyTurn
from app.ui.transcript.stack import Anchor
from app.ui.transcript.turn_foot import TurnFoot
from app.ui.transcript.user_turn import UserTurn


class TranscriptView(ReadingView):
    """Shows a conversation, and what is written in it."""

    continue_requested = Signal(int)  # the id of the answer to be written on
    retry_requested = Signal(int)  # these, too, carry a message's id
    edit_requested = Signal(int)
    branch_requested = Signal(int)
    delete_requested = Signal(int)
    version_requested = Signal(int, int)  # the second: -1 for the version before, +1 for the one after
    overflow_chosen = Signal(OverflowPolicy)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, parent)
        self.setObjectName("Transcript")
        self.setAccessibleName("Conversation")
        self._by_id: dict[int, UserTurn | ReplyTurn] = {}
        self._divider: DividerItem | None = None
        self._waiting: UserTurn | None = None
        self._spare_feet: list[TurnFoot] = []
        self._reply: ReplyTurn | None = None
        self._is_busy = False
        # One change of the page for all that arrives in one delivery.
        self._flushing = QTimer(self)
        self._flushing.setSingleShot(True)
        self._flushing.timeout.connect(self._on_flushing)

    @property
    def rows(self) -> list[UserTurn | ReplyTurn]:
        """The messages' turns, from the top."""
        return [item for item in self.stack.items if isinstance(item, UserTurn | ReplyTurn)]

    @property
    def divider(self) -> MemoryDivider | None:
        """The line where the model's memory begins; None while it sees everything."""
        return self._divider.widget if self._divider is not None else None

    @property
    def is_settled(self) -> bool:
        """See PageView; what was written is shown, too."""
        return super().is_settled and not self._flushing.isActive()

    def show_messages(self, messages: Sequence[Message]) -> None:
        """Show a conversation from its end; one that is shown already from where the reader is, if not at its end."""
        same = self._shown_already(messages)
        place = self._place_to_keep() if same else None
        focused = self._focused_button()
        self._set_reply(None)
        self._waiting = None
        self._remove_divider()
        self._by_id.clear()
        items: list[TranscriptItem] = []
        for message in messages:
            turn = same.get(message.id)
            if turn is None or turn.message != message:
                turn = self._turn_of(message)
            self._by_id[message.id] = turn
            items.append(turn)
        self.set_items(items)
        anchor = place.among(items) if place is not None else None
        if anchor is not None:
            self.stay_at(anchor)
        else:
            self.follow()
        self._refresh_feet()
        self._focus_again(focused)

    def show_memory(self, start: MemoryStart | None, policy: OverflowPolicy) -> None:
        """Draw the line where the model's memory begins, in place of the one before; None draws none."""
        self._remove_divider()
        turn = self._by_id.get(start.message_id) if start is not None else None
        if start is not None and turn is not None:
            divider = MemoryDivider(start, policy, self.look.tokens, self.viewport())
            divider.overflow_chosen.connect(self.overflow_chosen)
            divider.hide()
            self._divider = DividerItem(divider, self.look)
            divider.height_changed.connect(self._on_divider_changed)
            self.insert_item(self.stack.index_of(turn), self._divider)
        self.settle()

    def add_waiting(self, text: str, words: str) -> None:
        """Show a message that is not sent yet, and what it waits for (empty: nothing)."""
        self._waiting = UserTurn(text, self.look, self)
        self._waiting.set_waiting(words)
        self.insert_item(len(self.stack.items), self._waiting)
        self._refresh_feet()
        self.follow()

    def set_waiting(self, words: str) -> None:
        """Change the word below the message that waits; empty when it was sent."""
        if self._waiting is not None and self._waiting.waiting != words:
            self._waiting.set_waiting(words)
            self.resized(self._waiting)

    def mark_sent(self, message: Message) -> None:
        """The message that waited is stored as this one."""
        if self._waiting is not None:
            turn, self._waiting = self._waiting, None
            turn.set_message(message)
            self._by_id[message.id] = turn
            self.resized(turn)

    def begin_reply(self, message_id: int, text: str = "", reasoning: str = "", notes: Sequence[str] = ()) -> None:
        """Begin the answer that is being written, with what there is of it already."""
        turn = self._new_reply()
        turn.is_written = True
        self._by_id[message_id] = turn
        self.insert_item(len(self.stack.items), turn)
        self._refresh_feet()
        turn.append_reasoning(reasoning)
        if text:
            turn.append_text(text)
        for sentence in notes:
            turn.add_note(sentence)
        turn.flush_reasoning()
        self._flush(turn)
        self._set_reply(turn)
        self.resized(turn)

    def add_notes(self, message_id: int, notes: Sequence[str]) -> None:
        """Tell something about how an answer that is shown came about."""
        turn = self._by_id.get(message_id)
        if isinstance(turn, ReplyTurn) and notes:
            for sentence in notes:
                turn.add_note(sentence)
            self.resized(turn)

    def write_on(self, message_id: int) -> None:
        """Turn an answer that has ended back into one that is being written."""
        turn = self._by_id.get(message_id)
        if isinstance(turn, ReplyTurn):
            self._focused_button()  # Continue is gone now: the page has the keyboard
            turn.write_on()
            self._flush(turn)
            self._set_reply(turn)
            self._refresh_feet()
            self.resized(turn)

    def set_busy(self, busy: bool) -> None:
        """Offer only what can be done while a message is under way in this conversation, or all again."""
        if busy != self._is_busy:
            self._is_busy = busy
            self._refresh_feet()

    def append_to_reply(self, text: str) -> None:
        """Write on in the answer that was begun."""
        if self._reply is not None:
            self._reply.append_text(text)
            if not self._flushing.isActive():
                self._flushing.start()

    def append_reasoning(self, text: str) -> None:
        """Write on in what the model thinks before the answer that was begun."""
        if self._reply is not None:
            before = self._reply.heading
            self._reply.append_reasoning(text)
            if self._reply.heading != before:
                self._refresh_heading(self._reply)
                self._on_flushing()
            elif not self._flushing.isActive():
                self._flushing.start()

    def end_reasoning(self, seconds: float) -> None:
        """The answer that was begun has its first words; thinking has taken this long."""
        if self._reply is not None:
            before = self._reply.heading
            self._reply.end_reasoning(seconds)
            if self._reply.heading != before:
                self._refresh_heading(self._reply)
                self.resized(self._reply)

    def add_note(self, sentence: str) -> None:
        """Tell something about how the answer that was begun comes about."""
        if self._reply is not None:
            self._reply.add_note(sentence)
            self.resized(self._reply)

    def finish_reply(self, message: Message) -> None:
        """Show the answer as it ended."""
        turn = self._reply
        if turn is None:
            return
        self._on_flushing()
        self._flushing.stop()
        self.answer_end.read_rest()
        self._set_reply(None)
        turn.show_message(message)
        self._by_id[message.id] = turn
        self._refresh_feet()
        self._refresh_heading(turn)
        self.resized(turn)
        self.jump_button.count_one()
        self.finding.look_again_in(self.stack.index_of(turn))

    def show_look(self, look: Look) -> None:
        """See PageView; the keyboard stays at its button."""
        focused = self._focused_button()
        super().show_look(look)
        self._focus_again(focused)

    def _shown_already(self, messages: Sequence[Message]) -> dict[int, UserTurn | ReplyTurn]:
        """The turns of the shown messages by their ids, if these are of the same conversation."""
        turns = {turn.message.id: turn for turn in self.rows if turn.message is not None}
        shown = {turn.message.conversation_id for turn in turns.values() if turn.message is not None}
        if shown != {message.conversation_id for message in messages}:
            return {}
        for turn in turns.values():
            turn.forget_notes()
        return turns

    def _place_to_keep(self) -> KeptPlace | None:
        if self.follows:
            return None
        anchor = self.stack.anchor(self.top, self.top + self.viewport().height(), exactly=True)
        if anchor is None:
            return None
        return kept_place(anchor, self.rows, self.stack.top_of(self.stack.index_of(anchor.item)) - self.top)

    def _focused_button(self) -> FocusedButton | None:
        """The button that the keyboard is at, which goes to the page: where buttons go, Qt would choose another."""
        focus = QApplication.focusWidget()
        if focus is None or not self.viewport().isAncestorOf(focus):
            return None
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        for number, turn in enumerate(self.rows):
            foot = self.widgets.widget_of(turn.foot)
            if isinstance(foot, TurnFoot) and foot.isAncestorOf(focus) and isinstance(focus, QToolButton):
                return FocusedButton(number, focus.text())
        return FocusedButton(NOWHERE, "")

    def _focus_again(self, focused: FocusedButton | None) -> None:
        """Give the keyboard back to a button that was made anew; where it is gone, the page has it."""
        rows = self.rows
        if focused is not None and 0 <= focused.row < len(rows):
            foot = self.widgets.widget_of(rows[focused.row].foot)
            if isinstance(foot, TurnFoot):
                foot.buttons.focus_on(focused.words)

    @Slot(int, CopyForm)
    def _on_copy_requested(self, message_id: int, form: CopyForm) -> None:
        turn = self._by_id.get(message_id)
        if turn is not None:
            from app.ui.transcript.copying import copy_turn  # with its first use, as all that exports

            copy_turn(turn, form)

    def _set_reply(self, turn: ReplyTurn | None) -> None:
        self._reply = turn
        self.answer_end.show_in(turn)

    def _turn_of(self, message: Message) -> UserTurn | ReplyTurn:
        if message.role is Role.USER:
            question = UserTurn(message.text, self.look, self)
            question.set_message(message)
            return question
        turn = self._new_reply()
        turn.show_message(message)
        return turn

    def _new_reply(self) -> ReplyTurn:
        return ReplyTurn(self.look, self._make_fold, self)

    def _make_fold(self, turn: ReplyTurn, parent: QWidget) -> QWidget:
        heading = FoldHeading(turn.heading, turn.is_open, self.look, parent)
        heading.toggled.connect(lambda _=False: self._toggle(turn))
        return heading

    def make(self, turn: TranscriptItem, parent: QWidget) -> QWidget:
        """See Feet: a foot that is not in use, or a new one."""
        foot = self._spare_feet.pop() if self._spare_feet else self._new_foot(parent)
        if isinstance(turn, UserTurn | ReplyTurn):
            self._show_foot(turn, foot)
        return foot

    def give_back(self, widget: QWidget) -> None:
        """See Feet."""
        if isinstance(widget, TurnFoot):
            self._spare_feet.append(widget)

    def _new_foot(self, parent: QWidget) -> TurnFoot:
        foot = TurnFoot(parent)
        buttons = foot.buttons
        buttons.copy_requested.connect(self._on_copy_requested)
        for ours, theirs in (
            (self.continue_requested, buttons.continue_requested),
            (self.retry_requested, buttons.retry_requested),
            (self.edit_requested, buttons.edit_requested),
            (self.branch_requested, buttons.branch_requested),
            (self.delete_requested, buttons.delete_requested),
            (self.version_requested, buttons.version_requested),
        ):
            theirs.connect(ours)
        return foot

    def _show_foot(self, turn: UserTurn | ReplyTurn, foot: TurnFoot) -> None:
        if turn.message is not None:
            is_last = turn is self.stack.items[-1]
            foot.show_message(turn.message, is_last=is_last, is_busy=self._is_busy)
        else:
            foot.show_nothing()

    def _toggle(self, turn: ReplyTurn) -> None:
        y = self.stack.top_of(self.stack.items.index(turn)) - self.top
        self.selecting.clear()
        turn.toggle()
        self.changed_by_reader(turn, Anchor(turn, None, y))
        self.finding.look_again_in(self.stack.index_of(turn))

    def _refresh_feet(self) -> None:
        """Let the buttons in view offer what can be done now."""
        for turn in self.rows:
            foot = self.widgets.widget_of(turn.foot)
            if isinstance(foot, TurnFoot):
                self._show_foot(turn, foot)

    def _refresh_heading(self, turn: ReplyTurn) -> None:
        """Let the fold in view say what it does now."""
        heading = self.widgets.widget_of(turn.fold)
        if isinstance(heading, FoldHeading):
            heading.button.show_heading(turn.heading)

    def _remove_divider(self) -> None:
        if self._divider is not None:
            self.widgets.drop(self._divider.part)
            self.remove_item(self._divider)
            self._divider.widget.deleteLater()
            self._divider = None

    @Slot()
    def _on_flushing(self) -> None:
        if self._reply is not None:
            if self._reply.flush_reasoning():
                self.resized(self._reply)
            first = self._flush(self._reply)
            if first is not None:
                self.grown(self._reply, first)

    def _flush(self, turn: ReplyTurn) -> int | None:
        first = turn.flush()
        if turn.is_behind:
            self._flushing.start()
        return first

    @Slot()
    def _on_divider_changed(self) -> None:
        if self._divider is not None:
            self._divider.take_height()
            self.resized(self._divider)
