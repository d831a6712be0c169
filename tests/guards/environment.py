"""Fails a test that leaves the process's environment other than it found it: the next test would see that."""

import os
from collections.abc import Iterator

import pytest

_OF_PYTEST = "PYTEST_CURRENT_TEST"


def _variables() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != _OF_PYTEST}


@pytest.fixture(autouse=True)
def no_changed_environment() -> Iterator[None]:
    """What a test changed is put back, too, so that only one test fails."""
    before = _variables()
    yield
    after = _variables()
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    for name in changed:
        if name in before:
            os.environ[name] = before[name]
        else:
            del os.environ[name]
    if changed:
        pytest.fail(f"variables left changed: {', '.join(changed)}", pytrace=False)
