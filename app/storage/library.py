"""Remembers the models on this computer, so that they are listed without a look at a single file."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from pathlib import Path

from app.core.library import ModelOrigin
from app.storage.conversation_rows import microseconds_of, storable
from app.storage.database import Database
from app.storage.machine import BETWEEN_PATHS
from app.storage.places import Places

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COLUMNS = (
    "path, files, size, mtime_ns, first_size, first_mtime_ns, reader, origin, name, quantization, architecture, "
    "parameter_count, context_length, license, repository, known_sha256, problem, last_used, is_missing, hidden, kept"
)


class Hidden(IntEnum):
    """Why a file that is known is not listed."""

    NO = 0
    BY_USER = 1
    NO_MODEL = 2


@dataclass(frozen=True, slots=True)
class FilesStamp:
    """Size in bytes and time of change in ns since 1970: of all files of a model together, and of its first alone."""

    size_bytes: int = 0
    mtime_ns: int = 0
    first_size_bytes: int = 0
    first_mtime_ns: int = 0


@dataclass(frozen=True, slots=True)
class IndexedModel:
    """What the index knows of a model; see m005_library. Not known is empty, 0 or None.

    `known_sha256` has one checksum for each file, in their order, where it has any. `computed_sha256` is the first
    file's, if it was worked out and the file has not changed since; it is only read.
    """

    path: Path
    files: tuple[Path, ...]
    origin: ModelOrigin
    stamp: FilesStamp = field(default_factory=FilesStamp)
    reader: str = ""
    name: str = ""
    quantization: str = ""
    architecture: str = ""
    parameter_count: int = 0
    context_length: int = 0
    license: str = ""
    repository: str = ""
    known_sha256: tuple[str, ...] = ()
    problem: str = ""
    last_used: datetime | None = None
    is_missing: bool = False
    hidden: Hidden = Hidden.NO
    kept: bool = False
    computed_sha256: str = ""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class LibraryIndex:
    """The models of machine.db; `now` gives the time in UTC."""

    def __init__(self, database: Database, now: Callable[[], datetime] = _utc_now) -> None:
        self._database = database
        self._now = now

    def all(self) -> tuple[IndexedModel, ...]:
        """Every model, also those that are not listed. Raises StorageError."""
        return tuple(_model(row, self._database.places) for row in self._database.read(_SELECT))

    def get(self, path: Path) -> IndexedModel | None:
        """The model that is opened by this file; None when it is not known. Raises StorageError."""
        places = self._database.places
        rows = self._database.read(f"{_SELECT} WHERE models.path = ?", (places.key(path),))
        return _model(rows[0], places) if rows else None

    def put(self, model: IndexedModel) -> None:
        """Keep it in place of what was known of the same path. Raises StorageError."""
        values = _values(model, self._database.places)
        with self._database.transaction() as connection:
            connection.execute(_INSERT, values)

    def forget(self, *paths: Path) -> None:
        """Forget these; harmless where one is not known. Raises StorageError."""
        keys = [(self._database.places.key(path),) for path in paths]
        with self._database.transaction() as connection:
            connection.executemany("DELETE FROM library_models WHERE path = ?", keys)

    def note_use(self, path: Path) -> bool:
        """It was loaded now; whether it is known at all. Raises StorageError."""
        used = microseconds_of(self._now())
        with self._database.transaction() as connection:
            sql = "UPDATE library_models SET last_used = ?, hidden = 0, is_missing = 0 WHERE path = ?"
            return connection.execute(sql, (used, self._database.places.key(path))).rowcount > 0

    def mark(self, path: Path, *, is_missing: bool) -> None:
        """Whether its file is gone. Raises StorageError."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE library_models SET is_missing = ? WHERE path = ?",
                (int(is_missing), self._database.places.key(path)),
            )


_SELECT = """
    SELECT models.*, verified.sha256 AS computed FROM library_models AS models
    LEFT JOIN verified_files AS verified
    ON verified.path = models.path AND verified.size = models.first_size
    AND verified.mtime_ns = models.first_mtime_ns
"""
_INSERT = f"INSERT OR REPLACE INTO library_models ({_COLUMNS}) VALUES ({'?, ' * _COLUMNS.count(',')}?)"


def _values(model: IndexedModel, places: Places) -> tuple[bytes | str | int | None, ...]:
    stamp = model.stamp
    return (
        places.key(model.path),
        BETWEEN_PATHS.join(places.key(file) for file in model.files),
        stamp.size_bytes,
        stamp.mtime_ns,
        stamp.first_size_bytes,
        stamp.first_mtime_ns,
        model.reader,
        model.origin.value,
        storable(model.name),
        model.quantization,
        storable(model.architecture),
        model.parameter_count,
        model.context_length,
        storable(model.license),
        storable(model.repository),
        "\n".join(model.known_sha256),
        storable(model.problem),
        microseconds_of(model.last_used) if model.last_used else None,
        int(model.is_missing),
        int(model.hidden),
        int(model.kept),
    )


def _model(row: sqlite3.Row, places: Places) -> IndexedModel:
    used = row["last_used"]
    return IndexedModel(
        path=places.path(row["path"]),
        files=tuple(places.path(file) for file in row["files"].split(BETWEEN_PATHS)),
        origin=ModelOrigin(row["origin"]),
        stamp=FilesStamp(row["size"], row["mtime_ns"], row["first_size"], row["first_mtime_ns"]),
        reader=row["reader"],
        name=row["name"],
        quantization=row["quantization"],
        architecture=row["architecture"],
        parameter_count=row["parameter_count"],
        context_length=row["context_length"],
        license=row["license"],
        repository=row["repository"],
        known_sha256=tuple(row["known_sha256"].split("\n")) if row["known_sha256"] else (),
        problem=row["problem"],
        last_used=_EPOCH + timedelta(microseconds=used) if used is not None else None,
        is_missing=bool(row["is_missing"]),
        hidden=Hidden(row["hidden"]),
        kept=bool(row["kept"]),
        computed_sha256=row["computed"] or "",
    )
