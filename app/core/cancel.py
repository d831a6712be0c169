"""How work is stopped: a flag that any thread may set and the worker reads between steps."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.core.errors import CancelledError


class CancelToken:
    """A one-way flag; setting it twice is harmless."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._calls: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        """Whether someone has asked to stop."""
        return self._event.is_set()

    def cancel(self) -> None:
        """Ask the worker to stop at its next step, and wake it from whatever `calling` says can be woken."""
        with self._lock:
            self._event.set()
            for call in self._calls:
                call()

    @contextmanager
    def calling(self, call: Callable[[], None]) -> Iterator[None]:
        """While the block runs, cancel() also calls `call`, on the thread that cancels; at once if that has happened.

        `call` must be quick and must not touch the token.
        """
        with self._lock:
            self._calls.append(call)
            if self.cancelled:
                call()
        try:
            yield
        finally:
            with self._lock:
                self._calls.remove(call)

    def wait(self, seconds: float) -> bool:
        """Sleep for at most `seconds`; True as soon as the token is cancelled."""
        return self._event.wait(seconds)

    def raise_if_cancelled(self) -> None:
        """Raise CancelledError if someone has asked to stop."""
        if self.cancelled:
            raise CancelledError
