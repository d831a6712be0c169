"""Keeps all downloads together under one speed: a bucket that fills evenly and from which each takes what it reads."""

import threading
import time

from app.core.cancel import CancelToken

_SAVED_SECONDS = 0.25  # what may be caught up after a pause
_NAP_SECONDS = 0.1  # so that a changed limit soon counts for those who wait


class RateLimit:
    """Shared by any number of threads. `bytes_per_second` 0 is no limit, and may be changed at any time."""

    def __init__(self, bytes_per_second: float = 0.0) -> None:
        self._lock = threading.Lock()
        self._rate = bytes_per_second
        self._saved = 0.0
        self._filled = time.monotonic()

    @property
    def bytes_per_second(self) -> float:
        """What all of them together may take."""
        return self._rate

    @bytes_per_second.setter
    def bytes_per_second(self, rate: float) -> None:
        with self._lock:
            self._fill()
            self._rate = rate
            self._saved = min(self._saved, 0.0) if rate else 0.0

    def take(self, count: int, cancel: CancelToken) -> None:
        """Take `count` bytes, and wait until they are paid for. Raises CancelledError.

        A taking larger than the bucket makes a debt, which the next ones wait for too.
        """
        with self._lock:
            self._fill()
            if self._rate:
                self._saved -= count
        while (seconds := self._seconds_in_debt()) > 0:
            cancel.wait(min(seconds, _NAP_SECONDS))
            cancel.raise_if_cancelled()

    def _seconds_in_debt(self) -> float:
        with self._lock:
            self._fill()
            return -self._saved / self._rate if self._rate else 0.0

    def _fill(self) -> None:
        now = time.monotonic()
        self._saved = min(self._saved + (now - self._filled) * self._rate, self._rate * _SAVED_SECONDS)
        self._filled = now
