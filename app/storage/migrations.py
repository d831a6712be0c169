"""How the database came to its present shape: named steps, each run once, in order, in a transaction of its own."""

import sqlite3
from collections.abc import Callable

Migration = Callable[[sqlite3.Connection], None]


def m001_conversations(connection: sqlite3.Connection) -> None:
    """Conversations and their messages. Times are microseconds since 1970 in UTC; seconds are wall time.

    AUTOINCREMENT, so that a window which still shows a deleted conversation can never write into a later one.
    """
    connection.execute(
        """
        CREATE TABLE conversations (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            title TEXT NOT NULL,
            system_prompt TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        )
        """
    )
    connection.execute("CREATE INDEX conversations_by_update ON conversations (updated_at)")
    connection.execute(
        """
        CREATE TABLE messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            role TEXT NOT NULL,
            text TEXT NOT NULL,
            state TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            model_name TEXT,
            stop_reason TEXT,
            prompt_tokens INTEGER,
            reused_tokens INTEGER,
            completion_tokens INTEGER,
            prompt_seconds REAL,
            generation_seconds REAL,
            time_to_first_token REAL,
            writer TEXT,
            UNIQUE (conversation_id, position)
        )
        """
    )
    connection.execute("CREATE INDEX messages_being_written ON messages (id) WHERE state = 'streaming'")


def m002_verified_files(connection: sqlite3.Connection) -> None:
    """Checksums of files, worth something as long as size and time of change (ns since 1970) stay the same."""
    connection.execute(
        """
        CREATE TABLE verified_files (
            path BLOB PRIMARY KEY,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            sha256 TEXT NOT NULL
        )
        """
    )


def m003_provenance(connection: sqlite3.Connection) -> None:
    """What a reply was thought, made and remembered with; summaries that stand in for a conversation's oldest messages.

    `provenance` is JSON without the `seed`, see provenance_json. `memory_begins` is the id of the first message that
    the model saw; NULL is the conversation's beginning.
    """
    for column in (
        "reasoning TEXT NOT NULL DEFAULT ''",
        "reasoning_tokens INTEGER NOT NULL DEFAULT 0",
        "reasoning_seconds REAL NOT NULL DEFAULT 0",
        "drafted_tokens INTEGER NOT NULL DEFAULT 0",
        "accepted_tokens INTEGER NOT NULL DEFAULT 0",
        "earlier_tokens INTEGER NOT NULL DEFAULT 0",
        "provenance TEXT",
        "seed INTEGER",
        "memory_begins INTEGER",
    ):
        connection.execute(f"ALTER TABLE messages ADD COLUMN {column}")
    connection.execute(
        """
        CREATE TABLE summaries (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
            last_message_id INTEGER NOT NULL,
            text TEXT NOT NULL,
            model_name TEXT NOT NULL,
            created_at INTEGER NOT NULL
        )
        """
    )
    connection.execute("CREATE INDEX summaries_by_conversation ON summaries (conversation_id)")


def m004_versions(connection: sqlite3.Connection) -> None:
    """The messages of a conversation form a tree: `parent_id` is the message before, NULL at the top.

    Of those with the same parent, the versions, `is_chosen` marks the one that is shown. Until now each message
    followed the one before it. `position` is from now on only the order in which a conversation's messages were made.
    No cascade along `parent_id`: SQLite follows it to a depth of 1,000 only, and conversations are longer.
    """
    connection.execute("ALTER TABLE messages ADD COLUMN parent_id INTEGER REFERENCES messages (id)")
    connection.execute("ALTER TABLE messages ADD COLUMN is_chosen INTEGER NOT NULL DEFAULT 1")
    connection.execute(
        """
        UPDATE messages SET parent_id = (
            SELECT id FROM messages AS earlier
            WHERE earlier.conversation_id = messages.conversation_id AND earlier.position < messages.position
            ORDER BY earlier.position DESC LIMIT 1
        )
        """
    )
    connection.execute("CREATE INDEX messages_by_parent ON messages (parent_id, conversation_id)")


def m005_drafts(connection: sqlite3.Connection) -> None:
    """What was written and not sent, and the form chosen for the next answers; NULL is the new chat, not begun yet."""
    connection.execute(
        """
        CREATE TABLE drafts (
            conversation_id INTEGER UNIQUE REFERENCES conversations (id) ON DELETE CASCADE,
            text TEXT NOT NULL,
            output_kind TEXT NOT NULL,
            output_source TEXT NOT NULL
        )
        """
    )
    # To UNIQUE two NULLs are different, and there is one new chat.
    connection.execute(
        "CREATE UNIQUE INDEX draft_of_new_chat ON drafts (conversation_id IS NULL) WHERE conversation_id IS NULL"
    )


MIGRATIONS: tuple[Migration, ...] = (
    m001_conversations,
    m002_verified_files,
    m003_provenance,
    m004_versions,
    m005_drafts,
)
