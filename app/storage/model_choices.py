"""Remembers the load and sampling parameters that the user chose for a model file."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.storage.database import Database


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
        places = self._database.places
        sql = "SELECT load, sampling FROM model_choices WHERE path = ?"
        for row in self._database.read(sql, (places.key(path),)):
            return ModelChoice(_with_paths(_values(row["load"]), places.resolved), _values(row["sampling"]))
        return ModelChoice()

    def save(self, path: Path, choice: ModelChoice) -> None:
        """Keep `choice` in place of an older one. Raises StorageError."""
        places = self._database.places
        load = _with_paths(choice.load, places.text)
        row = (places.key(path), json.dumps(load), json.dumps(dict(choice.sampling)))
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO model_choices (path, load, sampling) VALUES (?, ?, ?)", row)

    def forget(self, path: Path) -> None:
        """Drop the choice for a file; harmless when there is none. Raises StorageError."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM model_choices WHERE path = ?", (self._database.places.key(path),))


def _with_paths(load: Mapping[str, object], change: Callable[[str], str]) -> dict[str, object]:
    """The load parameters with the paths of adapters and of a draft model as `change` makes them."""
    changed = dict(load)
    draft, adapters = load.get("draft_model"), load.get("adapters")
    if isinstance(draft, str):
        changed["draft_model"] = change(draft)
    if isinstance(adapters, list):
        changed["adapters"] = [
            [change(pair[0]), *pair[1:]] if isinstance(pair, list) and pair and isinstance(pair[0], str) else pair
            for pair in adapters
        ]
    return changed


def _values(stored: str) -> dict[str, object]:
    try:
        values = json.loads(stored)
    except ValueError:
        return {}  # a choice that cannot be read is made again; the defaults always work
    return values if isinstance(values, dict) else {}
