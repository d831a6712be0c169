"""Makes the profile folder, in which everything that the user keeps is stored, and keeps it private."""

import logging
import os
import stat
import tempfile
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from app.storage.failures import file_failures

_log = logging.getLogger(__name__)

_FILES = ("conversations*.db*", "machine*.db*", "settings*.json", "lock*.json")
_FOLDERS = ("logs", "states", "running", "tmp")


def prepare_profile(folder: Path) -> None:
    """Make `folder`, try that files can be made in it, and let nobody but this user read what Inglenook keeps there.

    Raises ProfileError, DiskFullError or another StorageError.
    """
    with file_failures(folder):
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".write-check-"):
            pass  # its making is the check; it is gone again at the end of the block
    if os.name == "posix":
        _mend_rights(folder)


def _mend_rights(folder: Path) -> None:
    """Take the rights of others from the folder and from our own files; other files in it are none of our business."""
    try:
        _close_to_others(folder)
        for path in _ours(folder):
            _close_to_others(path)
    except OSError as error:
        # Some file systems know no rights, as those of most USB sticks: that is no reason not to start.
        _log.warning("the profile's files keep their rights: %s", error)


def _ours(folder: Path) -> Iterator[Path]:
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False) and entry.name in _FOLDERS:
            yield Path(entry.path)
            yield from (Path(inner.path) for inner in os.scandir(entry.path))
        elif any(fnmatch(entry.name, pattern) for pattern in _FILES):
            yield Path(entry.path)


def _close_to_others(path: Path) -> None:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return  # another process has removed it meanwhile
    mode = stat.S_IMODE(status.st_mode)
    is_folder = stat.S_ISDIR(status.st_mode)
    if not (is_folder or stat.S_ISREG(status.st_mode)) or status.st_uid != os.getuid() or not mode & 0o077:
        return
    if is_folder and (mode & stat.S_ISVTX or path == Path.home() or path == path.parent):
        return  # a folder that others share, or far more than a profile: its files are closed one by one
    path.chmod(mode & 0o700)
    _log.info("%s was open to others; now it is not", path.name)
