"""A window that moves over a header's bytes, read piece by piece as far as they are needed."""

import struct
from collections.abc import Callable
from typing import Any

MAX_HEADER_BYTES = 1 << 28
_FIRST_BYTES = 1 << 16
_MOST_BYTES = 1 << 22
_LENGTH = struct.Struct("<Q")


class HeaderError(Exception):
    """What is wrong with a header: the rest of a sentence that begins with the file's name."""


class KindError(HeaderError):
    """It is the header of something else than a language model."""


class HeaderBytes:
    """Little-endian values one after the other. Every method takes the words for its place in the header.

    Raises HeaderError at the end of the file and for what is longer than its bound.
    """

    def __init__(self, source: Callable[[int, int], bytes]) -> None:
        self._source = source
        self._window = b""
        self._start = 0  # where the window lies in the file
        self._next = 0  # the next byte, counted in the window; it may lie behind the window's end
        self._piece = _FIRST_BYTES

    @property
    def position(self) -> int:
        """Where the next byte lies, counted from the start of the file."""
        return self._start + self._next

    def number(self, form: str, place: str) -> Any:
        """The next number, of a format of `struct`."""
        return self.numbers(form, 1, place)[0]

    def numbers(self, form: str, count: int, place: str) -> tuple[Any, ...]:
        """The next `count` numbers."""
        layout = f"<{count}{form}"
        size = struct.calcsize(layout)
        self._need(size, place)
        values = struct.unpack_from(layout, self._window, self._next)
        self._next += size
        return values

    def count(self, form: str, most: int, place: str) -> int:
        """The next number, which must not exceed `most`."""
        value: int = self.number(form, place)
        if value > most:
            raise _absurd(place, value, most)
        return value

    def take(self, length: int, place: str) -> bytes:
        """The next `length` bytes."""
        self._need(length, place)
        self._next += length
        return self._window[self._next - length : self._next]

    def text(self, most: int, place: str) -> str:
        """The next string of at most `most` bytes."""
        return self.take(self.count("Q", most, f"the length of {place}"), place).decode("utf-8", "replace")

    def skip(self, length: int, place: str) -> None:
        """Pass over `length` bytes; the last of them is looked at, to know that the file is that long."""
        self._next += length
        if length:
            self._see_last(place)

    def skip_numbers(self, form: str, count: int, place: str) -> None:
        """Pass over `count` numbers."""
        self.skip(struct.calcsize(f"<{form}") * count, place)

    def skip_strings(self, count: int, most: int, place: str) -> None:
        """Pass over `count` strings of at most `most` bytes each."""
        length_at = _LENGTH.unpack_from
        window, at, end = self._window, self._next, len(self._window) - _LENGTH.size
        for _ in range(count):
            if at > end:
                self._next = at
                self._need(_LENGTH.size, place)
                window, at, end = self._window, self._next, len(self._window) - _LENGTH.size
            length = length_at(window, at)[0]
            if length > most:
                self._next = at
                raise _absurd(f"the length of a string in {place}", length, most)
            at += _LENGTH.size + length
        self._next = at
        if count:
            self._see_last(place)

    def _see_last(self, place: str) -> None:
        self._next -= 1
        self._need(1, place)
        self._next += 1

    def _need(self, length: int, place: str) -> None:
        """Move and grow the window until the next `length` bytes lie in it."""
        missing = self._next + length - len(self._window)
        if missing <= 0:
            return
        if self.position + length > MAX_HEADER_BYTES:
            raise _absurd("the length of its header", self.position + length, MAX_HEADER_BYTES)
        kept = self._window[self._next :]
        self._start += self._next
        self._next = 0
        wanted = max(length - len(kept), self._piece)
        self._piece = min(self._piece * 2, _MOST_BYTES)
        read = self._source(self._start + len(kept), wanted)
        self._window = kept + read
        if len(self._window) < length:
            raise HeaderError(f"is incomplete: it ends in its header, at {place}. Download it again.")


def _absurd(place: str, value: int, most: int) -> HeaderError:
    return HeaderError(
        f"is damaged: {place} is {value:,}, and {most:,} is the most that makes sense. Download it again."
    )
