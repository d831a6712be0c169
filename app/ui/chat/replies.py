"""Sends messages and receives what comes of them, for whichever conversation; says it to whom it concerns."""

from collections.abc import Callable, Iterator, Mapping

from PySide6.QtCore import QObject, Signal

from app.core.cancel import CancelToken
from app.core.conversation import Message
from app.core.errors import InglenookError
from app.core.generation import Chunk, ContextShifted, PromptProgress, PromptRepaired, ReasoningChunk
from app.core.wording import shifted_in_words, start_left_out_in_words
from app.services.chat import ChatService
from app.services.events import (
    ChatEvent,
    HistorySummarised,
    HistoryTrimmed,
    MessageSaved,
    ReplyFinished,
    ReplyStarted,
    SaveFailed,
    SummaryWriting,
)
from app.ui.chat.live_reply import LiveReply
from app.ui.chat.options import ReplyOptions
from app.ui.tasks import Emit, Lane, Outcome, Tasks
from app.ui.transcript.memory import MemoryStart


class Replies(QObject):
    """The messages under way, in the order of sending. Every signal carries the LiveReply that it is about."""

    message_saved = Signal(LiveReply)
    reply_started = Signal(LiveReply)
    reply_advanced = Signal(LiveReply, str)  # the second: what was written since the last time
    reasoning_advanced = Signal(LiveReply, str)  # the same for what is thought before the answer
    memory_moved = Signal(LiveReply)
    summary_advanced = Signal(LiveReply)
    note_added = Signal(LiveReply, str)
    reply_finished = Signal(LiveReply)
    reply_returned = Signal(LiveReply)  # stopped before it was sent: the text belongs to the user again
    reply_failed = Signal(LiveReply, InglenookError)
    save_failed = Signal(InglenookError)
    unsaved_kept = Signal()  # the answers that could not be saved are on disk now

    def __init__(self, chat: ChatService, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._chat = chat
        self._tasks = tasks
        self._live: list[LiveReply] = []
        self._unsaved: dict[int, Message] = {}

    @property
    def live(self) -> list[LiveReply]:
        """What is under way, the oldest first."""
        return list(self._live)

    @property
    def unsaved(self) -> Mapping[int, Message]:
        """The answers that have ended and are not on disk yet, by their ids."""
        return self._unsaved

    def in_conversation(self, conversation_id: int) -> LiveReply | None:
        """What is under way in a stored conversation; there is one at most."""
        return next((live for live in self._live if live.conversation_id == conversation_id), None)

    def send(self, text: str, conversation_id: int | None, options: ReplyOptions | None = None) -> LiveReply:
        """Send a message as soon as the engine is free; None begins a new conversation."""
        live = LiveReply(text, conversation_id, options)
        chat, chosen = self._chat, live.options
        return self._begin(
            live,
            lambda cancel: chat.send(
                text,
                cancel,
                conversation_id=conversation_id,
                output=chosen.output,
                thinking=chosen.thinking,
                overflow=chosen.overflow,
            ),
        )

    def write_on(self, message: Message, options: ReplyOptions | None = None) -> LiveReply:
        """Let the model write on at the end of an answer as soon as the engine is free."""
        live = LiveReply("", message.conversation_id, options, message)
        chat, chosen = self._chat, live.options
        return self._begin(
            live,
            lambda cancel: chat.continue_reply(message.id, cancel, thinking=chosen.thinking, overflow=chosen.overflow),
        )

    def retry(self, question: Message, answered: Message | None, options: ReplyOptions | None = None) -> LiveReply:
        """Let the model write another answer to a stored question; `answered` is the one whose form it takes over."""
        live = LiveReply("", question.conversation_id, options, question=question)
        chat, chosen, message_id = self._chat, live.options, (answered or question).id
        return self._begin(
            live,
            lambda cancel: chat.retry(message_id, cancel, thinking=chosen.thinking, overflow=chosen.overflow),
        )

    def edit(self, message: Message, text: str, options: ReplyOptions | None = None) -> LiveReply:
        """Send another version of a stored message of the user's."""
        live = LiveReply(text, message.conversation_id, options, edited=message)
        chat, chosen = self._chat, live.options
        return self._begin(
            live,
            lambda cancel: chat.edit(
                message.id,
                text,
                cancel,
                output=chosen.output,
                thinking=chosen.thinking,
                overflow=chosen.overflow,
            ),
        )

    def _begin(self, live: LiveReply, happen: Callable[[CancelToken], Iterator[ChatEvent]]) -> LiveReply:
        def work(emit: Emit[ChatEvent], cancel: CancelToken) -> None:
            for event in happen(cancel):
                if isinstance(event, MessageSaved):
                    live.is_on_disk = True
                emit(event)

        self._live.append(live)
        live.task = self._tasks.run(
            Lane.ENGINE,
            work,
            lambda event: self._on_event(live, event),
            lambda outcome: self._on_finished(live, outcome),
            lambda error: self._on_failed(live, error),
        )
        return live

    def retry_unsaved(self) -> None:
        """Try again to save the answers that could not be saved."""
        chat = self._chat

        def work(_emit: Emit[None], _cancel: CancelToken) -> None:
            chat.retry_unsaved()

        self._tasks.run(Lane.ENGINE, work, lambda _: None, self._on_retried, self.save_failed.emit)

    def forget_unsaved(self) -> None:
        """The user gives up the answers that could not be saved."""
        self._unsaved.clear()

    def _keep_unsaved(self, live: LiveReply, answer: Message | None) -> None:
        if live.is_unsaved and answer is not None:
            self._unsaved[answer.id] = answer

    def _on_retried(self, outcome: Outcome) -> None:
        if outcome is Outcome.COMPLETED:
            self._unsaved.clear()
            self.unsaved_kept.emit()

    def _on_event(self, live: LiveReply, event: ChatEvent) -> None:
        if isinstance(event, Chunk):
            live.add(event)
            self.reply_advanced.emit(live, event.text)
        elif isinstance(event, ReasoningChunk):
            live.add(event)
            self.reasoning_advanced.emit(live, event.text)
        elif isinstance(event, PromptProgress):
            live.progress = event
            self.reply_advanced.emit(live, "")
        elif isinstance(event, SaveFailed):
            live.is_unsaved = True
            self.save_failed.emit(event.error)
        elif isinstance(event, MessageSaved | ReplyStarted | ReplyFinished):
            self._on_stored(live, event)
        else:
            self._on_remark(live, event)

    def _on_stored(self, live: LiveReply, event: MessageSaved | ReplyStarted | ReplyFinished) -> None:
        if isinstance(event, MessageSaved):
            live.conversation_id = event.conversation.id
            live.question = event.message
            self.message_saved.emit(live)
        elif isinstance(event, ReplyStarted):
            live.answer, live.is_summarising = event.message, False
            self.reply_started.emit(live)
        else:
            live.answer = event.message
            self._keep_unsaved(live, event.message)

    def _on_remark(
        self,
        live: LiveReply,
        event: HistoryTrimmed | HistorySummarised | SummaryWriting | PromptRepaired | ContextShifted,
    ) -> None:
        if isinstance(event, HistoryTrimmed | HistorySummarised):
            summary = event.summary if isinstance(event, HistorySummarised) else ""
            live.is_summarising = False
            if event.left_out and event.first_seen_message_id is not None:
                live.memory = MemoryStart(event.first_seen_message_id, event.left_out, summary)
                self.memory_moved.emit(live)
            if event.left_out_characters:
                self._note(live, start_left_out_in_words(event.left_out_characters))
        elif isinstance(event, SummaryWriting):
            live.is_summarising = True
            self.summary_advanced.emit(live)
        else:
            sentence = event.sentence if isinstance(event, PromptRepaired) else shifted_in_words(event.discarded_tokens)
            self._note(live, sentence)

    def _note(self, live: LiveReply, sentence: str) -> None:
        live.notes.append(sentence)
        self.note_added.emit(live, sentence)

    def _on_finished(self, live: LiveReply, outcome: Outcome) -> None:
        self._live.remove(live)
        if outcome is Outcome.CANCELLED and not live.is_saved:
            self.reply_returned.emit(live)
        else:
            self.reply_finished.emit(live)

    def _on_failed(self, live: LiveReply, error: InglenookError) -> None:
        self._live.remove(live)
        self._keep_unsaved(live, live.interrupted_answer())
        self.reply_failed.emit(live, error)
