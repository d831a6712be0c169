"""Stands for parts that are made when they are first used, or anew when something else was chosen."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

_ChoiceT = TypeVar("_ChoiceT")


class Late:
    """Has what the part has, which `make` makes once; on any thread. To be given out as what it stands for.

    So the window need not wait for what the part is made of.
    """

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make
        self._lock = Lock()
        self._part: object | None = None

    def __getattr__(self, name: str) -> object:
        with self._lock:
            if self._part is None:
                self._part = self._make()
        return getattr(self._part, name)


class Renewed(Generic[_ChoiceT]):
    """Has what the part has that `make` makes of what is chosen now; on any thread. To be given out as that part.

    It is made anew at the first use after `chosen` gives something else; who uses the one before keeps it to the end.
    `chosen` may give None where it cannot tell: the part stays as it is, and `otherwise` stands in before there is one.
    """

    def __init__(
        self, chosen: Callable[[], _ChoiceT | None], make: Callable[[_ChoiceT], object], otherwise: _ChoiceT
    ) -> None:
        self._chosen = chosen
        self._make = make
        self._otherwise = otherwise
        self._lock = Lock()
        self._made: tuple[_ChoiceT, object] | None = None

    def __getattr__(self, name: str) -> object:
        choice = self._chosen()
        with self._lock:
            if choice is None:
                choice = self._made[0] if self._made is not None else self._otherwise
            if self._made is None or self._made[0] != choice:
                self._made = (choice, self._make(choice))
            part = self._made[1]
        return getattr(part, name)
