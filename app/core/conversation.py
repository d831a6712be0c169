"""What a chat is: conversations and their messages."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.core.generation import GenerationStatistics, OutputFormat, OutputKind, StopReason
from app.core.provenance import Provenance

TITLE_LENGTH = 60
FIRST_TEMPORARY_ID = 2**30  # of conversations and messages that are in memory only; Qt's signals carry 32 bits


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
    conversation from its beginning. `parent_id` is the message that this one follows, None at the top; those that
    follow the same one are its versions: this is number `version`, from 1 and the oldest first, of `version_count`.
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
    parent_id: int | None = None
    version: int = 1
    version_count: int = 1

    @property
    def is_cut_short(self) -> bool:
        """Whether it is an answer that something ended before the model did, and that can be written on."""
        if self.role is not Role.ASSISTANT or self.state is MessageState.STREAMING:
            return False
        if self.provenance is not None and self.provenance.output.kind is not OutputKind.TEXT:
            return False  # a grammar has no memory of the text before
        return self.state is MessageState.INTERRUPTED or self.stop_reason not in (None, StopReason.END_OF_TURN)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A titled tree of messages, of which one path from the top is shown.

    Times are in UTC; `system_prompt` is empty when the user wrote none.
    """

    id: int
    title: str
    system_prompt: str
    created_at: datetime
    updated_at: datetime

    @property
    def is_temporary(self) -> bool:
        """Whether it is kept in memory only."""
        return is_temporary(self.id)


@dataclass(frozen=True, slots=True)
class HistorySummary:
    """What a model wrote in place of a conversation's oldest messages, up to the one with the id `last_message_id`.

    It stands for that message and all that lead to it. On one path, a later summary covers all that an earlier one did,
    and more. `created_at` is in UTC.
    """

    id: int
    conversation_id: int
    last_message_id: int
    text: str
    model_name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """What was written in a conversation and not sent, and the form that its next answers are to have."""

    text: str = ""
    output: OutputFormat = OutputFormat()


def is_temporary(id_: int) -> bool:
    """Whether a conversation's or a message's id is of a temporary chat: nothing of it may reach a disk."""
    return id_ >= FIRST_TEMPORARY_ID


def title_from(text: str) -> str:
    """The first line of a message, shortened at a word to at most TITLE_LENGTH characters."""
    line = " ".join(text.strip().split("\n", 1)[0].split())
    if len(line) <= TITLE_LENGTH:
        return line
    head = line[: TITLE_LENGTH - 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head).rstrip(" ,;:") + "…"
