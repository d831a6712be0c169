"""Reads a database's user_version without SQLite, because opening a file with SQLite may already change it."""

import struct
from pathlib import Path

from app.storage.failures import file_failures
from app.storage.sealed_sqlite import MAGIC

_LOG_MAGICS = frozenset({0x377F0682, 0x377F0683})
_LOG_HEADER = struct.Struct(">IIIIIIII")  # magic, format, page size, checkpoint, two salts, two checksums
_FRAME_HEADER = struct.Struct(">IIIIII")  # page number, pages after commit (0: no commit), two salts, two checksums


def stored_version(path: Path) -> int:
    """The user_version that SQLite would find at `path`, its write-ahead log included.

    0 when there is none, or it is encrypted. Only reads both files; offsets are those of
    https://www.sqlite.org/fileformat2.html. Raises StorageError.
    """
    with file_failures(path):
        return max(_version_in_file(path), _version_in_log(log_of(path)))


def log_of(path: Path) -> Path:
    """Where SQLite keeps the write-ahead log of the database at `path`."""
    return path.with_name(path.name + "-wal")


def _version_in_file(path: Path) -> int:
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except FileNotFoundError:
        return 0
    return _version_on_page(header)


def _version_in_log(log: Path) -> int:
    """The version on the last committed copy of page 1 in the log."""
    try:
        file = log.open("rb")
    except FileNotFoundError:
        return 0
    committed = pending = 0
    with file:
        header = file.read(_LOG_HEADER.size)
        if len(header) < _LOG_HEADER.size:
            return 0
        magic, _, page_size, _, *salts = _LOG_HEADER.unpack(header)[:6]
        if magic not in _LOG_MAGICS:
            return 0
        while len(frame := file.read(_FRAME_HEADER.size)) == _FRAME_HEADER.size:
            number, pages_after_commit, *frame_salts = _FRAME_HEADER.unpack(frame)[:4]
            if frame_salts != salts:
                break  # what follows was left over by an older round of the log
            if number == 1:
                pending = _version_on_page(file.read(page_size))
            else:
                file.seek(page_size, 1)
            if pages_after_commit:
                committed = pending
    return committed


def _version_on_page(page: bytes) -> int:
    # A page that begins otherwise is no first page, or an encrypted one, in which the version cannot be read.
    return int(struct.unpack_from(">i", page, 60)[0]) if len(page) >= 64 and page.startswith(MAGIC) else 0
