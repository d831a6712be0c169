"""Which programs this process may start: those for which a block of our own code says so, and no others."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_PROGRAM: ContextVar[str] = ContextVar("the program that may be started", default="")


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
