"""How work is stopped: a flag that any thread may set and the worker reads between steps."""

import threading

from app.core.errors import CancelledError


class CancelToken:
    """A one-way flag; setting it twice is harmless."""

    def __init__(self) -> None:
        self._event = threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether someone has asked to stop."""
        return self._event.is_set()

    def cancel(self) -> None:
        """Ask the worker to stop at its next step."""
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Sleep for at most `seconds`; True as soon as the token is cancelled."""
        return self._event.wait(seconds)

    def raise_if_cancelled(self) -> None:
        """Raise CancelledError if someone has asked to stop."""
        if self.cancelled:
            raise CancelledError
