"""What a reply tells its reader while it travels: the engine's events, and what the services add to them."""

from dataclasses import dataclass

from app.core.conversation import Conversation, Message
from app.core.errors import StorageError
from app.core.generation import Chunk, PromptProgress
from app.core.model import LoadedModel, LoadStep


@dataclass(frozen=True, slots=True)
class ModelLoading:
    """A model is on its way; `fraction` of the step runs from 0 to 1."""

    name: str
    fraction: float
    step: LoadStep = LoadStep.LOADING


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
    """The oldest `left_out` messages do not fit into the context: the model does not see them in this reply."""

    left_out: int


@dataclass(frozen=True, slots=True)
class ReplyStarted:
    """The answer's (still empty) message is on disk."""

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
ChatEvent = MessageSaved | HistoryTrimmed | ReplyStarted | PromptProgress | Chunk | SaveFailed | ReplyFinished
