"""Keeps the saved KV states of conversations: which file is whose, how much they may fill, and their end."""

import logging
import os
import shutil
import time
from collections.abc import Collection
from pathlib import Path

from app.core.conversation import is_temporary
from app.core.errors import StorageError
from app.storage.failures import file_failures

_log = logging.getLogger(__name__)

SUFFIX = ".state"
SIDE_SUFFIX = ".json"  # the engine's sidecar is beside each, with this added to the name
_LEFT_OVER_SECONDS = 3600  # a temporary file this old was left by a killed process
_FREE_BYTES = 512 * 1024 * 1024  # of the disk, which are the user's and not a cache's


class StateFiles:
    """The folder of state files, one for each conversation and model; the conversation's id begins its name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._forgotten: set[int] = set()
        self._outdated: set[int] = set()

    def place(self, conversation_id: int, model_key: str) -> Path | None:
        """Where to save a state, in a folder for this user's eyes only.

        None for a conversation that is temporary, forgotten or outdated. Raises StorageError.
        """
        if is_temporary(conversation_id) or conversation_id in self._forgotten | self._outdated:
            return None
        with file_failures(self._folder):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._path(conversation_id, model_key)

    def find(self, conversation_id: int, model_key: str) -> Path | None:
        """The saved state, marked as just used; None when there is none.

        Its time of change stays: by that the engine knows a file that it has written itself.
        """
        path = self._path(conversation_id, model_key)
        try:
            os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))
        except OSError:
            return None
        return path

    def size(self, path: Path) -> int:
        """How many bytes a state has. Raises StorageError."""
        with file_failures(path):
            return path.stat().st_size

    def has_room(self, size: int) -> bool:
        """Whether the disk has that many bytes to spare for a cache. Raises StorageError."""
        with file_failures(self._folder):
            return shutil.disk_usage(self._folder).free >= size + _FREE_BYTES

    def delete(self, path: Path) -> None:
        """Delete a state with its sidecar; harmless when it is gone. Raises StorageError."""
        with file_failures(path):
            path.unlink(missing_ok=True)
            path.with_name(path.name + SIDE_SUFFIX).unlink(missing_ok=True)

    def forget(self, conversation_id: int) -> None:
        """Delete a conversation's states; from now on none is placed. What cannot be deleted goes at the next start."""
        self._forgotten.add(conversation_id)
        self._delete_all_of(conversation_id)

    def outdate(self, conversation_id: int) -> None:
        """Delete a conversation's states, which hold messages that were deleted; none is placed until renew()."""
        self._outdated.add(conversation_id)
        self._delete_all_of(conversation_id)

    def renew(self, conversation_id: int) -> None:
        """The conversation was read as it is now: its states hold nothing else."""
        self._outdated.discard(conversation_id)

    def keep_only(self, conversation_ids: Collection[int]) -> None:
        """Delete what belongs to no conversation any more, and what killed processes left. Raises StorageError."""
        for path in self._states():
            if _owner(path) not in conversation_ids:
                self.delete(path)
        for path in self._files():
            state = path.name.removesuffix(SIDE_SUFFIX)
            is_lonely = path.name.endswith(SUFFIX + SIDE_SUFFIX) and not path.with_name(state).exists()
            if is_lonely or path.name.startswith("."):
                self._delete_if_old(path)

    def keep_within(self, limit: int) -> None:
        """Delete the states that were not used for longest, until all fill at most `limit` bytes.

        Raises StorageError.
        """
        with file_failures(self._folder):
            found = [(path, path.stat()) for path in self._states() if path.exists()]
        found.sort(key=lambda entry: entry[1].st_atime_ns, reverse=True)
        filled = 0
        for path, status in found:
            filled += status.st_size
            if filled > limit:
                self.delete(path)

    def clear(self) -> None:
        """Delete every state. Raises StorageError."""
        self.keep_within(-1)

    def _delete_all_of(self, conversation_id: int) -> None:
        try:
            for path in self._states():
                if _owner(path) == conversation_id:
                    self.delete(path)
        except StorageError as error:
            _log.info("states of conversation %d stay for now: %s", conversation_id, error.detail)

    def _path(self, conversation_id: int, model_key: str) -> Path:
        return self._folder / f"{conversation_id}-{model_key}{SUFFIX}"

    def _states(self) -> list[Path]:
        return [path for path in self._files() if path.name.endswith(SUFFIX) and not path.name.startswith(".")]

    def _files(self) -> list[Path]:
        with file_failures(self._folder):
            return sorted(self._folder.iterdir()) if self._folder.is_dir() else []

    def _delete_if_old(self, path: Path) -> None:
        with file_failures(path):
            if path.exists() and time.time() - path.stat().st_mtime > _LEFT_OVER_SECONDS:
                path.unlink(missing_ok=True)


def _owner(path: Path) -> int | None:
    number = path.name.partition("-")[0]
    return int(number) if number.isascii() and number.isdigit() else None
