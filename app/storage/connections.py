"""Keeps the connection log: what was allowed and what was refused, the newest few thousand of each."""

from collections.abc import Sequence
from sqlite3 import Row

from app.core.network import Connection, Purpose, Rule
from app.storage.conversation_rows import storable
from app.storage.database import Database

MOST_OF_EACH = 5000
"""So many allowed and so many refused ones are kept: a library that tries without end must not push the others out."""

_MICROSECONDS = 1_000_000
_LONGEST = 500  # what a library asked for can be of any length
_KINDS = (f"rule = '{Rule.PRESSED}'", f"rule != '{Rule.PRESSED}'")


class ConnectionStore:
    """The connection log in machine.db; `most` bounds each kind."""

    def __init__(self, database: Database, most: int = MOST_OF_EACH) -> None:
        self._database = database
        self._most = most

    def keep(self, connections: Sequence[Connection]) -> None:
        """Add them; one of which the key is known takes the place of what was known of it. Raises StorageError."""
        with self._database.transaction() as database:
            database.executemany(
                "INSERT INTO connections (key, at, host, purpose, press, rule, received_bytes, sent_bytes, detail)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET"
                " received_bytes = excluded.received_bytes, sent_bytes = excluded.sent_bytes, detail = excluded.detail",
                [_row(one) for one in connections],
            )
            for kind in _KINDS:
                database.execute(
                    f"DELETE FROM connections WHERE {kind} AND id <="
                    f" (SELECT id FROM connections WHERE {kind} ORDER BY id DESC LIMIT 1 OFFSET ?)",
                    (self._most,),
                )

    def newest(self, limit: int = 2 * MOST_OF_EACH) -> list[Connection]:
        """At most `limit` of them, the newest first. Raises StorageError."""
        rows = self._database.read("SELECT * FROM connections ORDER BY at DESC, id DESC LIMIT ?", (limit,))
        return [_connection(row) for row in rows]

    def clear(self) -> None:
        """Forget all of them. Raises StorageError."""
        with self._database.transaction() as database:
            database.execute("DELETE FROM connections")


def _row(one: Connection) -> tuple[str | int, ...]:
    return (
        one.key,
        round(one.at * _MICROSECONDS),
        storable(one.host)[:_LONGEST],
        one.purpose.value,
        storable(one.press)[:_LONGEST],
        one.rule.value,
        one.received_bytes,
        one.sent_bytes,
        storable(one.detail)[:_LONGEST],
    )


def _connection(row: Row) -> Connection:
    return Connection(
        key=row["key"],
        at=row["at"] / _MICROSECONDS,
        host=row["host"],
        purpose=Purpose(row["purpose"]) if row["purpose"] in set(Purpose) else Purpose.UNKNOWN,
        press=row["press"],
        rule=Rule(row["rule"]) if row["rule"] in set(Rule) else Rule.UNASKED,
        received_bytes=row["received_bytes"],
        sent_bytes=row["sent_bytes"],
        detail=row["detail"],
    )
