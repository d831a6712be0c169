"""Keeps two processes from writing the same file: a lock that the system gives up by itself when its holder dies."""

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.storage.failures import file_failures

if TYPE_CHECKING:
    from filelock import BaseFileLock

SUFFIX = ".lock"


def lock_of(path: Path) -> Path:
    """The lock file that stands beside `path` while it is written."""
    return path.with_name(path.name + SUFFIX)


@contextmanager
def file_lock(path: Path) -> Iterator[bool]:
    """Hold the lock of `path` while the block runs; gives False at once when another holds it. Raises StorageError.

    Nothing is left behind unless the process is killed, and then nothing that hinders.
    """
    from filelock import FileLock, Timeout  # 9 ms, which the window's first paint need not wait for

    place = lock_of(path)
    lock = FileLock(place, thread_local=False)
    with file_failures(place):
        try:
            lock.acquire(blocking=False)
        except Timeout:
            held = False
        else:
            held = True
    try:
        yield held
    finally:
        if held:
            _release(lock, place)


def _release(lock: "BaseFileLock", place: Path) -> None:
    # A file that is removed while it is locked is taken by nobody: whoever opened it before sees that it has lost its
    # name, and begins anew. Windows removes no open file, so there it goes afterwards, unless another has opened it.
    with contextlib.suppress(OSError):
        if os.name == "posix":
            place.unlink(missing_ok=True)
    lock.release()
    with contextlib.suppress(OSError):
        if os.name != "posix":
            place.unlink(missing_ok=True)
