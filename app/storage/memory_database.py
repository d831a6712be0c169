"""A SQLite database that is nowhere but in memory, and gone when it is closed."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.core.errors import StorageError
from app.storage.database import Database, Value
from app.storage.failures import database_failures

_NAME = Path("the memory of this run")


class MemoryDatabase(Database):
    """One connection for all threads, which wait for one another: connections of their own would share no memory.

    SQLite's shared cache would let them, but there a reader fails at once while another thread writes.
    """

    def __init__(self) -> None:
        super().__init__(_NAME)
        self._turn = threading.RLock()  # a thread reads in the middle of its own transaction
        with database_failures(_NAME):
            self._memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            self._memory.row_factory = sqlite3.Row
            self._memory.execute("PRAGMA foreign_keys = ON")
            self._memory.execute("PRAGMA temp_store = MEMORY")  # else a large sort would go through a file
            self._memory.execute("PRAGMA secure_delete = ON")
        self._is_over = False

    def read(self, sql: str, parameters: Sequence[Value] = ()) -> list[sqlite3.Row]:
        with self._turn, database_failures(_NAME):
            return self._open().execute(sql, parameters).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        with self._turn, database_failures(_NAME):
            connection = self._open()
            connection.execute("BEGIN")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def close(self) -> None:
        with self._turn:
            self._is_over = True
            self._memory.close()

    def _open(self) -> sqlite3.Connection:
        if self._is_over:
            raise StorageError("Temporary chats are over. Begin a new one.")
        return self._memory
