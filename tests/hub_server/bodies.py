"""Sends the body of an answer as whole as its fault lets it be."""

import threading
import time
from collections.abc import Iterator
from io import BufferedIOBase

from tests.hub_server.faults import Fault

_SMALL_PIECE = 1 << 12
_FILLING = b" " * _SMALL_PIECE


class Body:
    """One body; `sent` is how many bytes of it went out so far."""

    def __init__(self, fault: Fault, out: BufferedIOBase, stopping: threading.Event) -> None:
        self.sent = 0
        self._fault = fault
        self._out = out
        self._stopping = stopping

    @property
    def is_odd(self) -> bool:
        """Whether the connection cannot be used for another request: the body does not end as its headers say."""
        fault = self._fault
        return fault.endless or fault.length_error > 0 or fault.drop_at is not None or fault.stall_at is not None

    def write(self, pieces: Iterator[bytes | memoryview], length: int, start: int) -> None:
        """Send the `length` bytes of `pieces`, which lie in their file from `start` on. Raises OSError."""
        most = length + min(self._fault.length_error, 0)
        for piece in self._spoilt(pieces, start):
            if not self._write(piece[: most - self.sent]):
                return
        while self._fault.endless and not self._stopping.is_set() and self._write(_FILLING):
            pass

    def _spoilt(self, pieces: Iterator[bytes | memoryview], start: int) -> Iterator[bytes | memoryview]:
        """The pieces, with one byte flipped if the fault says so."""
        wrong = self._fault.corrupt_at
        for piece in pieces:
            end = start + len(piece)
            if wrong is not None and start <= wrong < end:
                flipped = bytearray(piece)
                flipped[wrong - start] ^= 0xFF
                yield bytes(flipped)
            else:
                yield piece
            start = end

    def _write(self, piece: bytes | memoryview) -> bool:
        """Send a piece; False where the body ends before its time."""
        drop, stall = self._fault.drop_at, self._fault.stall_at
        left = [at - self.sent for at in (drop, stall) if at is not None]
        end = min([len(piece), *left])
        self._write_slowly(piece[:end])
        self.sent += end
        if self.sent == stall:
            self._stopping.wait()
        return self.sent not in (drop, stall)

    def _write_slowly(self, piece: bytes | memoryview) -> None:
        rate = self._fault.bytes_per_second
        if not rate:
            self._out.write(piece)
            return
        started = time.monotonic()
        for at in range(0, len(piece), _SMALL_PIECE):
            self._stopping.wait(max(at / rate - (time.monotonic() - started), 0))
            self._out.write(piece[at : at + _SMALL_PIECE])
