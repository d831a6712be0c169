"""Moves a damaged file out of the way under a dated name, so that nothing of it is ever deleted or overwritten."""

from collections.abc import Sequence
from datetime import datetime
from itertools import count
from pathlib import Path

from app.storage.failures import file_failures


def set_aside(path: Path, now: datetime, side_suffixes: Sequence[str] = ()) -> Path:
    """Rename `path` to NAME-damaged-DATE.SUFFIX in its folder, and `path` + each side suffix with it; the new path.

    All of them move, or none. Raises StorageError.
    """
    target = _free_name(path, now, side_suffixes)
    moved: list[tuple[Path, Path]] = []
    with file_failures(path):
        try:
            # The file itself moves last: SQLite throws away a log that it finds beside a missing or new database.
            for suffix in (*side_suffixes, ""):
                source = path.with_name(path.name + suffix)
                if source.exists() or source.is_symlink():
                    destination = target.with_name(target.name + suffix)
                    source.rename(destination)
                    moved.append((source, destination))
        except OSError:
            for source, destination in reversed(moved):
                destination.rename(source)
            raise
    return target


def _free_name(path: Path, now: datetime, side_suffixes: Sequence[str]) -> Path:
    stem = f"{path.stem}-damaged-{now:%Y-%m-%dT%H%M%S}"
    for number in count(1):
        name = f"{stem}{'' if number == 1 else f'-{number}'}{path.suffix}"
        taken = (path.with_name(name + suffix) for suffix in (*side_suffixes, ""))
        if not any(candidate.exists() or candidate.is_symlink() for candidate in taken):
            return path.with_name(name)
    raise AssertionError("count() does not end")
