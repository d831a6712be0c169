"""Sorts conversations under the day of their newest message."""

from collections.abc import Sequence
from datetime import date, datetime

from app.core.conversation import Conversation

TODAY, YESTERDAY, LAST_WEEK, OLDER = "Today", "Yesterday", "Previous 7 days", "Older"
TEMPORARY = "In memory only"


def grouped(conversations: Sequence[Conversation], today: date) -> list[str | Conversation]:
    """The conversations in their order, each group's caption before its first one. Days are the user's own."""
    rows: list[str | Conversation] = []
    caption = ""
    for conversation in conversations:
        group = TEMPORARY if conversation.is_temporary else _group(conversation.updated_at, today)
        if group != caption:
            caption = group
            rows.append(group)
        rows.append(conversation)
    return rows


def _group(updated_at: datetime, today: date) -> str:
    days = (today - updated_at.astimezone().date()).days
    if days <= 0:  # a clock that was set back leaves days to come: they belong with the newest
        return TODAY
    if days == 1:
        return YESTERDAY
    return LAST_WEEK if days <= 7 else OLDER
