"""The chat page: shows one conversation, and whatever is under way in it."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.core.conversation import Message, Role
from app.core.errors import InglenookError, NoModelError, StorageError
from app.core.model import LoadedModel
from app.storage.conversations import ConversationStore
from app.ui.chat.composer import ComposerView
from app.ui.chat.context_bar import ContextUse
from app.ui.chat.drafts import Drafts
from app.ui.chat.empty import EmptyChatView
from app.ui.chat.header import ChatHeader
from app.ui.chat.live_reply import LiveReply
from app.ui.chat.model_state import ModelState, ModelStatus
from app.ui.chat.page_layout import lay_out_page
from app.ui.chat.replies import Replies
from app.ui.chat.speed import SpeedStrip
from app.ui.chat.tiny_banner import TinyBanner
from app.ui.notice import Notice, NoticeBar, NoticeKind
from app.ui.theme import Appearance
from app.ui.transcript.view import TranscriptView

_COUNTING_MILLISECONDS = 150


class ChatPage(QWidget):
    """What happens in a conversation that is not shown goes on there; it never reaches the one that is shown."""

    conversation_shown = Signal()  # another one, or a new chat
    conversations_changed = Signal()  # something was stored, begun or ended

    def __init__(
        self,
        conversations: ConversationStore,
        replies: Replies,
        appearance: Appearance,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._conversations = conversations
        self._replies = replies
        self._shown_id: int | None = None
        self._shown_live: LiveReply | None = None
        self._drafts = Drafts()
        self._trimmed: dict[int, int] = {}
        self._model: LoadedModel | None = None
        self._status = ModelStatus(ModelState.NONE)
        self.header = ChatHeader(appearance, self)
        self.banner = TinyBanner(self)
        self.notices = NoticeBar(appearance, self)
        self.empty = EmptyChatView(appearance, self)
        self.transcript = TranscriptView(appearance, self)
        self.strip = SpeedStrip(appearance, self)
        self.composer = ComposerView(appearance, self)
        self._counting = QTimer(self)  # figures that change more often cannot be read, and cost the engine time
        self._counting.setSingleShot(True)
        self._counting.setInterval(_COUNTING_MILLISECONDS)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.transcript)
        self.setObjectName("Page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        lay_out_page(self, (self.header, self.banner, self.notices), self._stack, (self.strip, self.composer))
        self._connect()
        appearance.changed.connect(self._on_appearance_changed)
        self._refresh_live()

    @property
    def shown_id(self) -> int | None:
        """The conversation that is shown; None for a new chat."""
        return self._shown_id

    @property
    def is_empty(self) -> bool:
        """Whether the page shows the empty state."""
        return self._stack.currentWidget() is self.empty

    def show_new_chat(self) -> None:
        """Show an empty conversation; what is under way goes on where it is."""
        self._leave()
        self._enter(None, None, [])

    def show_conversation(self, conversation_id: int) -> None:
        """Show a stored conversation; the page stays as it is when that cannot be read."""
        messages = self._read(conversation_id)
        if messages is not None:
            self._leave()
            self._enter(conversation_id, self._replies.in_conversation(conversation_id), messages)

    def forget(self, conversation_id: int) -> None:
        """A conversation was deleted: its draft goes, and the page shows a new chat if it was shown."""
        self._drafts.take(conversation_id)
        if conversation_id == self._shown_id:
            self._enter(None, None, [])

    def show_status(self, status: ModelStatus) -> None:
        """Say which model is in use and how far it has come."""
        self._status = status
        self.header.show_status(status)
        if status.name:
            self.composer.set_model_name(status.name)
        self._refresh_live()

    def show_model(self, model: LoadedModel | None) -> None:
        """Show what follows from the model in use; None when there is none."""
        self._model = model
        self.banner.setVisible(model is not None and model.entry is not None and model.entry.tiny)
        self._show_context(None)

    def send(self, text: str) -> None:
        """Send a message in the shown conversation, as soon as the engine is free."""
        if self._shown_live is not None or not text.strip():
            return
        self.composer.set_text("")
        self._shown_live = self._replies.send(text, self._shown_id)
        self._stack.setCurrentWidget(self.transcript)
        self.transcript.add_waiting(text, self._waiting_words(self._shown_live))
        self._refresh_live()
        self.conversations_changed.emit()

    def stop(self) -> None:
        """Stop what is under way in the shown conversation."""
        if self._shown_live is not None:
            self._shown_live.cancel()

    def _leave(self) -> None:
        self._drafts.keep(self._shown_id, self.composer.text)

    def _enter(self, conversation_id: int | None, live: LiveReply | None, messages: list[Message]) -> None:
        self._shown_id, self._shown_live = conversation_id, live
        self._show_messages(messages)
        self.composer.set_text(self._drafts.take(conversation_id))
        self.composer.field.setFocus()
        self.conversation_shown.emit()

    def _show_messages(self, messages: list[Message]) -> None:
        live = self._shown_live
        answer_id = live.answer.id if live is not None and live.answer is not None else None
        shown = [
            self._replies.unsaved.get(m.id, m) for m in messages if m.id != answer_id and m.role is not Role.SYSTEM
        ]
        self.transcript.show_messages(shown, self._trimmed)
        if live is not None and not live.is_saved:
            self.transcript.add_waiting(live.text, self._waiting_words(live))
        elif live is not None:
            self.transcript.begin_reply(live.answer_text)
        self._stack.setCurrentWidget(self.transcript if shown or live is not None else self.empty)
        self._show_context(next((m for m in reversed(shown) if m.statistics is not None), None))
        self._refresh_live()

    def _read(self, conversation_id: int) -> list[Message] | None:
        try:
            return self._conversations.messages(conversation_id)
        except StorageError as error:
            self.notices.show_notice(Notice(error.sentence))
            return None

    def _waiting_words(self, live: LiveReply) -> str:
        if self._status.state is ModelState.LOADING:
            return f"Waiting for {self._status.name or 'the model'} to load…"
        return "Waiting for another answer to end…" if self._replies.live[0] is not live else ""

    def _refresh_live(self) -> None:
        live = self._shown_live
        self.composer.set_can_stop(live is not None)
        if live is None:
            self.strip.show_nothing()
        elif not live.is_saved:
            words = self._waiting_words(live)
            self.transcript.set_waiting(words)
            self.strip.show_waiting(words)
        elif live.is_writing:
            self.strip.show_writing(live.samples, live.progress)
        else:
            self.strip.show_reading(live.progress)

    def _show_context(self, message: Message | None) -> None:
        """Show how full the context was at `message`, if the model in use is the one that wrote it."""
        use, model = None, self._model
        if message and message.statistics and model and message.model_name == model.name:
            filled = message.statistics.prompt_tokens + message.statistics.completion_tokens
            use = ContextUse(filled, model.info.context_length)
        self.header.show_context(use)

    def _give_back(self, live: LiveReply) -> None:
        """Return the text of a message that was not sent to where it was written."""
        if live is self._shown_live:
            self._shown_live = None
            messages = self._read(self._shown_id) if self._shown_id is not None else []
            self._show_messages(messages or [])
            self.composer.give_back(live.text)
        elif live.conversation_id == self._shown_id:
            self.composer.give_back(live.text)
        else:
            self._drafts.give_back(live.conversation_id, live.text)

    def _on_message_saved(self, live: LiveReply) -> None:
        if live is self._shown_live:
            self.transcript.set_waiting("")
            if self._shown_id != live.conversation_id:
                self._shown_id = live.conversation_id
                self.conversation_shown.emit()
        self.conversations_changed.emit()
        self._refresh_live()

    def _on_reply_started(self, live: LiveReply) -> None:
        if live.left_out and live.question is not None:
            self._trimmed[live.question.id] = live.left_out
        if live is self._shown_live:
            if live.left_out:
                self.transcript.add_trimmed(live.left_out)
            self.transcript.begin_reply()
            self._refresh_live()

    def _on_reply_advanced(self, live: LiveReply, text: str) -> None:
        if live is self._shown_live:
            self.transcript.append_to_reply(text)
            if live.is_writing and not self.strip.is_writing:
                self._refresh_live()
            elif not self._counting.isActive():
                self._counting.start()

    def _on_reply_finished(self, live: LiveReply) -> None:
        if live is self._shown_live:
            self._end_shown(live.answer)
        self.conversations_changed.emit()
        self._refresh_live()

    def _on_reply_returned(self, live: LiveReply) -> None:
        self._give_back(live)
        self.conversations_changed.emit()
        self._refresh_live()

    def _on_reply_failed(self, live: LiveReply, error: InglenookError) -> None:
        # When a model could not be loaded, a notice has said why; "no model is loaded" would only cover it up.
        if not (isinstance(error, NoModelError) and self._status.state is ModelState.FAILED):
            self.notices.show_notice(Notice(error.sentence))
        if not live.is_saved:
            self._give_back(live)
        elif live is self._shown_live:
            self._end_shown(live.interrupted_answer())
        self.conversations_changed.emit()
        self._refresh_live()

    def _end_shown(self, answer: Message | None) -> None:
        self._shown_live = None
        if answer is not None:
            self.transcript.finish_reply(answer)
            self._show_context(answer)

    def _on_save_failed(self, error: InglenookError) -> None:
        self.notices.show_notice(Notice(error.sentence, NoticeKind.ERROR, "Try again", self._replies.retry_unsaved))

    def _on_unsaved_kept(self) -> None:
        self.notices.show_notice(Notice("The answer is saved now.", NoticeKind.NOTE))

    def _on_appearance_changed(self) -> None:
        if self.is_empty:
            return
        messages = self._read(self._shown_id) if self._shown_id is not None else []
        if messages is not None:
            self._show_messages(messages)

    def _connect(self) -> None:
        self._counting.timeout.connect(self._refresh_live)
        self.composer.send_requested.connect(self.send)
        self.composer.stop_requested.connect(self.stop)
        self.empty.example_chosen.connect(self.send)
        self._replies.message_saved.connect(self._on_message_saved)
        self._replies.reply_started.connect(self._on_reply_started)
        self._replies.reply_advanced.connect(self._on_reply_advanced)
        self._replies.reply_finished.connect(self._on_reply_finished)
        self._replies.reply_returned.connect(self._on_reply_returned)
        self._replies.reply_failed.connect(self._on_reply_failed)
        self._replies.save_failed.connect(self._on_save_failed)
        self._replies.unsaved_kept.connect(self._on_unsaved_kept)
