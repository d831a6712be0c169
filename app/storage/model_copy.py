"""Copies the files of a model into a folder: all of them or none, and never over another file."""

import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.errors import DiskFullError, ModelFileError
from app.core.quantities import file_size
from app.storage.download_disk import RESERVE_BYTES
from app.storage.failures import file_failures

UNFINISHED = ".copying"
_READ_BYTES = 1 << 22


def copy_model(
    files: Sequence[Path], folder: Path, cancel: CancelToken, on_progress: Callable[[float], None]
) -> tuple[tuple[Path, str], ...]:
    """Copy `files` into `folder`, which is made if need be; each copy with its SHA-256 in hex.

    `on_progress` gets fractions from 0 to 1. Raises ModelFileError when a file cannot be read or one of its name is
    there, DiskFullError, another StorageError, CancelledError; nothing is left behind then.
    """
    targets = [folder / file.name for file in files]
    with file_failures(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if taken := next((target for target in targets if os.path.lexists(target)), None):
            raise ModelFileError(f"{taken} is there already. Rename one of the two, or add the file where it is.")
    total = sum(_size(file) for file in files)
    _require_room(folder, total)
    written: list[Path] = []
    try:
        copying = _Copying(total, cancel, on_progress)
        checksums = [copying.copy(file, _unfinished(target)) for file, target in zip(files, targets, strict=True)]
        for target in targets:
            with file_failures(target):
                _unfinished(target).rename(target)
            written.append(target)
    except BaseException:  # a part of a model is of no use, whatever the reason
        for target in targets:
            _unfinished(target).unlink(missing_ok=True)
        for target in written:
            target.unlink(missing_ok=True)
        raise
    return tuple(zip(targets, checksums, strict=True))


class _Copying:
    """How far the copying of `total` bytes has come."""

    def __init__(self, total: int, cancel: CancelToken, on_progress: Callable[[float], None]) -> None:
        self._total = total
        self._cancel = cancel
        self._on_progress = on_progress
        self._done = 0

    def copy(self, file: Path, target: Path) -> str:
        """Copy one file to the disk, not only to the system's cache; its SHA-256."""
        digest = hashlib.sha256()
        with file_failures(target):
            target.unlink(missing_ok=True)  # a killed copy's, or a link, which would lead into another file
        with file_failures(target), target.open("xb") as out:
            try:
                source = file.open("rb")
            except OSError as error:
                raise _unreadable(file, error) from error
            with source:
                while block := _read(source.read, file):
                    self._cancel.raise_if_cancelled()
                    out.write(block)
                    digest.update(block)
                    self._done += len(block)
                    self._on_progress(min(self._done / self._total, 1.0))
            out.flush()
            os.fsync(out.fileno())
        return digest.hexdigest()


def _read(read: Callable[[int], bytes], file: Path) -> bytes:
    try:
        return read(_READ_BYTES)
    except OSError as error:
        raise _unreadable(file, error) from error


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError as error:
        raise _unreadable(file, error) from error


def _unreadable(file: Path, error: OSError) -> ModelFileError:
    return ModelFileError(f"The model file {file} cannot be read: {error.strerror}.", str(error))


def _require_room(folder: Path, needed: int) -> None:
    with file_failures(folder):
        free = shutil.disk_usage(folder).free
    if free < needed + RESERVE_BYTES:
        raise DiskFullError(
            f"The disk of {folder} has {file_size(free)} free, and the model takes {file_size(needed)}; "
            f"{file_size(RESERVE_BYTES)} should stay free. Free some space, or add the file where it is."
        )


def _unfinished(target: Path) -> Path:
    return target.with_name(target.name + UNFINISHED)
