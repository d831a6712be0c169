"""Remembers how the trial of a model file went, for as long as neither the file nor the engine changes."""

import json
from dataclasses import asdict
from pathlib import Path

from app.core.model_file import FileStamp, TrialOutcome, TrialResult
from app.storage.database import Database


class ModelCheckStore:
    """The last trial of each file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, path: Path, stamp: FileStamp, engine_version: str) -> TrialResult | None:
        """The trial's result; None when it was never made, or of another state of the file or another engine.

        Raises StorageError.
        """
        rows = self._database.read(
            "SELECT result FROM model_checks WHERE path = ? AND size = ? AND mtime_ns = ? AND engine_version = ?",
            (self._database.places.key(path), stamp.size_bytes, stamp.mtime_ns, engine_version),
        )
        return _result(rows[0]["result"]) if rows else None

    def remember(self, path: Path, stamp: FileStamp, engine_version: str, result: TrialResult) -> None:
        """Keep `result` in place of an older one. Raises StorageError."""
        key = self._database.places.key(path)
        row = (key, stamp.size_bytes, stamp.mtime_ns, engine_version, json.dumps(asdict(result)))
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO model_checks (path, size, mtime_ns, engine_version, result) "
                "VALUES (?, ?, ?, ?, ?)",
                row,
            )


def _result(stored: str) -> TrialResult | None:
    try:
        values = json.loads(stored)
        return TrialResult(**{**values, "outcome": TrialOutcome(values["outcome"])})
    except (ValueError, TypeError, KeyError):
        return None  # another version of Inglenook wrote it: the trial is made again
