"""Chats that are kept in memory only: begun, dropped, or kept after all."""

from app.core.conversation import FIRST_TEMPORARY_ID, Conversation, Role, title_from
from app.core.errors import GoneError
from app.storage.conversations import ConversationStore
from app.storage.database import Database, migrate
from app.storage.memory_database import MemoryDatabase
from app.storage.message_tree import copy_tree

TEMPORARY_TITLE = "Temporary chat"
_TABLES = ("conversations", "messages", "summaries")


def temporary_database() -> Database:
    """A database in memory for temporary chats, whose ids begin at FIRST_TEMPORARY_ID."""
    database = MemoryDatabase()
    migrate(database)
    with database.transaction() as connection:
        for table in _TABLES:
            sql = "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)"
            connection.execute(sql, (table, FIRST_TEMPORARY_ID - 1))
    return database


class TemporaryChats:
    """The conversations of a temporary_database(); `conversations` has them too, beside the stored ones."""

    def __init__(self, database: Database, conversations: ConversationStore) -> None:
        self._database = database
        self._conversations = conversations
        self.store = ConversationStore(database)

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
        made = self._conversations.adopt(title, chat.system_prompt, lambda to, id_: copy_tree(to, rows, summaries, id_))
        self.drop(conversation_id)
        return made

    def close(self) -> None:
        """Forget them all."""
        self._database.close()
