"""Where the model's memory of a conversation begins."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.conversation import HistorySummary, Message, Role


@dataclass(frozen=True, slots=True)
class MemoryStart:
    """The model sees the message `message_id` and what follows, and not the `left_out` messages before it.

    `summary` takes their place, if it is not empty.
    """

    message_id: int
    left_out: int
    summary: str = ""


def memory_start(messages: Sequence[Message], summaries: Sequence[HistorySummary]) -> MemoryStart | None:
    """Where memory began for the latest reply; None when it saw the conversation from its beginning."""
    latest = next((m for m in reversed(messages) if m.role is Role.ASSISTANT), None)
    if latest is None or latest.memory_begins is None:
        return None
    unseen = [m for m in messages if m.id < latest.memory_begins]
    if not unseen:
        return None
    summary = next((s.text for s in reversed(summaries) if s.last_message_id == unseen[-1].id), "")
    return MemoryStart(latest.memory_begins, sum(bool(m.text) for m in unseen), summary)
