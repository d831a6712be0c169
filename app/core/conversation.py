"""What a chat is: conversations and their messages."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.core.generation import GenerationStatistics, StopReason
from app.core.provenance import Provenance

TITLE_LENGTH = 60


class Role(StrEnum):
    """Who wrote a message."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


class MessageState(StrEnum):
    """How far a message has come."""

    COMPLETE = "complete"
    STREAMING = "streaming"
    INTERRUPTED = "interrupted"  # the process died, or the engine failed, in mid-answer


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation. `created_at` is in UTC.

    An assistant's turn carries its model, its figures, what made it, and what it thought before its text (`reasoning`).
    `memory_begins` is the id of the first message that the model saw when it wrote this one; None when it saw the
    conversation from its beginning.
    """

    id: int
    conversation_id: int
    role: Role
    text: str
    state: MessageState
    created_at: datetime
    model_name: str | None = None
    stop_reason: StopReason | None = None
    statistics: GenerationStatistics | None = None
    reasoning: str = ""
    provenance: Provenance | None = None
    memory_begins: int | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A titled series of messages. Times are in UTC; `system_prompt` is empty when the user wrote none."""

    id: int
    title: str
    system_prompt: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class HistorySummary:
    """What a model wrote in place of a conversation's oldest messages, up to the one with the id `last_message_id`.

    A later summary of the same conversation covers all that an earlier one did, and more. `created_at` is in UTC.
    """

    id: int
    conversation_id: int
    last_message_id: int
    text: str
    model_name: str
    created_at: datetime


def title_from(text: str) -> str:
    """The first line of a message, shortened at a word to at most TITLE_LENGTH characters."""
    line = " ".join(text.strip().split("\n", 1)[0].split())
    if len(line) <= TITLE_LENGTH:
        return line
    head = line[: TITLE_LENGTH - 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head).rstrip(" ,;:") + "…"
