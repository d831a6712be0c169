"""Puts a profile under another lock so that a crash at any point leaves the old one whole, or the new one."""

import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from app.core.errors import DatabaseBusyError, StorageError
from app.core.lock import ProfileKey
from app.paths import Paths
from app.storage.failures import file_failures
from app.storage.file_lock import file_lock
from app.storage.lock_file import LockRecord, lock_text, sync_folder, write_whole
from app.storage.sealed_copy import copy_under, held_alone, require_room
from app.storage.set_aside import set_aside

_log = logging.getLogger(__name__)

_FORMAT = 1
_NEW, _OLD = ".changing", ".before"
_SQLITE_SIDES = ("-journal", "-wal", "-shm")
_BLOCK_BYTES = 1 << 20


class _Step(StrEnum):
    """How far a change has come: WRITING is undone by the next start, REPLACING is finished."""

    WRITING = "writing"
    REPLACING = "replacing"


@dataclass(frozen=True, slots=True)
class _Journal:
    """What the next start must know: the keychain's entries of both locks (empty: none), and what is to be done."""

    step: _Step
    old_entry: str
    new_entry: str
    is_locked_then: bool
    was_plain: bool


class LockRewriting:
    """The change of the lock of the profile `paths`; `forget_entry` takes an entry out of the keychain.

    New files are written beside the old ones first; then the journal says that they count, and they take the old ones'
    places. While the journal is there nobody may open the conversations.
    """

    def __init__(self, paths: Paths, forget_entry: Callable[[str], None]) -> None:
        self._paths = paths
        self._forget_entry = forget_entry
        self._journal = paths.lock.with_name("lock-change.json")
        self._new_lock = _beside(paths.lock, _NEW)
        self._new_database = _beside(paths.database, _NEW)
        self._old_database = _beside(paths.database, _OLD)

    @property
    def is_begun(self) -> bool:
        """Whether a change is under way, or was interrupted."""
        return self._journal.exists()

    def run(
        self,
        keys: tuple[ProfileKey | None, ProfileKey | None],
        entries: tuple[str, str],
        record: LockRecord | None,
        keep_entry: Callable[[], None],
        on_progress: Callable[[float], None],
    ) -> None:
        """Rewrite the database from the first of `keys` to the second, and let lock.json hold `record` (None: no file).

        `entries` are those of the keychain before and after, and `keep_entry` puts the latter there. Raises
        StorageError: when it was raised before the new files counted, all is as it was before.
        """
        old, new = keys
        journal = _Journal(_Step.WRITING, entries[0], entries[1], record is not None, old is None)
        with self._alone():
            has_database = self._paths.database.exists()
            if has_database:
                require_room(self._paths.database)
            self._write(journal)
            try:
                if has_database:
                    with held_alone(self._paths.database, _of_database(old)) as connection:
                        copy_under(connection, self._new_database, _of_database(new), on_progress)
                keep_entry()
                if record is not None:
                    write_whole(self._new_lock, lock_text(record))
            except BaseException:
                self._undo(journal)
                raise
            journal = _Journal(**{**asdict(journal), "step": _Step.REPLACING})
            self._write(journal)
            self._finish(journal)
            on_progress(1.0)

    def recover(self) -> None:
        """Undo or finish an interrupted change. Raises StorageError, DatabaseBusyError while it is under way."""
        if not self.is_begun:
            return
        with self._alone():
            journal = self._read()
            if journal is None:
                return
            _log.warning("a change of the lock was interrupted while %s", journal.step)
            if journal.step is _Step.WRITING:
                self._undo(journal)
            else:
                self._finish(journal)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with file_lock(self._paths.lock) as held:
            if not held:
                sentence = "Another Inglenook is just changing the lock of this profile. Wait until it is done."
                raise DatabaseBusyError(sentence, str(self._paths.lock))
            yield

    def _undo(self, journal: _Journal) -> None:
        with file_failures(self._new_database):
            for suffix in ("", *_SQLITE_SIDES):
                _beside(self._new_database, suffix).unlink(missing_ok=True)
            self._new_lock.unlink(missing_ok=True)
        if journal.new_entry:
            self._forget_entry(journal.new_entry)
        self._end()

    def _finish(self, journal: _Journal) -> None:
        """Every step may have been done already."""
        database = self._paths.database
        with file_failures(database):
            if self._new_database.exists():
                if database.exists():
                    self._move_away(database)
                self._new_database.replace(database)
                sync_folder(database.parent)
        with file_failures(self._paths.lock):
            if not journal.is_locked_then:
                self._paths.lock.unlink(missing_ok=True)
            elif self._new_lock.exists():
                self._new_lock.replace(self._paths.lock)
            sync_folder(self._paths.profile)
        self._delete_states()
        with file_failures(self._old_database):
            if self._old_database.exists():
                if journal.was_plain:
                    _overwrite(self._old_database)
                self._old_database.unlink()
        if journal.old_entry:
            self._forget_entry(journal.old_entry)
        self._end()

    def _move_away(self, database: Path) -> None:
        if self._old_database.exists():
            # The old one is moved away already: this one was begun since by a program that knows nothing of locks.
            set_aside(database, datetime.now(UTC).astimezone(), _SQLITE_SIDES)
            return
        database.replace(self._old_database)

    def _delete_states(self) -> None:
        """They are in the old key, or in none; all can be made again."""
        with file_failures(self._paths.states):
            if self._paths.states.is_dir():
                for path in self._paths.states.iterdir():
                    if path.is_file() or path.is_symlink():
                        path.unlink(missing_ok=True)

    def _write(self, journal: _Journal) -> None:
        write_whole(self._journal, json.dumps({"format": _FORMAT, **asdict(journal)}))

    def _read(self) -> _Journal | None:
        try:
            with file_failures(self._journal):
                raw = json.loads(self._journal.read_text(encoding="ascii"))
            if raw.pop("format") != _FORMAT:
                raise ValueError("another format")
            return _Journal(**{**raw, "step": _Step(raw["step"])})
        except StorageError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                return None  # another process has ended the change meanwhile
            raise
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            sentence = (
                f"{self._journal}, which says how far a change of the lock has come, cannot be read. Inglenook leaves "
                "everything as it is: install the newest version, or choose another profile folder."
            )
            raise StorageError(sentence, f"{type(error).__name__}: {error}") from error

    def _end(self) -> None:
        with file_failures(self._journal):
            self._journal.unlink(missing_ok=True)
            sync_folder(self._journal.parent)


def _of_database(key: ProfileKey | None) -> bytes | None:
    return None if key is None else key.database


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _overwrite(path: Path) -> None:
    """Write zeros over a file's whole length; a drive that moves what is written may keep the old blocks. OSError."""
    zeros = bytes(_BLOCK_BYTES)
    with path.open("r+b", buffering=0) as file:
        left = os.fstat(file.fileno()).st_size
        while left > 0:
            left -= file.write(zeros[: min(left, _BLOCK_BYTES)]) or 0
        os.fsync(file.fileno())
