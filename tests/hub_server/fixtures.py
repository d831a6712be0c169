"""The tests' hub as a fixture."""

from collections.abc import Iterator

import pytest

from tests.hub_server.server import HubServer


@pytest.fixture
def hub_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A hub on loopback without repositories; nothing in the environment keeps the client from it."""
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    with HubServer() as server:
        yield server
