"""Fails a test that leaves a thread behind, unless the test says that it expects that."""

import threading
import time
from collections.abc import Iterator

import pytest

PATIENCE_SECONDS = 2.0


def _running() -> set[threading.Thread]:
    """The threads that Python started: one that C++ started is only known from its first call into Python on, and has
    no end that Python could wait for.
    """
    return {thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)}


@pytest.fixture(autouse=True)
def no_leaked_threads(request: pytest.FixtureRequest) -> Iterator[None]:
    """A thread that was told to end may take a moment for it; one that was forgotten never ends."""
    before = _running()
    yield
    deadline = time.monotonic() + PATIENCE_SECONDS
    for thread in _running() - before:
        thread.join(max(0.0, deadline - time.monotonic()))
    left = _running() - before
    if left and request.node.get_closest_marker("expects_threads") is None:
        pytest.fail(f"threads left behind: {', '.join(sorted(thread.name for thread in left))}", pytrace=False)
