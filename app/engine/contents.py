"""Names what the files of a load hold, so that a saved state fits them wherever they lie."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from app.core.model import LoadParameters
from app.engine.guards.model_files import parts_of

KnownSha256 = Callable[[Path], str | None]


def nothing_known(path: Path) -> str | None:
    """The SHA-256 of no file."""
    del path
    return None


def content_of(parameters: LoadParameters, sha256_of: KnownSha256) -> str:
    """The name, in hexadecimal, of what the model's files and its adapters hold; empty where that is not known.

    `sha256_of` tells the checksum of a file as it is now, None where it is not known. Of a model in several files only
    the first has one; the others count by their size and time of change, which a move leaves as they are.
    """
    known: list[str] = []
    for file in (parameters.path, *(adapter.path for adapter in parameters.adapters)):
        if (sha256 := sha256_of(file)) is None:
            return ""
        known.append(sha256)
    try:
        others = [(status.st_size, status.st_mtime_ns) for status in map(Path.stat, parts_of(parameters.path)[1:])]
    except OSError:
        return ""  # gone meanwhile: the next use of the model says so
    return hashlib.blake2b(repr((known, others)).encode("ascii"), digest_size=16).hexdigest()
