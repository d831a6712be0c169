"""What the files of a served repository consist of: bytes, a local file, or a rule that takes no room on any disk."""

import hashlib
import random
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Protocol

PIECE_BYTES = 1 << 20
_STAMP_BYTES = 8
LARGE_BYTES = 2_000_000_000
LARGE_SHA256 = "dcc25bd037c59eb73cbd3aea49b49017d463c5b06963f6da41f1823569f17232"


class Content(Protocol):
    """The bytes of one file."""

    @property
    def size(self) -> int:
        """In bytes."""

    @property
    def sha256(self) -> str:
        """In hexadecimal."""

    def pieces(self, start: int, end: int) -> Iterator[bytes | memoryview]:
        """The bytes from `start` to before `end`, in pieces of at most PIECE_BYTES."""


class Bytes:
    """Given bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)

    @cached_property
    def sha256(self) -> str:
        """In hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()

    def pieces(self, start: int, end: int) -> Iterator[bytes | memoryview]:
        """See Content.pieces."""
        view = memoryview(self.data)
        for at in range(start, end, PIECE_BYTES):
            yield view[at : min(at + PIECE_BYTES, end)]


class LocalFile:
    """A file of this computer, which must not change meanwhile."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = path.stat().st_size

    @cached_property
    def sha256(self) -> str:
        """In hexadecimal."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def pieces(self, start: int, end: int) -> Iterator[bytes | memoryview]:
        """See Content.pieces."""
        with self.path.open("rb") as file:
            file.seek(start)
            for at in range(start, end, PIECE_BYTES):
                yield file.read(min(PIECE_BYTES, end - at))


class Generated:
    """`size` bytes made while they are read: random ones, the same for the same `seed`, no two MiB of them alike.

    `first` stands at the beginning instead, such as a GGUF header. `sha256` is computed from all bytes when it is not
    given, which takes a second or two per GB.
    """

    def __init__(self, size: int, seed: int = 0, sha256: str = "", first: bytes = b"") -> None:
        self.size = size
        self._known = sha256
        self._first = first[:size]
        self._block = random.Random(seed).randbytes(PIECE_BYTES)

    @cached_property
    def sha256(self) -> str:
        """In hexadecimal."""
        if self._known:
            return self._known
        digest = hashlib.sha256()
        for piece in self.pieces(0, self.size):
            digest.update(piece)
        return digest.hexdigest()

    def pieces(self, start: int, end: int) -> Iterator[bytes | memoryview]:
        """See Content.pieces. Each MiB is the same block, with its number in its first 8 bytes."""
        at = start
        if at < len(self._first):
            at = min(end, len(self._first))
            yield memoryview(self._first)[start:at]
        block = memoryview(self._block)
        while at < end:
            number, within = divmod(at, PIECE_BYTES)
            last = min(PIECE_BYTES, within + end - at)
            if within < _STAMP_BYTES:
                stamp = number.to_bytes(_STAMP_BYTES, "little")[within:last]
                yield stamp
                within += len(stamp)
            if within < last:
                yield block[within:last]
            at = number * PIECE_BYTES + last


def large() -> Generated:
    """2 GB with a known SHA-256, served at once."""
    return Generated(LARGE_BYTES, seed=1, sha256=LARGE_SHA256)


def bytes_of(content: Content, start: int = 0, end: int | None = None) -> bytes:
    """Some of its bytes in one piece."""
    return b"".join(content.pieces(start, content.size if end is None else end))
