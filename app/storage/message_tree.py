"""The tree that a conversation's messages form, in SQL: the path that is shown, and what is added, chosen, cut, copied.

A message is always newer than its parent, so that a walk ends even where a damaged file links messages in a ring.
"""

import sqlite3
from collections.abc import Mapping, Sequence

from app.core.conversation import MessageState
from app.core.errors import GoneError

_Value = str | bytes | int | float | None

_COLUMNS = """
    message.*,
    (
        SELECT COUNT(*) FROM messages AS sibling
        WHERE sibling.parent_id IS message.parent_id AND sibling.conversation_id = message.conversation_id
            AND sibling.id <= message.id
    ) AS version,
    (
        SELECT COUNT(*) FROM messages AS sibling
        WHERE sibling.parent_id IS message.parent_id AND sibling.conversation_id = message.conversation_id
    ) AS version_count
"""
_SHOWN = """
    WITH RECURSIVE shown (id, depth) AS (
        SELECT (
            SELECT id FROM messages WHERE parent_id IS NULL AND conversation_id = ?
            ORDER BY is_chosen DESC, id DESC LIMIT 1
        ), 0
        UNION ALL
        SELECT (
            SELECT id FROM messages WHERE parent_id = shown.id AND id > shown.id
            ORDER BY is_chosen DESC, id DESC LIMIT 1
        ), depth + 1
        FROM shown WHERE shown.id IS NOT NULL
    )
"""
_LINEAGE = """
    WITH RECURSIVE lineage (id, depth) AS (
        SELECT id, 0 FROM messages WHERE id = ?
        UNION ALL
        SELECT message.parent_id, depth + 1 FROM lineage JOIN messages AS message USING (id)
        WHERE message.parent_id < message.id
    )
"""
_BELOW = """
    WITH RECURSIVE below (id) AS (
        SELECT ? UNION SELECT message.id FROM below JOIN messages AS message ON message.parent_id = below.id
    )
"""
# Each yields rows for message_from. The first takes a conversation's id, the others a message's.
SHOWN_PATH = f"{_SHOWN} SELECT {_COLUMNS} FROM shown JOIN messages AS message USING (id) ORDER BY depth"
PATH_TO = f"{_LINEAGE} SELECT {_COLUMNS} FROM lineage JOIN messages AS message USING (id) ORDER BY depth DESC"
ONE_MESSAGE = f"SELECT {_COLUMNS} FROM messages AS message WHERE id = ?"
VERSIONS = """
    SELECT sibling.id FROM messages AS message
    JOIN messages AS sibling
        ON sibling.parent_id IS message.parent_id AND sibling.conversation_id = message.conversation_id
    WHERE message.id = ? ORDER BY sibling.id
"""
COUNT_BELOW = f"{_BELOW} SELECT COUNT(*) - 1 FROM below"


def end_of_path(connection: sqlite3.Connection, conversation_id: int) -> int | None:
    """The last message of the path that is shown; None in a conversation without messages."""
    sql = f"{_SHOWN} SELECT id FROM shown WHERE id IS NOT NULL ORDER BY depth DESC LIMIT 1"
    row = connection.execute(sql, (conversation_id,)).fetchone()
    return None if row is None else row["id"]


def row_of(connection: sqlite3.Connection, message_id: int) -> sqlite3.Row:
    """The row of one message, for message_from. Raises GoneError."""
    row: sqlite3.Row | None = connection.execute(ONE_MESSAGE, (message_id,)).fetchone()
    if row is None:
        raise no_message(message_id)
    return row


def no_message(message_id: int) -> GoneError:
    """What is raised for a message that is not there."""
    sentence = "This message is gone, or is being written in another window. Choose the conversation again to see."
    return GoneError(sentence, f"message {message_id}")


def add(connection: sqlite3.Connection, columns: Mapping[str, _Value]) -> int:
    """Add a message with these columns, `parent_id` and `conversation_id` among them, and choose it; its id."""
    sql = "SELECT COALESCE(MAX(position), 0) + 1 FROM messages WHERE conversation_id = ?"
    position = connection.execute(sql, (columns["conversation_id"],)).fetchone()[0]
    made = _insert(connection, "messages", {**columns, "position": position, "is_chosen": 0})
    choose(connection, made)
    return made


def choose(connection: sqlite3.Connection, message_id: int) -> None:
    """Let the path that is shown lead to this message, and below it go on as it was last chosen."""
    sql = f"{_LINEAGE} SELECT id, parent_id, conversation_id FROM lineage JOIN messages USING (id) WHERE NOT is_chosen"
    for row in connection.execute(sql, (message_id,)).fetchall():
        connection.execute(
            "UPDATE messages SET is_chosen = (id = ?) WHERE parent_id IS ? AND conversation_id = ?", tuple(row)
        )


def cut(connection: sqlite3.Connection, message_id: int) -> None:
    """Delete a message with all below it and their summaries; where it was chosen, a neighbouring version is then."""
    versions = [row["id"] for row in connection.execute(VERSIONS, (message_id,))]
    place = versions.index(message_id)
    neighbours = versions[max(place - 1, 0) : place] or versions[1:2]
    was_chosen = connection.execute("SELECT is_chosen FROM messages WHERE id = ?", (message_id,)).fetchone()[0]
    connection.execute(f"{_BELOW} DELETE FROM summaries WHERE last_message_id IN (SELECT id FROM below)", (message_id,))
    connection.execute(f"{_BELOW} DELETE FROM messages WHERE id IN (SELECT id FROM below)", (message_id,))
    if was_chosen and neighbours:
        connection.execute("UPDATE messages SET is_chosen = 1 WHERE id = ?", (neighbours[0],))


def copy_path(connection: sqlite3.Connection, path: Sequence[sqlite3.Row], conversation_id: int) -> None:
    """Copy the messages of a path, from the top on, and their summaries into a conversation without messages.

    A message that is being written is copied as far as it has come.
    """
    copies: dict[int, int] = {}
    parent: int | None = None
    for position, row in enumerate(path, start=1):
        values = dict(zip(row.keys(), row, strict=True))
        for name in ("id", "version", "version_count"):
            del values[name]
        if row["state"] == MessageState.STREAMING:
            values |= {"state": MessageState.INTERRUPTED, "writer": None}
        values |= {
            "conversation_id": conversation_id,
            "position": position,
            "parent_id": parent,
            "is_chosen": 1,
            "memory_begins": copies.get(row["memory_begins"]),
        }
        parent = copies[row["id"]] = _insert(connection, "messages", values)
    if path:
        sql = "SELECT * FROM summaries WHERE conversation_id = ? ORDER BY id"
        for row in connection.execute(sql, (path[0]["conversation_id"],)).fetchall():
            if (last := copies.get(row["last_message_id"])) is not None:
                values = dict(zip(row.keys(), row, strict=True))
                del values["id"]
                _insert(
                    connection, "summaries", {**values, "conversation_id": conversation_id, "last_message_id": last}
                )


def copy_tree(
    connection: sqlite3.Connection,
    messages: Sequence[sqlite3.Row],
    summaries: Sequence[sqlite3.Row],
    conversation_id: int,
) -> None:
    """Copy rows of another database, in the order of their ids, into a conversation without messages.

    All versions come along, and stay chosen as they are.
    """
    copies: dict[int, int] = {}
    for row in messages:
        values = dict(zip(row.keys(), row, strict=True))
        del values["id"]
        values |= {
            "conversation_id": conversation_id,
            "parent_id": copies.get(row["parent_id"]),
            "memory_begins": copies.get(row["memory_begins"]),
        }
        copies[row["id"]] = _insert(connection, "messages", values)
    for row in summaries:
        values = dict(zip(row.keys(), row, strict=True))
        del values["id"]
        values |= {"conversation_id": conversation_id, "last_message_id": copies[row["last_message_id"]]}
        _insert(connection, "summaries", values)


def _insert(connection: sqlite3.Connection, table: str, values: Mapping[str, _Value]) -> int:
    marks = ", ".join("?" * len(values))
    sql = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks}) RETURNING id"
    return int(connection.execute(sql, tuple(values.values())).fetchone()[0])
