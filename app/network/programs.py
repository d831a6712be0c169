"""Which programs this process may start: those for which a block of our own code says so, and no others."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_PROGRAM: ContextVar[str] = ContextVar("the program that may be started", default="")
_EXPECTED: ContextVar[bool] = ContextVar("whether a library is known to try here", default=False)


@contextmanager
def starting(program: str) -> Iterator[None]:
    """Let the block start `program`, by exactly this path, in this thread."""
    before = _PROGRAM.set(program)
    try:
        yield
    finally:
        _PROGRAM.reset(before)


def may_start(program: str) -> bool:
    """Whether the code that runs now may start it."""
    return bool(program) and program == _PROGRAM.get()


@contextmanager
def refusing_quietly() -> Iterator[None]:
    """Refuse programs in the block as everywhere, without an entry in the log: a library is known to try, in vain."""
    before = _EXPECTED.set(True)
    try:
        yield
    finally:
        _EXPECTED.reset(before)


def is_expected() -> bool:
    """Whether what is refused now was to be expected."""
    return _EXPECTED.get()
