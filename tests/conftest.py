"""What all tests share: the guards that make them loud, no screen, and a profile of their own."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.storage.database import Database
from app.storage.machine import open_machine

pytest_plugins = ["tests.guards.records", "tests.guards.threads", "tests.guards.network", "tests.hub_server.fixtures"]

# Before the first import of Qt: a test must never open a window on the screen of whoever runs it.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """An empty profile folder."""
    folder = tmp_path / "profile"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Database]:
    """What is learnt about model files and this computer: nothing yet."""
    opened = open_machine(tmp_path / "machine.db", datetime.now(UTC)).database
    yield opened
    opened.close()
