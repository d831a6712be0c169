"""Where the time goes: functions of the application are wrapped, and each one's own time is added up."""

import functools
import time
from collections.abc import Callable, Sequence
from typing import Any

Watched = tuple[object, str, str]  # an owner (a class or module), a function's name in it, and what it is called


class Parts:
    """Adds up what wrapped functions take, each without the wrapped ones that it calls: the sum is no more than all."""

    def __init__(self) -> None:
        self._own: dict[str, float] = {}
        self._inner: list[float] = []  # for each wrapped function under way: what those inside it took

    def watch(self, functions: Sequence[Watched]) -> None:
        """Wrap each function from now on; several may have the same name."""
        for owner, name, label in functions:
            setattr(owner, name, self._timed(getattr(owner, name), label))

    def restart(self) -> None:
        """Begin again from nothing."""
        self._own = {}

    @property
    def milliseconds(self) -> dict[str, float]:
        """What each took since restart()."""
        return {label: seconds * 1000 for label, seconds in self._own.items()}

    def _timed(self, function: Callable[..., Any], label: str) -> Callable[..., Any]:
        @functools.wraps(function)
        def timed(*values: Any, **named: Any) -> Any:
            self._inner.append(0.0)
            started = time.perf_counter()
            try:
                return function(*values, **named)
            finally:
                taken = time.perf_counter() - started
                self._own[label] = self._own.get(label, 0.0) + taken - self._inner.pop()
                if self._inner:
                    self._inner[-1] += taken

        return timed
