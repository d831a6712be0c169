"""What all tests share: the guards that make them loud, no screen, and a profile of their own."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.network import quiet_libraries
from app.storage.database import Database
from app.storage.machine import open_machine

if TYPE_CHECKING:
    from tests.hub_server.server import HubServer

pytest_plugins = ["tests.guards.environment", "tests.guards.records", "tests.guards.threads", "tests.guards.network"]

# Before the first import of Qt: a test must never open a window on the screen of whoever runs it.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Before the first import of huggingface_hub, as the application does it.
quiet_libraries(os.environ)


def pytest_configure() -> None:
    """Beside other processes of these tests, keep to one processor: threads of two models would wait for each other."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")  # such as "gw0"
    if worker and hasattr(os, "sched_setaffinity"):
        ours = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {ours[int(worker.removeprefix("gw")) % len(ours)]})


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


@pytest.fixture
def hub_server() -> Iterator["HubServer"]:
    """A hub on loopback that has nothing yet."""
    from tests.hub_server.server import HubServer

    with HubServer() as server:
        yield server
