"""The offline switch and the log: what was chosen is kept, and what is exported can be read by others."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.errors import NetworkForbiddenError, OfflineChosenError
from app.core.network import Connection, NetworkMode, Purpose, Rule
from app.core.settings import Settings
from app.network.gate import Gate
from app.network.press import pressed
from app.services.connections import NetworkService, as_csv, as_json
from app.storage.connections import ConnectionStore
from app.storage.database import Database
from app.storage.settings import SettingsStore

ENTRY = Connection("a", 1_700_000_000.25, "huggingface.co:443", Purpose.SEARCH, "Search pressed", Rule.PRESSED, 5, 6)


@pytest.fixture
def settings(tmp_path: Path) -> SettingsStore:
    return SettingsStore(tmp_path / "settings.json")


def service(gate: Gate, machine: Database, settings: SettingsStore) -> NetworkService:
    return NetworkService(gate, ConnectionStore(machine), settings)


def test_a_new_profile_is_offline_until_the_first_press_which_is_kept(
    machine: Database, settings: SettingsStore
) -> None:
    gate = Gate()
    network = service(gate, machine, settings)
    assert (network.mode, network.is_online) == (NetworkMode.UNTIL_ASKED, False)
    with pressed("Search pressed"):
        gate.open(Purpose.SEARCH, "huggingface.co").end()
    assert network.is_online
    network.close()
    assert settings.load().network is NetworkMode.ONLINE


def test_what_the_user_chose_is_in_force_at_the_next_start(machine: Database, settings: SettingsStore) -> None:
    first = service(Gate(), machine, settings)
    first.choose(NetworkMode.OFFLINE)
    first.close()
    gate = Gate()
    assert service(gate, machine, settings).mode is NetworkMode.OFFLINE
    with pressed("Search pressed"), pytest.raises(OfflineChosenError):
        gate.open(Purpose.SEARCH, "huggingface.co")


def test_a_press_that_offline_refused_is_told_once(machine: Database, settings: SettingsStore) -> None:
    gate = Gate()
    network = service(gate, machine, settings)
    network.choose(NetworkMode.OFFLINE)
    with pressed("Search pressed"), pytest.raises(OfflineChosenError):
        gate.open(Purpose.SEARCH, "huggingface.co")
    network.keep()
    found = network.take_refused_press()
    assert found is not None
    assert (found.press, found.host) == ("Search pressed", "huggingface.co")
    assert network.take_refused_press() is None


@pytest.mark.expects_log_records
def test_a_refusal_is_kept_and_written_to_the_log(
    machine: Database, settings: SettingsStore, caplog: pytest.LogCaptureFixture
) -> None:
    gate = Gate()
    network = service(gate, machine, settings)
    with pytest.raises(NetworkForbiddenError):
        gate.judge("socket.getaddrinfo", ("telemetry.example.com", 443, 0, 0, 0))
    assert [one.host for one in network.newest()] == ["telemetry.example.com:443"]
    assert "telemetry.example.com:443" in caplog.text
    network.clear()
    assert network.newest() == []


def test_exports_say_everything(machine: Database) -> None:
    formula = replace(ENTRY, host="=cmd()", rule=Rule.UNASKED)
    said = json.loads(as_json([ENTRY, formula]))
    assert said[0] == {
        "time": "2023-11-14T22:13:20.250+00:00",
        "allowed": True,
        "host": "huggingface.co:443",
        "purpose": "search",
        "press": "Search pressed",
        "received_bytes": 5,
        "sent_bytes": 6,
        "rule": "pressed",
        "detail": "",
    }
    rows = list(csv.DictReader(io.StringIO(as_csv([ENTRY, formula]), newline="")))
    assert rows[0]["received_bytes"] == "5"
    assert rows[1]["host"] == "'=cmd()", "a spreadsheet must not take it for a formula"
    assert as_csv([]).startswith("time,allowed,host")


def test_the_default_is_offline_until_asked() -> None:
    assert Settings().network is NetworkMode.UNTIL_ASKED
