"""One message on its way: waiting, then read, then answered; kept whether or not its conversation is shown."""

from dataclasses import replace

from app.core.conversation import Message, MessageState
from app.core.generation import Chunk, PromptProgress
from app.services.events import ChatEvent
from app.ui.chat.speed_samples import SpeedSamples
from app.ui.tasks import Task


class LiveReply:
    """What is known so far. `conversation_id` None: the message will open a new conversation when it is saved."""

    def __init__(self, text: str, conversation_id: int | None) -> None:
        self.text = text
        self.conversation_id = conversation_id
        self.task: Task[ChatEvent] | None = None
        self.question: Message | None = None
        self.answer: Message | None = None
        self.progress: PromptProgress | None = None
        self.samples = SpeedSamples()
        self.left_out = 0
        self.is_unsaved = False  # whether the last attempt to save the answer failed
        self._parts: list[str] = []

    @property
    def is_saved(self) -> bool:
        """Whether the user's message is on disk; before that, its text still has to be kept for them."""
        return self.question is not None

    @property
    def is_writing(self) -> bool:
        """Whether the answer's first words are there."""
        return bool(self._parts)

    @property
    def answer_text(self) -> str:
        """The answer so far."""
        return "".join(self._parts)

    def add(self, chunk: Chunk) -> None:
        """Take a piece of the answer."""
        self._parts.append(chunk.text)
        self.is_unsaved = False
        self.samples.add(chunk)

    def interrupted_answer(self) -> Message | None:
        """The answer as far as it came before something failed; None when it never began."""
        if self.answer is None:
            return None
        return replace(self.answer, text=self.answer_text, state=MessageState.INTERRUPTED)

    def cancel(self) -> None:
        """Stop it; what is there of the answer stays."""
        if self.task is not None:
            self.task.cancel()
