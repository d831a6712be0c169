"""Keeps this process's temporary files inside the profile, and removes what killed processes left there."""

import contextlib
import logging
import os
import shutil
import tempfile
from pathlib import Path

from app.storage.failures import file_failures
from app.storage.writers import is_alive_since

_log = logging.getLogger(__name__)


class TemporaryFiles:
    """A folder of this process's own inside `folder`, which Python's tempfile uses from begin() to end()."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own: Path | None = None
        self._before: str | None = None

    def begin(self) -> None:
        """Remove what is left over and make the folder. Raises StorageError; then tempfile goes on as before."""
        with file_failures(self._folder):
            for folder in (self._folder.parent, self._folder):
                if not folder.is_dir():
                    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._remove_left_over()
            self._own = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=self._folder))
        self._before, tempfile.tempdir = tempfile.tempdir, str(self._own)

    def end(self) -> None:
        """Remove the folder with all that is in it; harmless when it was not made."""
        if self._own is None:
            return
        tempfile.tempdir = self._before
        shutil.rmtree(self._own, ignore_errors=True)
        self._own = None
        with contextlib.suppress(OSError):  # another process has files there
            self._folder.rmdir()

    def _remove_left_over(self) -> None:
        for path in self._folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                if not _is_in_use(path):
                    shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _is_in_use(folder: Path) -> bool:
    """Whether the process that made the folder still lives."""
    number = folder.name.partition("-")[0]
    try:
        made = folder.stat().st_ctime
    except OSError:
        return True  # it goes away at this moment
    return number.isascii() and number.isdigit() and is_alive_since(int(number), made)
