"""The reply under way in the conversation that is shown: what comes of it goes into the transcript and the strip."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.core.conversation import HistorySummary, Message
from app.core.settings import OverflowPolicy
from app.ui.chat.live_reply import LiveReply
from app.ui.chat.model_state import ModelState, ModelStatus
from app.ui.chat.replies import Replies
from app.ui.chat.speed import SpeedStrip
from app.ui.later import Later
from app.ui.transcript.memory import MemoryStart, memory_start

if TYPE_CHECKING:
    from app.ui.transcript.view import TranscriptView

_COUNTING_MILLISECONDS = 150


class ShownReply(QObject):
    """What happens in a conversation that is not shown goes on there; it never reaches the one that is shown.

    The transcript is made for the first message: an empty chat needs none.
    """

    def __init__(
        self, replies: Replies, transcript: "Later[TranscriptView]", strip: SpeedStrip, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._replies = replies
        self._later = transcript
        self._strip = strip
        self.status = ModelStatus(ModelState.NONE)  # of the model that a message may have to wait for
        self._memory: MemoryStart | None = None
        self._overflow = OverflowPolicy.TRIM
        self._notes: dict[int, list[str]] = {}  # by answer, as long as the window lives
        self.live: LiveReply | None = None
        self._counting = QTimer(self)  # figures that change more often cannot be read, and cost the engine time
        self._counting.setSingleShot(True)
        self._counting.setInterval(_COUNTING_MILLISECONDS)
        self._counting.timeout.connect(self._on_counting)
        replies.reply_started.connect(self._on_reply_started)
        replies.reply_advanced.connect(self._on_reply_advanced)
        replies.reasoning_advanced.connect(self._on_reasoning_advanced)
        replies.memory_moved.connect(self._on_memory_moved)
        replies.summary_advanced.connect(self._on_summary_advanced)
        replies.note_added.connect(self._on_note_added)

    def set_overflow(self, policy: OverflowPolicy) -> None:
        """What the menu at the beginning of the model's memory shows as chosen."""
        self._overflow = policy
        if (transcript := self._later.made) is not None:
            transcript.show_memory(self._memory, policy)

    def show_messages(self, messages: Sequence[Message], summaries: Sequence[HistorySummary]) -> None:
        """Show the messages that have ended, and after them what is under way."""
        live = self.live
        if not messages and live is None and self._later.made is None:
            return
        self._transcript.show_messages(messages)
        for message in messages:
            self._transcript.add_notes(message.id, self._notes.get(message.id, []))
        self._memory = memory_start(messages, summaries)
        if live is not None and not live.is_saved:
            self._transcript.add_waiting(live.text, self._waiting_words())
        elif live is not None:
            self._memory = live.memory or self._memory
            self._show_answer(live)
        self._transcript.show_memory(self._memory, self._overflow)

    def show_sent(self, live: LiveReply) -> None:
        """Show a message that is on its way, below all others."""
        self.live = live
        self._transcript.add_waiting(live.text, self._waiting_words())

    def show_writing_on(self, live: LiveReply, message_id: int) -> None:
        """Show an answer as one that is written on."""
        self.live = live
        self._transcript.write_on(message_id)
        self._transcript.follow()

    def mark_sent(self) -> None:
        """The message that is on its way is stored."""
        if self.live is not None and self.live.question is not None:
            self._transcript.mark_sent(self.live.question)

    def refresh(self) -> None:
        """Show how far the reply has come, and what it waits for."""
        waiting = self._waiting_words()
        if (transcript := self._later.made) is not None:
            transcript.set_waiting(waiting)
            transcript.set_busy(self.live is not None)
        self._strip.show_live(self.live, waiting)

    @property
    def _transcript(self) -> "TranscriptView":
        return self._later.get()

    def _waiting_words(self) -> str:
        live = self.live
        if live is None:
            return ""
        if self.status.state is ModelState.LOADING:
            return f"Waiting for {self.status.name or 'the model'} to load…"
        return "Waiting for another answer to end…" if self._replies.live[:1] not in ([], [live]) else ""

    def _show_answer(self, live: LiveReply) -> None:
        if live.answer_id is None:
            return
        self._transcript.begin_reply(live.answer_id, live.answer_text, live.reasoning, live.notes)
        if live.is_answering:
            self._transcript.end_reasoning(live.reasoning_seconds)

    def _on_counting(self) -> None:
        self.refresh()

    def _on_reply_started(self, live: LiveReply) -> None:
        if live is not self.live:
            return
        if live.continued is None:
            self._show_answer(live)
        if live.memory is None and self._memory is not None:  # this reply sees everything again
            self._memory = None
            self._transcript.show_memory(None, self._overflow)
        self.refresh()

    def _on_reply_advanced(self, live: LiveReply, text: str) -> None:
        if live is self.live:
            if text:
                self._transcript.end_reasoning(live.reasoning_seconds)
                self._transcript.append_to_reply(text)
            self._count(live)

    def _on_reasoning_advanced(self, live: LiveReply, text: str) -> None:
        if live is self.live:
            self._transcript.append_reasoning(text)
            self._count(live)

    def _on_memory_moved(self, live: LiveReply) -> None:
        if live is self.live:
            self._memory = live.memory
            self._transcript.show_memory(self._memory, self._overflow)

    def _on_summary_advanced(self, live: LiveReply) -> None:
        if live is self.live:
            self.refresh()

    def _on_note_added(self, live: LiveReply, sentence: str) -> None:
        if live.answer_id is not None:
            self._notes.setdefault(live.answer_id, []).append(sentence)
        if live is self.live:
            self._transcript.add_note(sentence)

    def _count(self, live: LiveReply) -> None:
        if live.is_writing and not self._strip.is_writing:
            self.refresh()
        elif not self._counting.isActive():
            self._counting.start()
