"""Keeps conversations and their messages, and finds again what a killed process was writing."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from app.core.conversation import Conversation, HistorySummary, Message, MessageState, Role, is_temporary
from app.core.errors import DatabaseCorruptError, GoneError
from app.core.generation import GenerationStatistics, StopReason
from app.core.provenance import Provenance
from app.storage.conversation_rows import (
    FIGURES,
    conversation_from,
    figures_of,
    message_from,
    microseconds_of,
    provenance_columns,
    storable,
    summary_from,
)
from app.storage.database import Database
from app.storage.message_tree import (
    COUNT_BELOW,
    ONE_MESSAGE,
    PATH_TO,
    SHOWN_PATH,
    VERSIONS,
    add,
    choose,
    copy_path,
    cut,
    end_of_path,
    no_message,
    row_of,
)
from app.storage.writers import is_alive, this_writer

_T = TypeVar("_T")
_Conversations = list[Conversation]  # named out here, because inside the store `list` is its method
_Messages = list[Message]
_Summaries = list[HistorySummary]
_Ids = list[int]
_BRANCH = " (branch)"
_SET_FIGURES = ", ".join(f"{name} = ?" for name in FIGURES)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ConversationStore:
    """Conversations and messages in a Database; what a method has returned is on disk. `now` gives the time in UTC.

    With `temporary`, the database of temporary chats, it holds those beside the stored ones: each id says where it
    belongs. What begins is stored, a branch of a temporary chat alone is temporary too.

    `on_deleted` is told the id of each conversation that is deleted, and `on_shortened` of each that loses messages, so
    that what lies elsewhere goes with them.
    """

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime] = _utc_now,
        on_deleted: Callable[[int], None] = lambda _: None,
        on_shortened: Callable[[int], None] = lambda _: None,
        temporary: Database | None = None,
    ) -> None:
        self._stored = database
        self._temporary = temporary
        self._now = now
        self._on_deleted = on_deleted
        self._on_shortened = on_shortened

    def list(self) -> _Conversations:
        """Temporary chats, then stored conversations; of each the one with the newest message first.

        Raises StorageError.
        """
        sql = "SELECT * FROM conversations ORDER BY updated_at DESC, id DESC"
        rows = self._stored.read(sql)
        if self._temporary is not None:
            rows = [*self._temporary.read(sql), *rows]
        return [self._read(conversation_from, row) for row in rows]

    def get(self, conversation_id: int) -> Conversation:
        """One conversation. Raises GoneError when there is none with this id, and StorageError."""
        rows = self._database_of(conversation_id).read("SELECT * FROM conversations WHERE id = ?", (conversation_id,))
        if not rows:
            raise _no_conversation(conversation_id)
        return self._read(conversation_from, rows[0])

    def messages(self, conversation_id: int) -> _Messages:
        """The messages of the path that is shown, from the top. Raises GoneError (no conversation), StorageError."""
        rows = self._database_of(conversation_id).read(SHOWN_PATH, (conversation_id,))
        if not rows:
            self.get(conversation_id)
        return [self._read(self._message, row) for row in rows]

    def message(self, message_id: int) -> Message:
        """One message. Raises GoneError when there is none with this id, and StorageError."""
        rows = self._database_of(message_id).read(ONE_MESSAGE, (message_id,))
        if not rows:
            raise no_message(message_id)
        return self._read(self._message, rows[0])

    def path_to(self, message_id: int) -> _Messages:
        """The messages from the top down to this one, shown or not. Raises GoneError, StorageError."""
        rows = self._database_of(message_id).read(PATH_TO, (message_id,))
        if not rows:
            raise no_message(message_id)
        return [self._read(self._message, row) for row in rows]

    def versions(self, message_id: int) -> _Ids:
        """The ids of all versions of a message, its own too, the oldest first. Raises GoneError, StorageError."""
        rows = self._database_of(message_id).read(VERSIONS, (message_id,))
        if not rows:
            raise no_message(message_id)
        return [row["id"] for row in rows]

    def count_below(self, message_id: int) -> int:
        """How many messages would go with this one, in all versions. Raises StorageError."""
        return int(self._database_of(message_id).read(COUNT_BELOW, (message_id,))[0][0])

    def create(self, title: str, system_prompt: str = "") -> Conversation:
        """Begin a conversation without messages. Raises StorageError."""
        now = microseconds_of(self._now())
        with self._stored.transaction() as connection:
            row = _begun(connection, title, system_prompt, now)
        return self._read(conversation_from, row)

    def adopt(self, title: str, system_prompt: str, fill: Callable[[sqlite3.Connection, int], None]) -> Conversation:
        """Begin a conversation; `fill`, given its id, adds messages in the same transaction. Raises StorageError."""
        now = microseconds_of(self._now())
        with self._stored.transaction() as connection:
            row = _begun(connection, title, system_prompt, now)
            fill(connection, row["id"])
        return self._read(conversation_from, row)

    def rename(self, conversation_id: int, title: str) -> None:
        """Give a conversation another title; its place in the list stays. Raises GoneError, StorageError."""
        with self._database_of(conversation_id).transaction() as connection:
            sql = "UPDATE conversations SET title = ? WHERE id = ?"
            if connection.execute(sql, (storable(title), conversation_id)).rowcount == 0:
                raise _no_conversation(conversation_id)

    def delete(self, conversation_id: int) -> None:
        """Delete a conversation with all its messages. Raises GoneError for an unknown id, and StorageError."""
        with self._database_of(conversation_id).transaction() as connection:
            if connection.execute("DELETE FROM conversations WHERE id = ?", (conversation_id,)).rowcount == 0:
                raise _no_conversation(conversation_id)
        self._on_deleted(conversation_id)

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
        """Add a message after the message with the id `parent`, and show it; None is the end of the path that is shown.

        Where others follow the parent already, it is another version of them. A STREAMING message belongs to this
        process until it is finished. Raises GoneError for an unknown conversation or parent, and StorageError.
        """
        with self._database_of(conversation_id).transaction() as connection:
            if parent is None:
                parent = end_of_path(connection, conversation_id)
            elif row_of(connection, parent)["conversation_id"] != conversation_id:
                raise no_message(parent)
            row = self._added(connection, conversation_id, parent, role, text, state, model_name)
        return self._read(self._message, row)

    def add_version(self, message_id: int, text: str) -> Message:
        """Add another version of a message beside it, with nothing below it yet, and show it.

        Raises GoneError when there is none with this id, and StorageError.
        """
        with self._database_of(message_id).transaction() as connection:
            old = row_of(connection, message_id)
            row = self._added(connection, old["conversation_id"], old["parent_id"], old["role"], text)
        return self._read(self._message, row)

    def show_version(self, message_id: int) -> None:
        """Let the shown path lead through this message, and below it as it was last shown; kept after a restart.

        Raises GoneError when there is none with this id, and StorageError.
        """
        with self._database_of(message_id).transaction() as connection:
            row_of(connection, message_id)
            choose(connection, message_id)

    def delete_message(self, message_id: int) -> None:
        """Delete a message with all below it; if it has other versions, the one before it is shown, else the next.

        The conversation stays, also without any message. Raises GoneError, StorageError.
        """
        with self._database_of(message_id).transaction() as connection:
            conversation_id = row_of(connection, message_id)["conversation_id"]
            cut(connection, message_id)
        self._on_shortened(conversation_id)

    def branch(self, message_id: int) -> Conversation:
        """Begin a conversation with a copy of the messages from the top down to this one.

        Raises GoneError when there is none with this id, and StorageError.
        """
        now = microseconds_of(self._now())
        with self._database_of(message_id).transaction() as connection:
            old = self.get(row_of(connection, message_id)["conversation_id"])
            row = _begun(connection, old.title.removesuffix(_BRANCH) + _BRANCH, old.system_prompt, now)
            copy_path(connection, connection.execute(PATH_TO, (message_id,)).fetchall(), row["id"])
        return self._read(conversation_from, row)

    def write_on(self, message_id: int, model_name: str) -> Message:
        """Open an ended reply to be written on by this process: STREAMING, its text kept, its figures cleared.

        Raises GoneError when it is gone or another window is writing it, and StorageError.
        """
        now = microseconds_of(self._now())
        with self._database_of(message_id).transaction() as connection:
            changed = connection.execute(
                f"""
                UPDATE messages SET state = ?, writer = ?, model_name = ?, stop_reason = NULL, {_SET_FIGURES},
                    provenance = NULL, seed = NULL
                WHERE id = ? AND role = ? AND state <> ?
                """,
                (
                    *(MessageState.STREAMING, this_writer(), model_name),
                    *figures_of(None),
                    *(message_id, Role.ASSISTANT, MessageState.STREAMING),
                ),
            ).rowcount
            if changed == 0:
                raise no_message(message_id)
            row = row_of(connection, message_id)
            _touch(connection, row["conversation_id"], now)
            # They would stand for a text that has more to it now.
            connection.execute("DELETE FROM summaries WHERE last_message_id = ?", (message_id,))
        return self._read(self._message, row)

    def journal(self, message_id: int, text: str, reasoning: str = "") -> None:
        """Replace the text of a message that is still being written. Raises GoneError, StorageError."""
        writer = this_writer()
        with self._database_of(message_id).transaction() as connection:
            # Another window may have taken us for dead after the clock was set: writing on proves the opposite.
            changed = connection.execute(
                "UPDATE messages SET text = ?, reasoning = ?, state = ?, writer = ? WHERE id = ? AND state <> ?",
                (
                    *(storable(text), storable(reasoning), MessageState.STREAMING, writer),
                    *(message_id, MessageState.COMPLETE),
                ),
            ).rowcount
        if changed == 0:
            raise GoneError(
                "The reply cannot be written on: its conversation was deleted, or the reply is already complete. "
                "Copy what you need of it from the window.",
                f"message {message_id}",
            )

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
        """Store a reply as it ended, in place of what was journalled. Raises GoneError, StorageError."""
        now = microseconds_of(self._now())
        with self._database_of(message_id).transaction() as connection:
            changed = connection.execute(
                f"""
                UPDATE messages SET text = ?, state = ?, stop_reason = ?, writer = NULL, {_SET_FIGURES},
                    reasoning = ?, provenance = ?, seed = ?, memory_begins = ?
                WHERE id = ?
                """,
                (
                    *(storable(text), state, stop_reason, *figures_of(statistics)),
                    *(
                        storable(reasoning),
                        *provenance_columns(provenance, self._database_of(message_id).places),
                        memory_begins,
                        message_id,
                    ),
                ),
            ).rowcount
            if changed == 0:
                raise GoneError(
                    "The reply cannot be saved, because its conversation was deleted. "
                    "Copy what you need of it from the window.",
                    f"message {message_id}",
                )
            row = row_of(connection, message_id)
            _touch(connection, row["conversation_id"], now)
        return self._read(self._message, row)

    def summaries(self, conversation_id: int) -> _Summaries:
        """What was written in place of the conversation's oldest messages, the oldest first. Raises StorageError."""
        sql = "SELECT * FROM summaries WHERE conversation_id = ? ORDER BY id"
        rows = self._database_of(conversation_id).read(sql, (conversation_id,))
        return [self._read(summary_from, row) for row in rows]

    def add_summary(self, conversation_id: int, last_message_id: int, text: str, model_name: str) -> HistorySummary:
        """Keep a summary of the messages up to `last_message_id`. Raises GoneError, StorageError."""
        now = microseconds_of(self._now())
        with self._database_of(conversation_id).transaction() as connection:
            rows = connection.execute(
                """
                INSERT INTO summaries (conversation_id, last_message_id, text, model_name, created_at)
                SELECT id, ?, ?, ?, ? FROM conversations WHERE id = ? RETURNING *
                """,
                (last_message_id, storable(text), model_name, now, conversation_id),
            ).fetchall()
            if not rows:
                raise _no_conversation(conversation_id)
        return self._read(summary_from, rows[0])

    def recover_interrupted(self) -> int:
        """Mark the stored messages whose writing process is gone as INTERRUPTED, text kept; how many.

        Raises StorageError.
        """
        sql = "SELECT id, writer FROM messages WHERE state = 'streaming'"
        orphans = [row for row in self._stored.read(sql) if row["writer"] is None or not is_alive(row["writer"])]
        if not orphans:
            return 0
        with self._stored.transaction() as connection:
            # The state may have changed since it was read; the writer says whether this is still the same attempt.
            return sum(
                connection.execute(
                    "UPDATE messages SET state = 'interrupted', writer = NULL "
                    "WHERE id = ? AND state = 'streaming' AND writer IS ?",
                    tuple(row),
                ).rowcount
                for row in orphans
            )

    def _database_of(self, id_: int) -> Database:
        """Where a conversation, a message or a summary is."""
        return self._temporary if self._temporary is not None and is_temporary(id_) else self._stored

    def _added(
        self,
        connection: sqlite3.Connection,
        conversation_id: int,
        parent: int | None,
        role: Role,
        text: str,
        state: MessageState = MessageState.COMPLETE,
        model_name: str | None = None,
    ) -> sqlite3.Row:
        now = microseconds_of(self._now())
        _touch(connection, conversation_id, now)
        columns = {
            "conversation_id": conversation_id,
            "parent_id": parent,
            "role": role,
            "text": storable(text),
            "state": state,
            "created_at": now,
            "model_name": model_name,
            "writer": this_writer() if state is MessageState.STREAMING else None,
        }
        return row_of(connection, add(connection, columns))

    def _message(self, row: sqlite3.Row) -> Message:
        return message_from(row, self._database_of(row["id"]).places)

    def _read(self, convert: Callable[[sqlite3.Row], _T], row: sqlite3.Row) -> _T:
        try:
            return convert(row)
        except (ValueError, TypeError, OverflowError) as error:
            path = self._database_of(row["id"]).path
            raise DatabaseCorruptError(
                f"{path} holds an entry that cannot be read. Restart Inglenook; if this stays, "
                "move the file to another folder to begin anew, and keep it.",
                f"{convert.__name__}, id {row['id']}: {error}",
            ) from error


def _begun(connection: sqlite3.Connection, title: str, system_prompt: str, now: int) -> sqlite3.Row:
    """The row of a new conversation without messages."""
    sql = "INSERT INTO conversations (title, system_prompt, created_at, updated_at) VALUES (?, ?, ?, ?) RETURNING *"
    row: sqlite3.Row = connection.execute(sql, (storable(title), storable(system_prompt), now, now)).fetchone()
    return row


def _touch(connection: sqlite3.Connection, conversation_id: int, now: int) -> None:
    sql = "UPDATE conversations SET updated_at = ? WHERE id = ?"
    if connection.execute(sql, (now, conversation_id)).rowcount == 0:
        raise _no_conversation(conversation_id)


def _no_conversation(conversation_id: int) -> GoneError:
    sentence = "This conversation no longer exists; it may have been deleted in another window. Choose another one."
    return GoneError(sentence, f"conversation {conversation_id}")
