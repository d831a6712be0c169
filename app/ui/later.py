"""What is made when it is first needed, and not before the window is painted."""

from collections.abc import Callable
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Later(Generic[_T]):
    """Holds what `make` makes, once."""

    def __init__(self, make: Callable[[], _T]) -> None:
        self._make = make
        self._made: _T | None = None

    @property
    def made(self) -> _T | None:
        """It, if it was needed before; else None."""
        return self._made

    def get(self) -> _T:
        """It, made now if need be."""
        if self._made is None:
            self._made = self._make()
        return self._made
