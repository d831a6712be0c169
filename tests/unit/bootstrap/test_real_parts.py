"""The hub that the settings name is the one that is asked, from the moment that they name it."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from app.bootstrap.options import Options
from app.bootstrap.real_parts import make_hub
from app.core.cancel import CancelToken
from app.core.errors import StorageError
from app.core.settings import Settings
from app.hub.base import Hub
from app.network.press import pressed
from app.storage.hub_token import HubTokenStore
from app.storage.settings import SettingsStore
from tests.hub_server.contents import Generated
from tests.hub_server.faults import Part
from tests.hub_server.repositories import ServedRepository
from tests.hub_server.server import HubServer

ID = "somebody/Small-GGUF"


@pytest.fixture
def settings(tmp_path: Path) -> SettingsStore:
    return SettingsStore(tmp_path / "settings.json")


@pytest.fixture
def hub(settings: SettingsStore, monkeypatch: pytest.MonkeyPatch) -> Hub:
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    return make_hub(Options(), HubTokenStore({}), settings)


def ask(hub: Hub) -> None:
    with pressed("Search pressed"):
        assert hub.repository(ID, CancelToken()).id == ID


def test_another_address_or_proxy_counts_at_once(hub: Hub, settings: SettingsStore) -> None:
    with HubServer() as first, HubServer() as second:
        for server in (first, second):
            server.add(ServedRepository(ID, {"x.gguf": Generated(1000)}))
            settings.save(Settings(hub_endpoint=server.endpoint))
            ask(hub)
            assert len(server.asked(Part.API)) == 1
        settings.save(Settings(hub_endpoint="http://hub.example", proxy=first.endpoint))
        assert hub.name == "hub.example"
        ask(hub)
        assert first.asked(Part.API)[-1].path.startswith("http://hub.example/")
        settings.save(Settings(hub_endpoint=second.endpoint))
        ask(hub)
        assert (len(first.asked(Part.API)), len(second.asked(Part.API))) == (2, 2)


def test_what_is_under_way_stays_with_the_one_before(hub: Hub, settings: SettingsStore) -> None:
    with HubServer(ServedRepository(ID, {"x.gguf": Generated(1000)})) as first:
        settings.save(Settings(hub_endpoint=first.endpoint))
        repository = hub.repository
        settings.save(Settings(hub_endpoint="http://hub.example"))
        with pressed("Search pressed"):
            assert repository(ID, CancelToken()).id == ID


def test_settings_that_cannot_be_read_change_no_hub(
    hub: Hub, settings: SettingsStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> Settings:
        raise StorageError("The settings cannot be read.")

    settings.save(Settings(hub_endpoint="http://mirror.example"))
    assert hub.name == "mirror.example"
    monkeypatch.setattr(settings, "load", fail)
    assert hub.name == "mirror.example", "and not the usual hub, which somebody chose to go around"


def test_the_environment_goes_first(settings: SettingsStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "HF_ENDPOINT", "http://named.example")
    hub = make_hub(replace(Options()), HubTokenStore({}), settings)
    settings.save(Settings(hub_endpoint="http://mirror.example"))
    assert hub.name == "named.example"
