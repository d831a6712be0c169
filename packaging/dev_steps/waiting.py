"""Lets two set-ups at once wait for one another."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from dev_steps.progress import say

if sys.platform == "win32":
    import msvcrt

    def _taken(file: IO[str]) -> bool:
        """Whether the lock is ours now."""
        try:
            file.seek(LOCKED_BYTE)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _taken(file: IO[str]) -> bool:
        """Whether the lock is ours now."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


LOCKED_BYTE = 1 << 20  # Windows forbids others to read what is locked: this lies behind the process number


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock at `path`, after waiting for whoever has it. The system lets go of it when a process dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        if not _taken(file):
            file.seek(0)
            say(f"Another set-up is running (process {file.read().strip() or 'unknown'}); waiting for it …")
            while not _taken(file):
                time.sleep(0.2)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
