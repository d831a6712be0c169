"""What a reply tells its reader while it travels: the engine's events, and what the services add to them."""

from dataclasses import dataclass

from app.core.conversation import Conversation, Message
from app.core.errors import StorageError
from app.core.generation import Chunk, ContextShifted, PromptProgress, PromptRepaired, ReasoningChunk
from app.core.model import LoadedModel


@dataclass(frozen=True, slots=True)
class ModelLoading:
    """A model is being read; `fraction` runs from 0 to 1."""

    name: str
    fraction: float


@dataclass(frozen=True, slots=True)
class ModelLoaded:
    """A model is ready."""

    model: LoadedModel


@dataclass(frozen=True, slots=True)
class MessageSaved:
    """The user's message is on disk; `conversation` is new when the message opened it."""

    conversation: Conversation
    message: Message


@dataclass(frozen=True, slots=True)
class HistoryTrimmed:
    """The oldest `left_out` messages do not fit into the context: the model does not see them in this reply.

    Its memory begins with the message `first_seen_message_id`. Where an answer is written on, `left_out_characters` may
    be missing at that answer's own start.
    """

    left_out: int
    first_seen_message_id: int | None = None
    left_out_characters: int = 0


@dataclass(frozen=True, slots=True)
class SummaryWriting:
    """The model is summarising the oldest `left_out` messages; `text` is what it has written of that so far."""

    left_out: int
    text: str


@dataclass(frozen=True, slots=True)
class HistorySummarised:
    """The model sees `summary` in place of the oldest `left_out` messages, then all from `first_seen_message_id` on.

    `left_out_characters` as in HistoryTrimmed.
    """

    left_out: int
    summary: str
    first_seen_message_id: int | None = None
    left_out_characters: int = 0


@dataclass(frozen=True, slots=True)
class ReplyStarted:
    """The answer's message is on disk: still empty, or with the text so far when it is written on."""

    message: Message


@dataclass(frozen=True, slots=True)
class SaveFailed:
    """The answer goes on, but could not be saved just now; it is kept in memory and tried again."""

    error: StorageError


@dataclass(frozen=True, slots=True)
class ReplyFinished:
    """The answer as it stands in the end, with its stop reason and figures."""

    message: Message


LoadEvent = ModelLoading | ModelLoaded
GenerationPassedOn = PromptRepaired | PromptProgress | ReasoningChunk | Chunk | ContextShifted
ChatEvent = (
    MessageSaved
    | HistoryTrimmed
    | SummaryWriting
    | HistorySummarised
    | ReplyStarted
    | GenerationPassedOn
    | SaveFailed
    | ReplyFinished
)
