"""Copies a database into another file under another key, or none, and proves the copy complete."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from app.core.errors import DatabaseBusyError, DatabaseCorruptError, DiskFullError, StorageError
from app.core.quantities import file_size
from app.storage.failures import database_failures, file_failures
from app.storage.lock.sealed_sqlite import connect, connect_sealed, raw_key, sqlite_errors, use_our_form

_BUSY_SECONDS = 1.0
_SPARE_BYTES = 64 * 1024 * 1024
_TABLES = "SELECT name, sql FROM {schema}.sqlite_master ORDER BY type, name"


@contextmanager
def held_alone(path: Path, key: bytes | None) -> Iterator[sqlite3.Connection]:
    """A connection to the database at `path`, whose log is folded into it, while nobody else has it open.

    Raises DatabaseBusyError when somebody has, and any other StorageError.
    """
    with database_failures(path), closing(_connected(path, key)) as connection:
        try:
            # SQLite leaves the write-ahead log only for whoever is alone with the file.
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")  # in this mode the lock stays until the connection is closed
        except sqlite_errors() as error:
            if getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                sentence = (
                    "The conversations are in use by another window or program. Close every other Inglenook, and "
                    "change the lock again."
                )
                raise DatabaseBusyError(sentence, f"{error} ({path})") from error
            raise
        yield connection


def require_room(path: Path) -> None:
    """Raise DiskFullError when the disk has no room for a second copy of the database at `path`, or StorageError."""
    with file_failures(path):
        needed = path.stat().st_size * 9 // 8 + _SPARE_BYTES  # an encrypted page holds a little less
        free = shutil.disk_usage(path.parent).free
    if free < needed:
        raise DiskFullError(
            f"To change the lock, all conversations are written anew: that needs {file_size(needed)} of free space, "
            f"and the disk has {file_size(free)}. Free some space and try again.",
            f"{needed} bytes needed, {free} free ({path})",
        )


def copy_under(
    connection: sqlite3.Connection, target: Path, key: bytes | None, on_progress: Callable[[float], None]
) -> None:
    """Write all that `connection` reads to a new file at `target`, compare both, and see the new one onto the disk.

    `on_progress` gets the part done, 0 to 1. Raises StorageError; what is at `target` then is worth nothing.
    """
    with file_failures(target):
        target.unlink(missing_ok=True)
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with database_failures(target):
        found: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise DatabaseCorruptError("The conversations are damaged, so the lock stays as it is. Restart Inglenook.")
        on_progress(0.2)
        connection.execute("ATTACH DATABASE ? AS fresh KEY ?", (str(target), "" if key is None else raw_key(key)))
        try:
            if key is not None:
                use_our_form(connection, "fresh")
            connection.execute("SELECT sqlcipher_export('fresh')")
            version = int(connection.execute("PRAGMA main.user_version").fetchone()[0])
            connection.execute(f"PRAGMA fresh.user_version = {version}")
            on_progress(0.7)
            _require_same(connection, target)
        finally:
            connection.execute("DETACH DATABASE fresh")
        on_progress(0.8)
        _require_sound(target, key, version)
        on_progress(0.95)
    with file_failures(target), target.open("r+b") as file:
        os.fsync(file.fileno())


def _connected(path: Path, key: bytes | None) -> sqlite3.Connection:
    return connect(path, _BUSY_SECONDS) if key is None else connect_sealed(path, key, _BUSY_SECONDS)


def _require_same(connection: sqlite3.Connection, target: Path) -> None:
    schemas = [
        [tuple(row) for row in connection.execute(_TABLES.format(schema=schema))] for schema in ("main", "fresh")
    ]
    if schemas[0] != schemas[1]:
        raise _bad_copy(target, "the tables differ")
    for (name,) in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall():
        quoted = '"' + name.replace('"', '""') + '"'
        counts = [
            connection.execute(f"SELECT COUNT(*) FROM {schema}.{quoted}").fetchone()[0] for schema in ("main", "fresh")
        ]
        if counts[0] != counts[1]:
            raise _bad_copy(target, f"the rows of {name} differ")


def _require_sound(target: Path, key: bytes | None, version: int) -> None:
    """Read every page from the file itself, as the next start will."""
    with closing(_connected(target, key)) as connection:
        if connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
            raise _bad_copy(target, "it is not sound")
        if int(connection.execute("PRAGMA user_version").fetchone()[0]) != version:
            raise _bad_copy(target, "its version differs")


def _bad_copy(target: Path, detail: str) -> StorageError:
    sentence = "The conversations could not be written anew without a fault, so the lock stays as it is. Try again."
    return StorageError(sentence, f"{detail} ({target})")
