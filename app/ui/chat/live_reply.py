"""One message on its way: waiting, then read, then answered; kept whether or not its conversation is shown."""

from collections.abc import Sequence
from dataclasses import replace

from app.core.conversation import Message, MessageState
from app.core.generation import Chunk, PromptProgress, ReasoningChunk
from app.services.events import ChatEvent
from app.ui.chat.options import ReplyOptions
from app.ui.chat.speed_samples import SpeedSamples
from app.ui.tasks import Task
from app.ui.transcript.memory import MemoryStart


class LiveReply:
    """What is known so far.

    `conversation_id` None: the message will open a new conversation when it is saved. `continued` is the answer that is
    written on, and `question` the stored message that is answered anew; no message of the user's is sent then. `edited`
    is the message that `text` becomes another version of.
    """

    def __init__(
        self,
        text: str,
        conversation_id: int | None,
        options: ReplyOptions | None = None,
        continued: Message | None = None,
        *,
        question: Message | None = None,
        edited: Message | None = None,
    ) -> None:
        self.text = text
        self.conversation_id = conversation_id
        self.options = options or ReplyOptions()
        self.continued = continued
        self.edited = edited
        self.task: Task[ChatEvent] | None = None
        self.question = question
        self.answer: Message | None = None
        self.progress: PromptProgress | None = None
        self.samples = SpeedSamples()
        self.memory: MemoryStart | None = None
        self.notes: list[str] = []
        self.is_summarising = False
        self.is_on_disk = False  # whether the user's message is; set on the lane, before the window hears of it
        self.is_unsaved = False  # whether the last attempt to save the answer failed
        self.reasoning_seconds = 0.0
        self._parts = [continued.text] if continued else []
        self._reasoning = [continued.reasoning] if continued else []

    @property
    def is_saved(self) -> bool:
        """Whether the user's message is on disk; before that, its text still has to be kept for them."""
        return self.question is not None or self.continued is not None

    def ended(self, messages: Sequence[Message]) -> list[Message]:
        """Those of the path that is shown which this reply neither writes nor replaces."""
        if self.question is not None:
            return [m for m in messages if m.id <= self.question.id]
        if self.edited is not None:
            return [m for m in messages if m.id < self.edited.id]
        return [m for m in messages if m.id != self.answer_id]

    @property
    def answer_id(self) -> int | None:
        """The id of the answer's message; None while it is not begun."""
        answer = self.answer or self.continued
        return answer.id if answer else None

    @property
    def is_writing(self) -> bool:
        """Whether the first words are there, be they the answer's or what is thought before it."""
        return self.samples.completion_tokens > 0

    @property
    def is_answering(self) -> bool:
        """Whether the answer's own first words are there."""
        return bool(self.answer_text)

    @property
    def answer_text(self) -> str:
        """The answer so far."""
        return "".join(self._parts)

    @property
    def reasoning(self) -> str:
        """What was thought before it so far."""
        return "".join(self._reasoning)

    def add(self, chunk: Chunk | ReasoningChunk) -> None:
        """Take a piece of the answer, or of what is thought before it."""
        if isinstance(chunk, ReasoningChunk):
            self._reasoning.append(chunk.text)
            self.reasoning_seconds = chunk.generation_seconds
        else:
            self._parts.append(chunk.text)
        self.is_unsaved = False
        self.samples.add(chunk)

    def interrupted_answer(self) -> Message | None:
        """The answer as far as it came before something failed; None when it never began."""
        if self.answer is None:
            return self.continued
        return replace(self.answer, text=self.answer_text, reasoning=self.reasoning, state=MessageState.INTERRUPTED)

    def cancel(self) -> None:
        """Stop it; what is there of the answer stays."""
        if self.task is not None:
            self.task.cancel()
