"""A file on its way: what has come of it lies beside its target, with a note of what it is a part of.

The note says how many bytes are surely on the disk. After a crash of the program all bytes of the part count, after one
of the computer those alone: what the system had not written yet may be anything.
"""

import contextlib
import errno
import hashlib
import json
import logging
import os
import stat
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import psutil

from app.core.cancel import CancelToken
from app.core.errors import DiskFullError, StorageError
from app.core.safe_names import part_files

BUFFER_BYTES = 1 << 22  # smaller ones keep the two threads waiting for each other
SYNC_BYTES = 1 << 26
_BUFFERS = 2  # while one is filled, the other may be hashed
_MOST_NOTE_BYTES = 1 << 16
_SAME_START_SECONDS = 60.0  # the clock may be set meanwhile
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_NOT_ALLOWED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_GONE = frozenset({errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EIO, errno.ESTALE})

_OPEN = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """Which file this is a part of. `sha256` and `etag` are empty where they are not known."""

    repository: str
    revision: str
    path: str
    size: int
    sha256: str = ""
    etag: str = ""

    def is_same(self, other: "Identity") -> bool:
        """Whether both have the same bytes: by their SHA-256, else by the hub's ETag, else by their place."""
        if self.size != other.size:
            return False
        if self.sha256 and other.sha256:
            return self.sha256 == other.sha256
        if (self.repository, self.path) != (other.repository, other.path):
            return False
        if self.etag and other.etag:
            return self.etag == other.etag
        return self.revision == other.revision


class PartFile:
    """The part of `target`, while its `with` block runs; one thread of its own works out the checksum meanwhile.

    Every method raises StorageError (DiskFullError); what was received before stays.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        self._part, self._note, self._new_note, self._damaged = part_files(target)
        self._worker = ThreadPoolExecutor(1, "checksum")
        self._hashing: deque[Future[None]] = deque()
        self._digest = hashlib.sha256()
        self._buffers = [memoryview(bytearray(BUFFER_BYTES)) for _ in range(_BUFFERS)]
        self._filled = 0
        self._file = -1
        self._identity: Identity | None = None
        self._written = 0
        self._synced = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.flush()
        except StorageError as error:  # it ends already, for this or another reason
            _log.warning("the last bytes of %s were not kept: %s", self._part.name, error.detail)
        finally:
            self._close()
            self._worker.shutdown()

    @property
    def count(self) -> int:
        """How many bytes there are."""
        return self._written + self._filled

    def open(self, identity: Identity) -> bool:
        """Make the part, or go on with the one that is there; True when that one was of another file and is given up.

        check() must come next.
        """
        with self._failures():
            self._target.parent.mkdir(parents=True, exist_ok=True)
            for path in (self._part, self._note, self._new_note):
                _remove_link(path)
            self._file = os.open(self._part, _OPEN, 0o644)
            there = os.fstat(self._file).st_size
        known, trusted = self._read_note(there)
        self._identity = identity
        if there and known is not None and known.is_same(identity) and there <= identity.size:
            self._written = self._synced = min(there, trusted)
            with self._failures():
                os.truncate(self._file, self._written)
            return False
        self.restart()
        return bool(there and known is not None)

    def check(self, cancel: CancelToken) -> Iterator[int]:
        """Work out the checksum of what is there; yields how many bytes were read. Raises CancelledError."""
        self._digest = hashlib.sha256()
        done, buffer = 0, self._buffers[0]
        with self._failures():
            os.lseek(self._file, 0, os.SEEK_SET)
        while done < self._written:
            cancel.raise_if_cancelled()
            with self._failures():
                piece = os.read(self._file, min(len(buffer), self._written - done))
            if not piece:
                raise StorageError(f"{self._part} became shorter while it was read. Try again.")
            self._digest.update(piece)
            done += len(piece)
            yield done

    def restart(self) -> None:
        """Begin again with nothing."""
        self._wait()
        self._digest = hashlib.sha256()
        self._filled = self._written = self._synced = 0
        with self._failures():
            os.truncate(self._file, 0)
            os.lseek(self._file, 0, os.SEEK_SET)
            self._write_note()

    def room(self) -> memoryview:
        """Where to put the next bytes; received() tells how many."""
        return self._buffers[0][self._filled :]

    def received(self, count: int) -> None:
        """So many bytes were put into room()."""
        self._filled += count
        if self._filled == BUFFER_BYTES:
            self.flush()

    def flush(self) -> None:
        """Give the system what was received, and now and then have it put on the disk."""
        if not self._filled:
            return  # the next buffer may still be read by the worker
        filled = unwritten = self._buffers[0][: self._filled]
        self._filled = 0
        with self._failures():
            while unwritten:
                count = os.write(self._file, unwritten)
                self._written += count
                unwritten = unwritten[count:]
            self._hash(filled)
            if self._written - self._synced >= SYNC_BYTES:
                os.fsync(self._file)
                self._synced = self._written
                self._write_note()

    def raise_if_gone(self) -> None:
        """Raise StorageError when the part is no longer where it was: a deleted file can be written to for hours."""
        with self._failures():
            self._part.stat()

    def digest(self) -> str:
        """The SHA-256 of all that was received."""
        self.flush()
        self._wait()
        return self._digest.hexdigest()

    def place(self) -> None:
        """Let the part be the target: it is whole and right."""
        self.flush()
        with self._failures():
            os.fsync(self._file)
            self._close()
            self._part.replace(self._target)
            for path in (self._note, self._damaged):
                path.unlink(missing_ok=True)
            _sync_folder(self._target.parent)

    def quarantine(self) -> Path:
        """Set the part aside as damaged, and begin with an empty one; where it is now."""
        self._close()
        with self._failures():
            self._part.replace(self._damaged)
            self._file = os.open(self._part, _OPEN, 0o644)
        self.restart()
        return self._damaged

    def discard(self) -> None:
        """Remove the part, which nobody can go on with."""
        self._close()
        with self._failures():
            for path in (self._part, self._note):
                path.unlink(missing_ok=True)

    def _hash(self, filled: memoryview) -> None:
        """Give the first buffer to the worker, and go on with the next as soon as that is free again."""
        self._hashing.append(self._worker.submit(self._digest.update, filled))
        self._buffers.append(self._buffers.pop(0))
        self._wait(_BUFFERS - 1)

    def _wait(self, most: int = 0) -> None:
        """Until the worker has at most so many buffers."""
        while len(self._hashing) > most:
            self._hashing.popleft().result()

    def _close(self) -> None:
        self._wait()
        self._filled = 0
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _read_note(self, there: int) -> tuple[Identity | None, int]:
        """What the part is of, None when that is not known; and how many of its bytes can be trusted."""
        try:
            with self._note.open("rb") as file:
                said = json.loads(file.read(_MOST_NOTE_BYTES))
            synced, started = int(said.pop("synced")), float(said.pop("computer_started"))
            known = Identity(**said)
        except FileNotFoundError:
            return None, 0
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            _log.warning("%s cannot be read, so its download begins again: %s", self._note.name, error)
            return None, 0
        is_same_start = abs(started - psutil.boot_time()) < _SAME_START_SECONDS
        return known, there if is_same_start else max(min(synced, there), 0)

    def _write_note(self) -> None:
        """Never torn: the new one takes the place of the old one when it is on the disk."""
        assert self._identity is not None
        said = {**asdict(self._identity), "synced": self._synced, "computer_started": psutil.boot_time()}
        with self._new_note.open("w", encoding="utf-8") as file:
            json.dump(said, file)
            file.flush()
            os.fsync(file.fileno())
        self._new_note.replace(self._note)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _failure(error, self._target) from error


def file_digest(path: Path, cancel: CancelToken) -> Iterator[tuple[int, str]]:
    """Read a whole file; yields how many bytes were read, and at the end its SHA-256 too."""
    digest, done = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while piece := file.read(BUFFER_BYTES):
                cancel.raise_if_cancelled()
                digest.update(piece)
                done += len(piece)
                yield done, ""
    except OSError as error:
        raise _failure(error, path) from error
    yield done, digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    """Have the new name on the disk; Windows has no such thing."""
    if os.name == "posix":
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _failure(error: OSError, target: Path) -> StorageError:
    detail = f"{type(error).__name__}: {error}"
    name, folder = target.name, target.parent
    if error.errno in _FULL:
        return DiskFullError(
            f"The disk is full, so {name} is not whole yet. Free some space in {folder}; it goes on where it stopped.",
            detail,
        )
    if error.errno in _NOT_ALLOWED:
        return StorageError(
            f"Nothing can be written in {folder}. Check who owns it and that it is not read-only, or choose another "
            "folder for models.",
            detail,
        )
    if error.errno == errno.EFBIG:
        return StorageError(
            f"The drive of {folder} does not take files as large as {name}. Choose a folder on another drive.", detail
        )
    if error.errno in _GONE:
        return StorageError(
            f"{folder} is out of reach. If it is on a drive that was taken away, connect it again; the download goes "
            "on where it stopped.",
            detail,
        )
    reason = error.strerror or type(error).__name__
    return StorageError(f"{name} cannot be saved in {folder}: {reason}. Check that its drive is sound.", detail)


def _remove_link(path: Path) -> None:
    """Remove what stands there by another name, too: to write into it would change a file that is none of ours."""
    with contextlib.suppress(FileNotFoundError):
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode) or (stat.S_ISREG(status.st_mode) and status.st_nlink > 1):
            path.unlink()
