"""The disk that downloads go to: whether its folder is there, how much room it has, and what lies on it of each."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from app.core.download import Download, DownloadFile
from app.core.errors import DiskFullError, StorageError
from app.core.quantities import file_size
from app.core.safe_names import part_files
from app.storage.file_lock import file_lock

RESERVE_BYTES = 10**9
"""What downloads leave of a disk, which the system and the conversations need."""


class DownloadDisk:
    """The folder `own_folder` of the profile is made when it is missing; others may be drives that are not connected.

    `reserve_bytes` of each disk are left free; `free` tells how much is.
    """

    def __init__(
        self,
        own_folder: Path,
        reserve_bytes: int = RESERVE_BYTES,
        free: Callable[[Path], int | None] | None = None,
    ) -> None:
        self.own_folder = own_folder
        self._reserve_bytes = reserve_bytes
        self._free = free or free_bytes

    def prepare(self, download: Download) -> None:
        """Make the folders of its files. Raises StorageError when the folder of models or what was fetched has gone."""
        root = root_of(download)
        self.check_root(root)
        first = download.files[0].target.parent
        if download.done_bytes and not first.is_dir():
            raise StorageError(
                f"What was fetched of {download.name} is no longer in {first}. If that is on a drive, connect it, then "
                "try again; else trying again begins anew."
            )
        for file in download.files:
            folder = file.target.parent
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise _not_writable(folder, str(error)) from error
            if not os.access(folder, os.W_OK):
                raise _not_writable(folder)

    def check_root(self, root: Path) -> None:
        """Raise StorageError unless files can be put into the folder of models."""
        try:
            if root == self.own_folder:
                root.mkdir(mode=0o700, parents=True, exist_ok=True)
            there = root.is_dir()
        except OSError as error:
            raise _not_writable(root, str(error)) from error
        if not there:
            raise StorageError(f"The folder {root} is not there. If it is on a drive, connect that, then try again.")
        if not os.access(root, os.W_OK):
            raise _not_writable(root)

    def check_room(self, download: Download, others: Iterable[Download]) -> None:
        """Raise DiskFullError unless there is room for it beside what `others` on the same disk still need."""
        root = root_of(download)
        free = self._free(root)
        if free is None:
            return  # a disk that does not tell its room says itself when it is full
        needed = download.size_bytes - self.done_bytes(download)
        device = _device(root)
        taken = sum(
            other.size_bytes - self.done_bytes(other)
            for other in others
            if other.id != download.id and _device(root_of(other)) == device
        )
        if free < self._reserve_bytes + needed + taken:
            beside = f" and {file_size(taken)} for other downloads" if taken else ""
            raise DiskFullError(
                f"{download.name} takes {file_size(needed)} more, and the disk of {root} has {file_size(free)} free, "
                f"of which {file_size(self._reserve_bytes)} are left for the system{beside}. Free some space, then try "
                "again."
            )

    def check_running(self, download: Download) -> None:
        """Raise StorageError when a folder has gone while it is fetched, DiskFullError when the disk is nearly full.

        Only half of the reserve counts then, so that a few bytes of another program stop nothing.
        """
        root = root_of(download)
        for file in download.files:
            if not file.target.parent.is_dir():
                raise StorageError(
                    f"The folder {file.target.parent} has gone. If it is on a drive, connect that, then try again."
                )
        free = self._free(root)
        if free is not None and free < self._reserve_bytes // 2:
            raise DiskFullError(
                f"The disk of {root} has only {file_size(free)} left. What was fetched is kept: free some space, then "
                "try again."
            )

    def done_bytes(self, download: Download) -> int:
        """How much of it lies on the disk; what was noted last where the folder cannot be looked into."""
        if not root_of(download).is_dir():
            return download.done_bytes
        return sum(self.file_bytes(file) for file in download.files)

    def file_bytes(self, file: DownloadFile) -> int:
        """How much of one file lies on the disk."""
        for path in (file.target, part_files(file.target)[0]):
            with contextlib.suppress(OSError):
                return min(path.stat().st_size, file.size_bytes)
        return 0

    def discard(self, download: Download, fetched: Iterable[Path], others: Iterable[Download]) -> None:
        """Delete its parts, and the files `fetched` that it had put in their place. Raises StorageError.

        What is one of the `others`' files, too, stays.
        """
        kept = {file.target for other in others if other.id != download.id for file in other.files}
        targets = {file.target for file in download.files} - kept
        ours = targets.intersection(fetched)
        for target in targets:
            if not target.parent.is_dir():
                continue
            with file_lock(target) as held:
                if held:  # else another program fetches it into the same folder
                    _delete([target, *part_files(target)] if target in ours else part_files(target))
        self.remove_folders(download)

    def tidy(self, download: Download) -> None:
        """Delete parts that have nothing in them yet. Its files must be locked."""
        for file in download.files:
            part, *notes, _ = part_files(file.target)  # what came damaged is kept
            with contextlib.suppress(OSError):
                if part.stat().st_size == 0:
                    for path in (part, *notes):
                        path.unlink(missing_ok=True)

    def remove_folders(self, download: Download) -> None:
        """Remove the folders that were made for it, if nothing is in them."""
        root = root_of(download)
        for file in download.files:
            _remove_empty(file.target.parent, root)


def root_of(download: Download) -> Path:
    """The folder of models that it goes into: below it are the folders owner/name of the repository."""
    first = download.files[0]
    return first.target.parents[len(first.path.split("/")) + 1]


def free_bytes(folder: Path) -> int | None:
    """What the user may still write to the disk of a folder; None when it does not tell."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    return usage.free if usage.total else None  # some network drives and pseudo file systems report nothing but zeros


def _delete(paths: Iterable[Path]) -> None:
    try:
        for path in paths:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"{error.filename} could not be deleted: {error.strerror}.", str(error)) from error


def _device(folder: Path) -> int | None:
    try:
        return folder.stat().st_dev
    except OSError:
        return None


def _not_writable(folder: Path, detail: str = "") -> StorageError:
    return StorageError(
        f"Nothing can be saved in {folder}. Check who owns it and that it is not read-only, or choose another folder "
        "of models; then try again.",
        detail,
    )


def _remove_empty(folder: Path, root: Path) -> None:
    """Remove a folder and those above it, up to the folder of models, as long as nothing is in them."""
    with contextlib.suppress(OSError):  # something is in it, or it has gone
        while folder != root and root in folder.parents:
            folder.rmdir()
            folder = folder.parent
