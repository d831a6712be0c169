"""Carries what the user pressed from the service that it reached to the gate, which lets nothing through without."""

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from typing import TypeVar

_EventT = TypeVar("_EventT")
_PRESS: ContextVar[str] = ContextVar("what the user pressed", default="")


def current_press() -> str:
    """What was pressed for the work under way in this thread; empty for nothing."""
    return _PRESS.get()


@contextmanager
def pressed(what: str) -> Iterator[None]:
    """Do the block because of this press; one that is known already, such as a typed command, stands."""
    before = _PRESS.set(_PRESS.get() or what)
    try:
        yield
    finally:
        _PRESS.reset(before)


def carried(what: str, events: Generator[_EventT, None, None]) -> Iterator[_EventT]:
    """The events of a generator of which every step is done because of this press."""
    with closing(events):
        while True:
            with pressed(what):
                try:
                    event = next(events)
                except StopIteration:
                    return
            yield event
