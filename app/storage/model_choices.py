"""Remembers the load and sampling parameters that the user chose for a model file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.storage.database import Database
from app.storage.file_key import file_key


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """What the user set apart from the defaults, as JSON values by the names of the parameters."""

    load: Mapping[str, object] = field(default_factory=dict)
    sampling: Mapping[str, object] = field(default_factory=dict)


class ModelChoiceStore:
    """One choice for each path, whatever the file there holds: a newer version of a model keeps it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, path: Path) -> ModelChoice:
        """The choice for a file; an empty one when nothing was chosen or what is stored makes no sense.

        Raises StorageError.
        """
        sql = "SELECT load, sampling FROM model_choices WHERE path = ?"
        for row in self._database.read(sql, (file_key(path),)):
            return ModelChoice(_values(row["load"]), _values(row["sampling"]))
        return ModelChoice()

    def save(self, path: Path, choice: ModelChoice) -> None:
        """Keep `choice` in place of an older one. Raises StorageError."""
        row = (file_key(path), json.dumps(dict(choice.load)), json.dumps(dict(choice.sampling)))
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO model_choices (path, load, sampling) VALUES (?, ?, ?)", row)

    def forget(self, path: Path) -> None:
        """Drop the choice for a file; harmless when there is none. Raises StorageError."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM model_choices WHERE path = ?", (file_key(path),))


def _values(stored: str) -> dict[str, object]:
    try:
        values = json.loads(stored)
    except ValueError:
        return {}  # a choice that cannot be read is made again; the defaults always work
    return values if isinstance(values, dict) else {}
