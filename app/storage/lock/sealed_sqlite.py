"""Opens an encrypted SQLite file by SQLCipher, whose module is the twin of sqlite3 in all but its name."""

import sqlite3
import sys
from pathlib import Path
from typing import Any, cast

from app.core.errors import StorageError

MAGIC = b"SQLite format 3\0"
_BEGINNING_BYTES = 4096
_FEWEST_VALUES = 230  # of 256, in a page of random bytes; a page of text or of an unencrypted database has far fewer
_MODULE = "sqlcipher3.dbapi2"
# Of what SQLCipher can use, these decrypt and prove a text in half the time of what it uses by itself (4 KiB, SHA-512):
# processors have instructions for SHA-256, and a large page is begun less often. A file opens with its own only.
_FORM = ("cipher_page_size = 16384", "cipher_hmac_algorithm = HMAC_SHA256")


def sqlite_errors() -> tuple[type[Exception], ...]:
    """What sqlite3 raises, and its twin once it was imported; both have sqlite_errorcode."""
    module: Any = sys.modules.get(_MODULE)
    return (sqlite3.Error,) if module is None else (sqlite3.Error, module.Error)


def connect(path: Path, timeout: float) -> sqlite3.Connection:
    """A connection without a key yet: to a plain file it is one as sqlite3 makes it."""
    from sqlcipher3 import dbapi2  # type: ignore[import-untyped]  # late: only a locked profile needs it

    connection = dbapi2.connect(str(path), timeout=timeout, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA cipher_log_level = NONE")  # it would write to standard error what is raised anyway
    connection.execute("PRAGMA temp_store = MEMORY")  # what is sorted or indexed on the way stays off the disk
    connection.row_factory = dbapi2.Row
    return cast(sqlite3.Connection, connection)


def connect_sealed(path: Path, key: bytes, timeout: float) -> sqlite3.Connection:
    """A connection to the file that `key` (32 bytes) opens, or will encrypt if it is new.

    Raises StorageError when the key does not open it, and what sqlite_errors() names.
    """
    connection = connect(path, timeout)
    try:
        connection.execute(f'PRAGMA key = "{raw_key(key)}"')
        use_our_form(connection, "main")
        connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    except sqlite_errors() as error:
        connection.close()
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
            raise StorageError(
                f"{path} does not open with this profile's key: its beginning is damaged, or it comes from another "
                "profile. Inglenook leaves it as it is. To begin anew, move it to another folder, and keep it.",
                str(error),
            ) from error
        raise
    return connection


def use_our_form(connection: sqlite3.Connection, schema: str) -> None:
    """Set how the database that was just given its key and is called `schema` is encrypted, before its first use."""
    for pragma in _FORM:
        connection.execute(f"PRAGMA {schema}.{pragma}")


def raw_key(key: bytes) -> str:
    """The key as SQLCipher takes it without deriving another from it."""
    return f"x'{key.hex()}'"


def is_plain(path: Path) -> bool:
    """Whether a file begins as an unencrypted database does. Raises OSError."""
    return _beginning(path).startswith(MAGIC)


def looks_sealed(path: Path) -> bool:
    """Whether a file may be an encrypted database: nothing in its first page is other than chance. Raises OSError."""
    page = _beginning(path)
    return len(page) == _BEGINNING_BYTES and not page.startswith(MAGIC) and len(set(page)) >= _FEWEST_VALUES


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_BEGINNING_BYTES)
    except FileNotFoundError:
        return b""
