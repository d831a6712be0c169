"""Chats that are kept in memory only: begun, dropped, or kept after all; beside the stored ones under one roof."""

import sqlite3
from collections.abc import Callable

from app.core.conversation import (
    FIRST_TEMPORARY_ID,
    Conversation,
    HistorySummary,
    Message,
    MessageState,
    Role,
    is_temporary,
    title_from,
)
from app.core.errors import GoneError
from app.core.generation import GenerationStatistics, StopReason
from app.core.provenance import Provenance
from app.storage.conversations import ConversationStore
from app.storage.database import migrate
from app.storage.memory_database import MemoryDatabase
from app.storage.message_tree import copy_tree

TEMPORARY_TITLE = "Temporary chat"
_TABLES = ("conversations", "messages", "summaries")
_Conversations = list[Conversation]  # named out here, because inside the store `list` is its method
_Messages = list[Message]
_Summaries = list[HistorySummary]
_Ids = list[int]


class TemporaryChats:
    """Conversations of a MemoryDatabase, whose ids begin at FIRST_TEMPORARY_ID; `kept` is where those go that stay."""

    def __init__(self, kept: ConversationStore) -> None:
        self._kept = kept
        self._database = MemoryDatabase()
        migrate(self._database)
        with self._database.transaction() as connection:
            for table in _TABLES:
                sql = "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)"
                connection.execute(sql, (table, FIRST_TEMPORARY_ID - 1))
        self.store = ConversationStore(self._database)

    def begin(self, system_prompt: str = "") -> Conversation:
        """Begin a temporary chat. It has no title of its own: nothing is made of what is written in it."""
        return self.store.create(TEMPORARY_TITLE, system_prompt)

    def drop(self, conversation_id: int) -> None:
        """Forget a temporary chat; harmless when it is gone."""
        try:
            self.store.delete(conversation_id)
        except GoneError:
            return

    def keep(self, conversation_id: int) -> Conversation:
        """Make a stored conversation of a temporary chat, with all versions of its messages, and forget the chat.

        No answer may be under way in it. Raises GoneError, and any other StorageError; the chat stays as it is then.
        """
        chat = self.store.get(conversation_id)
        rows = self._database.read("SELECT * FROM messages WHERE conversation_id = ? ORDER BY id", (conversation_id,))
        summaries = self._database.read(
            "SELECT * FROM summaries WHERE conversation_id = ? ORDER BY id", (conversation_id,)
        )
        first = next((m for m in self.store.messages(conversation_id) if m.role is Role.USER), None)
        title = title_from(first.text) if first is not None else chat.title
        made = self._kept.adopt(title, chat.system_prompt, lambda to, id_: copy_tree(to, rows, summaries, id_))
        self.drop(conversation_id)
        return made

    def close(self) -> None:
        """Forget them all."""
        self._database.close()


class AllConversations(ConversationStore):
    """Stored conversations and temporary chats as one store: each id says where it belongs, and new ones are stored."""

    def __init__(self, kept: ConversationStore, temporary: ConversationStore) -> None:
        self.kept = kept
        self._temporary = temporary

    def list(self) -> _Conversations:
        return [*self._temporary.list(), *self.kept.list()]

    def get(self, conversation_id: int) -> Conversation:
        return self._of(conversation_id).get(conversation_id)

    def messages(self, conversation_id: int) -> _Messages:
        return self._of(conversation_id).messages(conversation_id)

    def message(self, message_id: int) -> Message:
        return self._of(message_id).message(message_id)

    def path_to(self, message_id: int) -> _Messages:
        return self._of(message_id).path_to(message_id)

    def versions(self, message_id: int) -> _Ids:
        return self._of(message_id).versions(message_id)

    def count_below(self, message_id: int) -> int:
        return self._of(message_id).count_below(message_id)

    def create(self, title: str, system_prompt: str = "") -> Conversation:
        return self.kept.create(title, system_prompt)

    def adopt(self, title: str, system_prompt: str, fill: Callable[[sqlite3.Connection, int], None]) -> Conversation:
        return self.kept.adopt(title, system_prompt, fill)

    def rename(self, conversation_id: int, title: str) -> None:
        self._of(conversation_id).rename(conversation_id, title)

    def delete(self, conversation_id: int) -> None:
        self._of(conversation_id).delete(conversation_id)

    def add_message(
        self,
        conversation_id: int,
        role: Role,
        text: str,
        state: MessageState = MessageState.COMPLETE,
        model_name: str | None = None,
        *,
        parent: int | None = None,
    ) -> Message:
        store = self._of(conversation_id)
        return store.add_message(conversation_id, role, text, state, model_name, parent=parent)

    def add_version(self, message_id: int, text: str) -> Message:
        return self._of(message_id).add_version(message_id, text)

    def show_version(self, message_id: int) -> None:
        self._of(message_id).show_version(message_id)

    def delete_message(self, message_id: int) -> None:
        self._of(message_id).delete_message(message_id)

    def branch(self, message_id: int) -> Conversation:
        return self._of(message_id).branch(message_id)

    def write_on(self, message_id: int, model_name: str) -> Message:
        return self._of(message_id).write_on(message_id, model_name)

    def journal(self, message_id: int, text: str, reasoning: str = "") -> None:
        self._of(message_id).journal(message_id, text, reasoning)

    def finish(
        self,
        message_id: int,
        text: str,
        state: MessageState,
        stop_reason: StopReason | None,
        statistics: GenerationStatistics | None,
        *,
        reasoning: str = "",
        provenance: Provenance | None = None,
        memory_begins: int | None = None,
    ) -> Message:
        return self._of(message_id).finish(
            *(message_id, text, state, stop_reason, statistics),
            reasoning=reasoning,
            provenance=provenance,
            memory_begins=memory_begins,
        )

    def summaries(self, conversation_id: int) -> _Summaries:
        return self._of(conversation_id).summaries(conversation_id)

    def add_summary(self, conversation_id: int, last_message_id: int, text: str, model_name: str) -> HistorySummary:
        return self._of(conversation_id).add_summary(conversation_id, last_message_id, text, model_name)

    def recover_interrupted(self) -> int:
        return self.kept.recover_interrupted()

    def _of(self, id_: int) -> ConversationStore:
        return self._temporary if is_temporary(id_) else self.kept
