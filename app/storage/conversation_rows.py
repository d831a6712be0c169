"""Turns rows of the database into conversations and messages, and their parts into what a column holds."""

import re
import sqlite3
from datetime import UTC, datetime, timedelta

from app.core.conversation import Conversation, Message, MessageState, Role
from app.core.generation import GenerationStatistics, StopReason

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SURROGATE = re.compile("[\ud800-\udfff]")


def conversation_from(row: sqlite3.Row) -> Conversation:
    """The conversation in a row of `conversations`. Raises like message_from."""
    return Conversation(
        id=row["id"],
        title=row["title"],
        system_prompt=row["system_prompt"],
        created_at=_time(row["created_at"]),
        updated_at=_time(row["updated_at"]),
    )


def message_from(row: sqlite3.Row) -> Message:
    """The message in a row of `messages`. Raises ValueError, TypeError, OverflowError for a senseless one."""
    return Message(
        id=row["id"],
        conversation_id=row["conversation_id"],
        role=Role(row["role"]),
        text=row["text"],
        state=MessageState(row["state"]),
        created_at=_time(row["created_at"]),
        model_name=row["model_name"],
        stop_reason=StopReason(row["stop_reason"]) if row["stop_reason"] is not None else None,
        statistics=_statistics(row),
    )


def _statistics(row: sqlite3.Row) -> GenerationStatistics | None:
    if row["prompt_tokens"] is None:
        return None
    return GenerationStatistics(
        prompt_tokens=row["prompt_tokens"],
        reused_tokens=row["reused_tokens"],
        completion_tokens=row["completion_tokens"],
        prompt_seconds=row["prompt_seconds"],
        generation_seconds=row["generation_seconds"],
        time_to_first_token=row["time_to_first_token"],
    )


def figures_of(statistics: GenerationStatistics | None) -> tuple[int | float | None, ...]:
    """The statistics in the order of their columns."""
    if statistics is None:
        return (None,) * 6
    return (
        statistics.prompt_tokens,
        statistics.reused_tokens,
        statistics.completion_tokens,
        statistics.prompt_seconds,
        statistics.generation_seconds,
        statistics.time_to_first_token,
    )


def microseconds_of(moment: datetime) -> int:
    """Microseconds since 1970 in UTC, as the time columns hold them."""
    return (moment - _EPOCH) // _MICROSECOND


def _time(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def storable(text: str) -> str:
    """The text without the lone surrogates that undecodable input leaves: SQLite refuses the whole text for one."""
    return _SURROGATE.sub("\ufffd", text)
