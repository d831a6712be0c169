"""Stands for a part until it is first used, so that the window need not wait for what the part is made of."""

from collections.abc import Callable
from threading import Lock


class Late:
    """Has what the part has, which `make` makes once; on any thread. To be given out as what it stands for."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make
        self._lock = Lock()
        self._part: object | None = None

    def __getattr__(self, name: str) -> object:
        with self._lock:
            if self._part is None:
                self._part = self._make()
        return getattr(self._part, name)
