"""Moves files to the system's trash, from which the user can fetch them back; never deletes one."""

import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

from app.core.errors import StorageError
from app.storage.failures import file_failures

_WITH_TRASH = frozenset({3})  # Windows' DRIVE_FIXED: from other drives its shell would delete for good, and not say so


def to_trash(files: Sequence[Path]) -> int:
    """Move all of `files` to the trash; how many bytes will be free once it is emptied.

    A link frees nothing, nor does a file that has another name as well. When one file cannot go none does, as far as
    that can be told beforehand. Raises StorageError.
    """
    freed = sum(_checked(file) for file in files)
    # Imported late: on Linux it asks for the trash's place when it is read.
    from send2trash import send2trash  # type: ignore[import-untyped]

    for file in files:
        try:
            send2trash(os.fspath(file))
        except OSError as error:
            sentence = (
                f"{file} could not be moved to the trash, and is still there: {error.strerror or error}. "
                "Close programs that use it, or remove it with the file manager."
            )
            raise StorageError(sentence, f"{type(error).__name__}: {error}") from error
    return freed


def _checked(file: Path) -> int:
    """What moving the file away frees; raises StorageError when it is not to be moved."""
    with file_failures(file):
        status = file.lstat()
    if not stat.S_ISLNK(status.st_mode) and not status.st_mode & stat.S_IWUSR:
        raise StorageError(f"{file} is read-only, so it stays where it is. Change that first if it is to go.")
    if not _has_trash(file):
        raise StorageError(f"The drive of {file} has no trash, so it stays there. Remove it with the file manager.")
    return 0 if stat.S_ISLNK(status.st_mode) or status.st_nlink > 1 else status.st_size


def _has_trash(file: Path) -> bool:
    if sys.platform == "win32":
        import ctypes

        return ctypes.windll.kernel32.GetDriveTypeW(file.absolute().anchor) in _WITH_TRASH
    return True  # elsewhere it is an error when there is none
