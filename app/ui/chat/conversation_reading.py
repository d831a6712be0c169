"""Reads what the chat page shows of a stored conversation; what cannot be read is told in a notice."""

from collections.abc import Callable
from typing import TypeVar

from app.core.conversation import HistorySummary, Message, Role
from app.core.errors import StorageError
from app.storage.conversations import ConversationStore
from app.ui.chat.live_reply import LiveReply
from app.ui.chat.replies import Replies
from app.ui.notice import Notice, NoticeBar

_T = TypeVar("_T")


class ConversationReading:
    """An answer that could not be saved is read as it ended, not as it is stored."""

    def __init__(self, conversations: ConversationStore, replies: Replies, notices: NoticeBar) -> None:
        self._conversations = conversations
        self._replies = replies
        self._notices = notices

    def messages(self, conversation_id: int | None) -> list[Message] | None:
        """The path that is shown, from the top; none of a new chat (None). None when it cannot be read."""
        if conversation_id is None:
            return []
        return self._read(lambda: self._conversations.messages(conversation_id))

    def path_to(self, message_id: int, conversation_id: int | None) -> list[Message]:
        """The messages of the shown path down to this one; empty where it is not among them."""
        path = [m for m in self.messages(conversation_id) or () if m.id <= message_id]
        return path if path and path[-1].id == message_id else []

    def ended(self, messages: list[Message], live: LiveReply | None) -> list[Message]:
        """Those that are shown as they are, beside what is under way."""
        ended = messages if live is None else live.ended(messages)
        return [self._replies.unsaved.get(m.id, m) for m in ended if m.role is not Role.SYSTEM]

    def summaries(self, conversation_id: int | None, messages: list[Message]) -> list[HistorySummary]:
        """The summaries of a conversation; they are asked for only where a message did not see everything."""
        if conversation_id is None or all(m.memory_begins is None for m in messages):
            return []
        return self._read(lambda: self._conversations.summaries(conversation_id)) or []

    def _read(self, ask: Callable[[], _T]) -> _T | None:
        try:
            return ask()
        except StorageError as error:
            self._notices.show_notice(Notice(error.sentence))
            return None
