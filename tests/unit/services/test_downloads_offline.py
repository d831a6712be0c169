"""Downloads and the offline switch, with the real client of the hub against a hub on loopback."""

import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.core.cancel import CancelToken
from app.core.download import Download, DownloadState
from app.core.errors import OfflineChosenError
from app.core.network import NetworkMode, Purpose, Rule
from app.core.plan import ModelFile
from app.hub.huggingface import HuggingFaceHub
from app.network.gate import Gate
from app.services.connections import NetworkService
from app.services.downloads import DownloadService
from app.storage.connections import ConnectionStore
from app.storage.database import Database
from app.storage.download_disk import DownloadDisk
from app.storage.downloads import DownloadStore
from app.storage.settings import SettingsStore
from app.storage.verified import VerifiedFiles
from tests.hub_server.contents import Generated, bytes_of
from tests.hub_server.faults import Fault, Part
from tests.hub_server.repositories import ServedRepository
from tests.hub_server.server import HubServer

ID = "somebody/Some-GGUF"
FILE = "A-Q4_K_M.gguf"
CONTENT = Generated(3_000_000, 1)


@dataclass
class Joined:
    """A queue and the switch, as bootstrap joins them."""

    gate: Gate
    network: NetworkService
    service: DownloadService

    def add(self) -> Download:
        return self.service.add(ID, ModelFile(FILE, "", 0), CancelToken())

    def fetch(self, download: Download) -> Download:
        return list(self.service.fetch(download.id, CancelToken()))[-1].download


@pytest.fixture
def joined(hub_server: HubServer, machine: Database, profile: Path) -> Joined:
    hub_server.add(ServedRepository(ID, {FILE: CONTENT}))
    return join(hub_server, machine, profile)


def join(server: HubServer, machine: Database, profile: Path) -> Joined:
    gate, settings = Gate(), SettingsStore(profile / "settings.json")
    network = NetworkService(gate, ConnectionStore(machine), settings)
    hub = HuggingFaceHub(server.endpoint, gate=gate)
    disk = DownloadDisk(profile / "models")
    service = DownloadService(
        hub,
        DownloadStore(machine),
        VerifiedFiles(machine),
        settings,
        disk,
        is_online=lambda: network.is_online,
    )
    return Joined(gate, network, service)


def test_every_host_of_a_download_is_logged_with_its_bytes(joined: Joined, hub_server: HubServer) -> None:
    done = joined.fetch(joined.add())
    assert done.state is DownloadState.DONE
    log = joined.network.newest()
    assert {one.rule for one in log} == {Rule.PRESSED}
    assert {one.press for one in log} == {"Download pressed"}
    hub = hub_server.endpoint.removeprefix("http://")
    storage = {one.host for one in log} - {hub}
    assert len(storage) == 1, "the redirect led to the storage, which is another host"
    assert sum(one.received_bytes for one in log if one.host in storage) > CONTENT.size
    assert {one.purpose for one in log if one.host in storage} == {Purpose.DOWNLOAD}
    assert not joined.gate.has_news, "nothing is left open"


def test_going_offline_stops_it_where_it_is_and_online_it_goes_on(joined: Joined, hub_server: HubServer) -> None:
    added = joined.add()
    hub_server.fail(Part.STORAGE, Fault(bytes_per_second=200_000, method="GET"))
    some = threading.Event()
    told: list[Download] = []

    def run() -> None:
        for progress in joined.service.fetch(added.id, CancelToken()):
            told.append(progress.download)
            if progress.download.done_bytes:
                some.set()

    thread = threading.Thread(target=run)
    thread.start()
    assert some.wait(20)
    joined.service.rest()
    joined.network.choose(NetworkMode.OFFLINE)
    thread.join(20)
    assert told[-1].state is DownloadState.WAITING
    assert 0 < told[-1].done_bytes < CONTENT.size
    assert joined.service.startable() == ()
    asked = len(hub_server.requests)
    with pytest.raises(OfflineChosenError):
        joined.service.add(ID, ModelFile("B.gguf", "", 0), CancelToken())
    assert len(hub_server.requests) == asked

    hub_server.heal()
    joined.service.wake()
    joined.network.choose(NetworkMode.ONLINE)
    assert [one.id for one in joined.service.startable()] == [added.id]
    done = joined.fetch(added)
    assert done.state is DownloadState.DONE
    assert done.model_path.read_bytes() == bytes_of(CONTENT)


def test_the_gate_itself_breaks_a_connection_off_when_nobody_else_does(joined: Joined, hub_server: HubServer) -> None:
    added = joined.add()
    hub_server.fail(Part.STORAGE, Fault(bytes_per_second=200_000, method="GET"))
    for progress in joined.service.fetch(added.id, CancelToken()):
        last = progress.download
        if last.done_bytes and joined.gate.mode is NetworkMode.ONLINE:
            joined.network.choose(NetworkMode.OFFLINE)
    assert last.state is DownloadState.PAUSED
    assert last.sentence.startswith("Offline")


def test_what_an_earlier_run_left_waits_until_the_user_is_online(
    joined: Joined, hub_server: HubServer, machine: Database, profile: Path
) -> None:
    added = joined.add()
    asked = len(hub_server.requests)
    later = join(hub_server, machine, profile)
    assert later.service.startable() == ()
    later.service.resume(added.id)
    assert [one.id for one in later.service.startable()] == [added.id], "that is a press"
    assert len(hub_server.requests) == asked
    joined.network.close()
    kept = join(hub_server, machine, profile)
    assert kept.network.is_online
    assert [one.id for one in kept.service.startable()] == [added.id]
    assert kept.fetch(added).state is DownloadState.DONE
    assert {one.press for one in kept.network.newest()} >= {"Download pressed in an earlier run"}
