"""Keeps what the user has chosen in one JSON file, replaced as a whole so that it is never half written."""

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from app.core.settings import Settings, settings_from
from app.storage.failures import file_failures
from app.storage.places import Places
from app.storage.set_aside import set_aside


def _local_now() -> datetime:
    return datetime.now(UTC).astimezone()


class SettingsStore:
    """The settings file at `path`. `now` gives the time that names a broken file which was set aside.

    `places` says how paths are written down.
    """

    def __init__(self, path: Path, now: Callable[[], datetime] = _local_now, places: Places | None = None) -> None:
        self._path = path
        self._places = places or Places.of_file(path)
        self._now = now
        self._set_aside: Path | None = None

    @property
    def set_aside(self) -> Path | None:
        """Where the last broken settings file was put; None when there was none."""
        return self._set_aside

    def load(self) -> Settings:
        """The stored settings; the defaults when there are none or the file is broken, which is then set aside.

        Raises StorageError when a broken file cannot be set aside.
        """
        return _with_paths(settings_from(self._stored()), self._places.resolved)

    def save(self, settings: Settings) -> None:
        """Store `settings`; names that only a newer version knows stay in the file. Raises StorageError."""
        values = asdict(_with_paths(settings, self._places.text))
        text = json.dumps({**self._stored(), **values}, indent=2) + "\n"
        with file_failures(self._path):
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}-")
            try:
                # ASCII always does: json.dumps escapes the rest, even the undecodable bytes of a path.
                with os.fdopen(handle, "w", encoding="ascii") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(self._path)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise

    def _stored(self) -> dict[str, object]:
        try:
            values = json.loads(self._path.read_text(encoding="utf-8"))
            if isinstance(values, dict):
                return values
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError):
            pass  # unreadable, not UTF-8 or not JSON: set aside like a list or a bare number
        self._set_aside = set_aside(self._path, self._now())
        return {}


def _with_paths(settings: Settings, change: Callable[[str], str]) -> Settings:
    """The settings with every path as `change` makes it."""
    return replace(
        settings,
        model_path=change(settings.model_path),
        models_folder=change(settings.models_folder),
        other_model_folders=tuple(map(change, settings.other_model_folders)),
    )
