"""Turns what SQLite and the operating system report into the application's own errors, each with a sentence."""

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.core.errors import (
    DatabaseBusyError,
    DatabaseCorruptError,
    DiskFullError,
    ProfileError,
    StorageError,
)
from app.storage.sealed_sqlite import sqlite_errors

_NO_ROOM_BYTES = 64 * 1024  # SQLite's shared-memory file alone takes 32 KiB
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_NOT_ALLOWED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_WRONG_KIND = frozenset({errno.ENOTDIR, errno.EISDIR, errno.EEXIST})


@contextmanager
def database_failures(path: Path) -> Iterator[None]:
    """Let no error of SQLite or of SQLCipher out: each leaves as a StorageError that names the database at `path`."""
    try:
        yield
    except sqlite_errors() as error:
        raise _from_sqlite(error, path) from error


@contextmanager
def file_failures(path: Path) -> Iterator[None]:
    """Let no OSError out: each leaves as a StorageError that names `path`."""
    try:
        yield
    except OSError as error:
        raise _from_system(error, path) from error


def _from_sqlite(error: Exception, path: Path) -> StorageError:
    code: int | None = getattr(error, "sqlite_errorcode", None)
    name: str = getattr(error, "sqlite_errorname", type(error).__name__)
    detail = f"{name}: {error} ({path})"
    primary = None if code is None else code & 0xFF
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        sentence = f"Another program is using {path}. Close it, or wait until it is done, and try again."
        return DatabaseBusyError(sentence, detail)
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        sentence = (
            f"{path} is damaged. Restart Inglenook: it keeps the damaged file under another name and begins anew."
        )
        return DatabaseCorruptError(sentence, detail)
    # A full disk hides behind these two when SQLite cannot make or grow one of the files beside the database.
    hides_full_disk = primary in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
    if primary == sqlite3.SQLITE_FULL or (hides_full_disk and _no_room_beside(path)):
        return DiskFullError(_full_sentence(path), detail)
    if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return ProfileError(_not_allowed_sentence(path), detail)
    if primary == sqlite3.SQLITE_IOERR:
        return StorageError(
            f"{path} could not be read or written. Check that its drive is connected and sound.", detail
        )
    return StorageError(f"{path} could not be used: {error}. Restart Inglenook; its log says more.", detail)


def _from_system(error: OSError, path: Path) -> StorageError:
    detail = f"{type(error).__name__}: {error}"
    if error.errno in _FULL:
        return DiskFullError(_full_sentence(path), detail)
    if error.errno in _NOT_ALLOWED:
        return ProfileError(_not_allowed_sentence(path), detail)
    if error.errno in _WRONG_KIND:
        sentence = f"{path} cannot be used, because a file stands where a folder is needed, or a folder for a file. "
        return ProfileError(sentence + "Move it away, or choose another profile folder.", detail)
    reason = error.strerror or type(error).__name__
    return StorageError(f"{path} could not be used: {reason}. Check that its drive is connected and sound.", detail)


def _full_sentence(path: Path) -> str:
    return f"The disk is full, so {path} could not be saved. Free some space and try again."


def _not_allowed_sentence(path: Path) -> str:
    return (
        f"{path} cannot be opened for writing. "
        "Check who owns the file and its folder and that they are not read-only, or choose another profile folder."
    )


def _no_room_beside(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _NO_ROOM_BYTES
    except OSError:
        return False  # the folder itself is out of reach: then that is the failure to report
