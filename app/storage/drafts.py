"""Keeps what was written in a conversation and not sent, beside its messages: encrypted with them, deleted with it."""

import sqlite3

from app.core.conversation import Draft
from app.core.generation import OutputFormat, OutputKind
from app.storage.conversation_rows import storable
from app.storage.database import Database


class DraftStore:
    """One draft for each conversation, and one for the new chat that is not begun yet, whose id is None.

    Temporary chats have none here: to this database they are conversations that do not exist.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, conversation_id: int | None) -> Draft:
        """The draft of a conversation; an empty one where there is none. Raises StorageError."""
        sql = "SELECT * FROM drafts WHERE conversation_id IS ?"
        rows = self._database.read(sql, (conversation_id,))
        return _draft_from(rows[0]) if rows else Draft()

    def save(self, conversation_id: int | None, draft: Draft) -> None:
        """Keep `draft` in place of an older one; of an empty one nothing stays. Raises StorageError.

        Nothing is kept for a conversation that does not exist, as it may have been deleted in another window.
        """
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM drafts WHERE conversation_id IS ?", (conversation_id,))
            if draft != Draft() and _exists(connection, conversation_id):
                connection.execute(
                    "INSERT INTO drafts (conversation_id, text, output_kind, output_source) VALUES (?, ?, ?, ?)",
                    (conversation_id, storable(draft.text), draft.output.kind, storable(draft.output.source)),
                )


def _exists(connection: sqlite3.Connection, conversation_id: int | None) -> bool:
    sql = "SELECT 1 FROM conversations WHERE id = ?"
    return conversation_id is None or connection.execute(sql, (conversation_id,)).fetchone() is not None


def _draft_from(row: sqlite3.Row) -> Draft:
    try:
        output = OutputFormat(OutputKind(row["output_kind"]), row["output_source"])
    except ValueError:
        output = OutputFormat()  # a kind that this version does not know; the text is worth more
    return Draft(row["text"], output)
