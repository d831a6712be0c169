"""A SQLite file of the profile: how it is opened, shared by threads, brought up to date and closed."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.core.errors import (
    DatabaseBusyError,
    DatabaseCorruptError,
    DatabaseNewerError,
    ProfileLockedError,
    StorageError,
)
from app.storage.failures import database_failures, file_failures
from app.storage.migrations import MIGRATIONS, Migration
from app.storage.places import Places
from app.storage.sealed_sqlite import connect_sealed, is_plain, looks_sealed, sqlite_errors
from app.storage.set_aside import set_aside
from app.storage.stored_version import log_of, stored_version

BUSY_SECONDS = 2.0
SIDE_SUFFIXES = ("-wal", "-shm")
Value = str | bytes | int | float | None


class Database:
    """A SQLite file with one connection for each thread that asks; every sqlite3 error leaves as a StorageError.

    With `key`, 32 bytes, the file is an encrypted one.
    """

    def __init__(self, path: Path, key: bytes | None = None) -> None:
        self._path = path
        self._key = key
        self.places = Places.of_file(path)  # how the paths in it are written down; of another root where it is portable
        self._lock = threading.Lock()
        self._connections: dict[threading.Thread, sqlite3.Connection] = {}
        self._closed = False

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def read(self, sql: str, parameters: Sequence[Value] = ()) -> list[sqlite3.Row]:
        """Every row that `sql` yields, as the last finished transaction left them. Raises StorageError."""
        with self._failures():
            return self._connection().execute(sql, parameters).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection to write with: kept whole when the block ends, undone whole when it raises. Not to be nested.

        Waits BUSY_SECONDS for another writer. Raises StorageError.
        """
        with self._failures():
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close every thread's connection, once no thread works with one any more; harmless when repeated.

        The last connection of the last process folds the write-ahead log into the file. Raises StorageError.
        """
        with self._lock, database_failures(self._path):
            self._closed = True
            while self._connections:
                self._connections.popitem()[1].close()

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            with database_failures(self._path):
                yield
        except DatabaseCorruptError:
            if self._key is not None:
                with file_failures(self._path):
                    _doubt_of(self._path).touch(mode=0o600)
            raise

    def _connection(self) -> sqlite3.Connection:
        thread = threading.current_thread()
        connection = self._connections.get(thread)
        if connection is not None:
            return connection
        with self._lock:
            if self._closed:
                raise StorageError(f"{self._path} is closed already. Restart Inglenook.")
            for ended in [owner for owner in self._connections if not owner.is_alive()]:
                self._connections.pop(ended).close()
            connection = _connect(self._path, self._key)
            self._connections[thread] = connection
            return connection


@dataclass(frozen=True, slots=True)
class OpenedDatabase:
    """A database ready for use, and where the damaged one that stood in its place was put, if there was one."""

    database: Database
    set_aside: Path | None


def open_database(
    path: Path, now: datetime, migrations: Sequence[Migration] = MIGRATIONS, key: bytes | None = None
) -> OpenedDatabase:
    """Open or make the database at `path` and bring it up to date by `migrations` (the conversations' own by default).

    A damaged one is set aside under a name with `now` in it, and a new one begun. Raises DatabaseNewerError, with file
    and log untouched, and any other StorageError. Once per file in a process: on POSIX, closing the file that was
    read for its version gives up the locks of every other connection to it.

    `key`, 32 bytes, is that of an encrypted database. One that the key does not open is left where it is and refused,
    and so is an encrypted one without a key (ProfileLockedError).
    """
    _require_fitting_key(path, key)
    version = stored_version(path)
    if version > len(migrations):
        raise _newer(path, version, len(migrations))
    if not _has_lost_its_file(path):
        try:
            return OpenedDatabase(_checked(path, migrations, key), None)
        except DatabaseCorruptError:
            pass  # it is set aside below
    kept = set_aside(path, now, SIDE_SUFFIXES)
    try:
        return OpenedDatabase(_checked(path, migrations, key), kept)
    except StorageError as error:
        sentence = f"{error.sentence} The database before it was damaged and is kept as {kept}."
        raise type(error)(sentence, error.detail) from error


def migrate(database: Database, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Run the migrations that the database has not seen yet. One that fails leaves everything as it was before it.

    Raises DatabaseNewerError, DatabaseCorruptError and any other StorageError.
    """
    while _version(database) != len(migrations):
        with database.transaction() as connection:
            # Read again under the lock: another window may have done this step meanwhile.
            version: int = connection.execute("PRAGMA user_version").fetchone()[0]
            if version > len(migrations):
                raise _newer(database.path, version, len(migrations))
            if version < 0:
                raise _damaged(database.path, f"user_version is {version}")
            if version < len(migrations):
                migrations[version](connection)
                connection.execute(f"PRAGMA user_version = {version + 1}")


def _connect(path: Path, key: bytes | None) -> sqlite3.Connection:
    connection = _connect_plain(path) if key is None else connect_sealed(path, key, BUSY_SECONDS)
    try:
        connection.text_factory = _text
        _use_write_ahead_log(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
    except sqlite_errors():
        connection.close()
        raise
    return connection


def _connect_plain(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    return connection


def _text(stored: bytes) -> str:
    # A flipped bit in one message must not make its whole conversation unreadable, as strict decoding would.
    return stored.decode("utf-8", "replace")


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite_errors() as error:
            # SQLite does not wait when two processes turn a new file's log on at once: one of them fails immediately.
            if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(0.02)


def _require_fitting_key(path: Path, key: bytes | None) -> None:
    with file_failures(path):
        if key is None and looks_sealed(path):
            sentence = (
                f"{path} is encrypted, and the file lock.json, which belongs to it, is missing beside it. Inglenook "
                "leaves it as it is: put lock.json back from a copy of the profile, or choose another profile folder."
            )
            raise ProfileLockedError(sentence, "no key was given")
        if key is not None and is_plain(path):
            sentence = (
                f"{path} is not encrypted, although its profile is locked. Inglenook leaves it as it is: move it to "
                "another folder, from which a profile without a lock can open it."
            )
            raise StorageError(sentence, "a key was given")


def _checked(path: Path, migrations: Sequence[Migration], key: bytes | None) -> Database:
    with file_failures(path):
        if not path.exists():
            path.touch(mode=0o600)  # chats are private, also in a folder that others may enter
        before = path.stat()
        is_doubtful = key is None or log_of(path).exists() or _doubt_of(path).exists()
    database = Database(path, key)
    try:
        # Every encrypted page proves itself whole when it is read. To read them all would make each start twice as long
        # as without encryption; so it is done only when the last one did not end well.
        found: str = database.read("PRAGMA quick_check(1)" if is_doubtful else "SELECT 'ok'")[0][0]
        with file_failures(path):
            if not os.path.samestat(before, path.stat()):
                # From here on SQLite's own lock keeps the file in its place; until here it did not.
                sentence = f"Another program has just replaced {path}. Start Inglenook again."
                raise DatabaseBusyError(sentence, "another file has the name")
        if found != "ok":
            raise _damaged(path, found)
        migrate(database, migrations)
        with file_failures(path):
            _doubt_of(path).unlink(missing_ok=True)
    except StorageError:
        database.close()
        raise
    return database


def _doubt_of(path: Path) -> Path:
    """A file that stands beside an encrypted database in which a damaged page was met."""
    return path.with_name(path.name + "-doubt")


def _has_lost_its_file(path: Path) -> bool:
    """Whether a log is left beside a missing or empty database: SQLite would delete it, messages and all."""
    with file_failures(path):
        log = log_of(path)
        has_log = log.exists() and log.stat().st_size > 0
        return has_log and not (path.exists() and path.stat().st_size > 0)


def _version(database: Database) -> int:
    return int(database.read("PRAGMA user_version")[0][0])


def _newer(path: Path, version: int, known: int) -> DatabaseNewerError:
    sentence = (
        f"{path} was written by a newer version of Inglenook, so this one leaves it as it is. "
        "Install the newer version again, or choose another profile folder."
    )
    return DatabaseNewerError(sentence, f"version {version}, known are {known}")


def _damaged(path: Path, detail: str) -> DatabaseCorruptError:
    sentence = f"{path} is damaged. Restart Inglenook: it keeps the damaged file under another name and begins anew."
    return DatabaseCorruptError(sentence, detail)
