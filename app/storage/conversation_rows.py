"""Turns rows of the database into conversations and messages, and their parts into what a column holds."""

import re
import sqlite3
from dataclasses import MISSING, fields
from datetime import UTC, datetime, timedelta

from app.core.conversation import Conversation, HistorySummary, Message, MessageState, Role
from app.core.generation import GenerationStatistics, StopReason
from app.core.provenance import Provenance
from app.storage.places import Places
from app.storage.provenance_json import provenance_from_json, provenance_to_json

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


def message_from(row: sqlite3.Row, places: Places) -> Message:
    """The message in a row of `messages` with its version, see message_tree.

    Raises ValueError, TypeError, OverflowError for a senseless one.
    """
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
        reasoning=row["reasoning"],
        provenance=_provenance(row, places),
        memory_begins=row["memory_begins"],
        parent_id=row["parent_id"],
        version=row["version"],
        version_count=row["version_count"],
    )


def summary_from(row: sqlite3.Row) -> HistorySummary:
    """The summary in a row of `summaries`. Raises like message_from."""
    return HistorySummary(
        id=row["id"],
        conversation_id=row["conversation_id"],
        last_message_id=row["last_message_id"],
        text=row["text"],
        model_name=row["model_name"],
        created_at=_time(row["created_at"]),
    )


FIGURES = tuple(f.name for f in fields(GenerationStatistics))  # each has a column of its name


def _provenance(row: sqlite3.Row, places: Places) -> Provenance | None:
    if row["provenance"] is None:
        return None
    return provenance_from_json(row["provenance"], row["seed"], places)


def _statistics(row: sqlite3.Row) -> GenerationStatistics | None:
    if row["prompt_tokens"] is None:
        return None
    return GenerationStatistics(**{name: row[name] for name in FIGURES})


def figures_of(statistics: GenerationStatistics | None) -> tuple[int | float | None, ...]:
    """The statistics in the order of FIGURES, as their columns hold them."""
    if statistics is None:
        return tuple(None if f.default is MISSING else f.default for f in fields(GenerationStatistics))
    return tuple(getattr(statistics, name) for name in FIGURES)


def provenance_columns(provenance: Provenance | None, places: Places) -> tuple[str | None, int | None]:
    """What the columns `provenance` and `seed` hold."""
    if provenance is None:
        return None, None
    return provenance_to_json(provenance, places), provenance.sampling.seed


def microseconds_of(moment: datetime) -> int:
    """Microseconds since 1970 in UTC, as the time columns hold them."""
    return (moment - _EPOCH) // _MICROSECOND


def _time(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def storable(text: str) -> str:
    """The text without the lone surrogates that undecodable input leaves: SQLite refuses the whole text for one."""
    return _SURROGATE.sub("\ufffd", text)
