"""The chat page: shows one conversation, and whatever is under way in it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.core.conversation import Conversation, Message, Role
from app.core.errors import StorageError
from app.core.model import LoadedModel
from app.core.settings import OverflowPolicy
from app.storage.conversations import ConversationStore
from app.ui.chat.composer import ComposerView
from app.ui.chat.context_bar import context_use
from app.ui.chat.conversation_reading import ConversationReading
from app.ui.chat.conversation_stack import ConversationStack
from app.ui.chat.draft_keeping import DraftKeeping
from app.ui.chat.empty import EmptyChatView
from app.ui.chat.header import ChatHeader
from app.ui.chat.live_reply import LiveReply
from app.ui.chat.message_acts import MessageActs
from app.ui.chat.message_changes import MessageChanges
from app.ui.chat.model_state import ModelStatus
from app.ui.chat.options import ReplyOptions
from app.ui.chat.page_layout import lay_out_page
from app.ui.chat.replies import Replies
from app.ui.chat.reply_news import ReplyNews
from app.ui.chat.shown_reply import ShownReply
from app.ui.chat.speed import SpeedStrip
from app.ui.chat.temporary_banner import TemporaryBanner
from app.ui.chat.tiny_banner import TinyBanner
from app.ui.chat.use_again import UseAgainLine
from app.ui.notice import Notice, NoticeBar
from app.ui.theme import Appearance

if TYPE_CHECKING:
    from app.ui.transcript.view import TranscriptView


class ChatPage(QWidget):
    """Chooses what is shown, sends, and gives back what was not sent."""

    conversation_shown = Signal()  # another one, or a new chat
    conversations_changed = Signal()  # something was stored, begun or ended
    overflow_chosen = Signal(OverflowPolicy)
    zoom_changed = Signal(float)

    def __init__(
        self,
        conversations: ConversationStore,
        replies: Replies,
        appearance: Appearance,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._replies = replies
        self._shown_id: int | None = None
        self._overflow = OverflowPolicy.TRIM
        self._model: LoadedModel | None = None
        self.header = ChatHeader(appearance, self)
        self.banner = TinyBanner(self)
        self.temporary = TemporaryBanner(appearance, self)
        self.again = UseAgainLine(self)
        self._last_answer: Message | None = None
        self.notices = NoticeBar(appearance, self)
        self._stack = ConversationStack(appearance, self._connect_transcript, self)
        self.strip = SpeedStrip(appearance, self)
        self.composer = ComposerView(appearance, self)
        self.drafts = DraftKeeping(self.composer, replies, self)
        self._editing = self.drafts.editing
        self._changes = MessageChanges(conversations, self)
        self.acts = MessageActs(self._path_to, self._options, replies, self._editing, self._changes)
        self._reading = ConversationReading(conversations, replies, self.notices)
        self._reply = ShownReply(replies, self._stack.transcript, self.strip, self)
        self._news = ReplyNews(replies, self._reply, self.drafts, self.header, self.notices)
        self.setObjectName("Page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        lay_out_page(
            self,
            (self.header, self.temporary, self.banner, self.again, self.notices),
            self._stack,
            (self.strip, self.composer),
        )
        self._connect()
        self._refresh_live()

    @property
    def shown_id(self) -> int | None:
        """The conversation that is shown; None for a new chat."""
        return self._shown_id

    @property
    def transcript(self) -> "TranscriptView":
        """The shown conversation, made now if need be: an empty chat needs none."""
        return self._stack.transcript.get()

    @property
    def empty(self) -> EmptyChatView:
        """What stands in place of a conversation without messages."""
        return self._stack.empty

    @property
    def is_empty(self) -> bool:
        """Whether the page shows the empty state."""
        return self._stack.is_empty

    @property
    def last_answer(self) -> Message | None:
        """The last answer of the shown conversation that is complete; None while there is none."""
        return self._last_answer

    def show_new_chat(self) -> None:
        """Show an empty conversation; what is under way goes on where it is."""
        self.drafts.leave()
        self._enter(None, None, [])

    def show_conversation(self, conversation_id: int) -> None:
        """Show a stored conversation; the page stays as it is when that cannot be read."""
        messages = self._reading.messages(conversation_id)
        if messages is not None:
            self.drafts.leave()
            self._enter(conversation_id, self._replies.in_conversation(conversation_id), messages)

    def forget(self, conversation_id: int) -> None:
        """A conversation was deleted: what was kept for it goes, and the page shows a new chat if it was shown."""
        self.drafts.forget(conversation_id)
        if conversation_id == self._shown_id:
            self._enter(None, None, [])

    def show_status(self, status: ModelStatus) -> None:
        """Say which model is in use and how far it has come."""
        self._reply.status = status
        self.header.show_status(status)
        self.composer.set_model_name(status.name)
        self._refresh_live()

    def show_model(self, model: LoadedModel | None) -> None:
        """Show what follows from the model in use; None when there is none."""
        if model is None or self._model is None or model.info != self._model.info:
            self.header.show_context(None)
        self._model = model
        self.banner.setVisible(model is not None and model.entry is not None and model.entry.tiny)
        self.composer.set_has_thinking_switch(model is not None and model.info.has_thinking_switch)

    def make_ready(self) -> None:
        """Make what the first message will need."""
        self._stack.transcript.get()

    def set_zoom(self, zoom: float) -> None:
        """Show messages in another size; 1 is the design's own."""
        self._stack.set_zoom(zoom)

    def set_overflow(self, policy: OverflowPolicy) -> None:
        """What happens from the next message on when the context is full."""
        self._overflow = policy
        self._reply.set_overflow(policy)

    def send(self, text: str) -> None:
        """Send a message in the shown conversation, or the one that is edited anew, as soon as the engine is free."""
        if self._reply.live is not None or not text.strip():
            return
        edited = self._editing.end()
        if edited is not None:
            self._begin_version(self._replies.edit(edited, text, self._options()))
            return
        self.composer.set_text("")
        live = self._replies.send(text, self._shown_id, self._options())
        if self._shown_id is None:
            self.drafts.begin_chat()
        self._stack.show_transcript()
        self._reply.show_sent(live)
        self._on_changed()

    def stop(self) -> bool:
        """Stop what is under way in the shown conversation; False when nothing is."""
        if self._reply.live is None:
            return False
        self._reply.live.cancel()
        return True

    def open_find(self) -> None:
        """Open the bar in which one writes what to find in the shown conversation."""
        if not self.is_empty:
            self.transcript.open_find()

    def leave_editing(self) -> bool:
        """Leave the message that is edited as it is; False when none is."""
        return self._editing.end() is not None

    def _path_to(self, message_id: int) -> list[Message]:
        """The shown messages down to this one; empty when it is not shown, or while a reply is under way here."""
        return self._reading.path_to(message_id, self._shown_id) if self._reply.live is None else []

    def _begin_version(self, live: LiveReply) -> None:
        self._reply.live = live
        self._show_path()
        self.conversations_changed.emit()

    def _options(self) -> ReplyOptions:
        return ReplyOptions(self.composer.output, self.composer.thinking, self._overflow)

    def _enter(self, conversation_id: int | None, live: LiveReply | None, messages: list[Message]) -> None:
        self._shown_id, self._reply.live = conversation_id, live
        self._show_messages(messages)
        self.drafts.enter(conversation_id)
        self.composer.field.setFocus()
        self.conversation_shown.emit()

    def _show_messages(self, messages: list[Message]) -> None:
        live = self._reply.live
        shown = self._reading.ended(messages, live)
        self._last_answer = next((m for m in reversed(shown) if m.role is Role.ASSISTANT), None)
        self._reply.show_messages(shown, self._reading.summaries(self._shown_id, shown))
        if shown or live is not None:
            self._stack.show_transcript()
        else:
            self._stack.show_empty()
        figured = next((m for m in reversed(shown) if m.statistics is not None), None)
        self.header.show_context(context_use(figured, self._model))
        self._refresh_live()

    def _show_path(self) -> None:
        """Show the messages of the shown conversation as they are stored; nothing changes when they cannot be read."""
        messages = self._reading.messages(self._shown_id)
        if messages is not None:
            self._show_messages(messages)

    def _refresh_live(self) -> None:
        self.composer.set_can_stop(self._reply.live is not None)
        self._reply.refresh()

    def _on_written_on(self, live: LiveReply, message_id: int) -> None:
        self._reply.show_writing_on(live, message_id)
        self._on_changed()

    def _on_began(self, conversation_id: int) -> None:
        if self._shown_id != conversation_id:
            self._shown_id = conversation_id
            self.drafts.become(conversation_id)
            self.conversation_shown.emit()

    def _on_answered(self, answer: Message) -> None:
        self._last_answer = answer
        self.transcript.finish_reply(answer)
        self.header.show_context(context_use(answer, self._model))

    def _on_changed(self) -> None:
        self._refresh_live()
        self.conversations_changed.emit()

    def _on_path_changed(self) -> None:
        self._editing.keep_as_draft()
        self._show_path()
        self.conversations_changed.emit()

    def _on_branched(self, conversation: Conversation) -> None:
        self.conversations_changed.emit()
        self.show_conversation(conversation.id)

    def _on_change_failed(self, error: StorageError) -> None:
        self.notices.show_notice(Notice(error.sentence))

    def _connect_transcript(self, transcript: "TranscriptView") -> None:
        self.acts.connect_to(transcript)
        transcript.overflow_chosen.connect(self.overflow_chosen)

    def _connect(self) -> None:
        self._stack.zoom_changed.connect(self.zoom_changed)
        self.acts.written_on.connect(self._on_written_on)
        self.acts.version_begun.connect(self._begin_version)
        self._news.began.connect(self._on_began)
        self._news.answered.connect(self._on_answered)
        self._news.path_changed.connect(self._show_path)
        self._news.changed.connect(self._on_changed)
        self.composer.send_requested.connect(self.send)
        self.composer.stop_requested.connect(self.stop)
        self.composer.field.paste_refused.connect(lambda said: self.notices.show_notice(Notice(said)))
        self.drafts.noticed.connect(self.notices.show_notice)
        self.composer.leave_requested.connect(self.leave_editing)
        self._changes.path_changed.connect(self._on_path_changed)
        self._changes.branched.connect(self._on_branched)
        self._changes.failed.connect(self._on_change_failed)
        self.empty.example_chosen.connect(self.send)
