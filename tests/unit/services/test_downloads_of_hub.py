"""The queue with the real client of the hub, against a hub on loopback."""

import threading
from pathlib import Path

import pytest

from app.core.cancel import CancelToken
from app.core.download import Download, DownloadProgress, DownloadState
from app.core.plan import ModelFile
from app.core.safe_names import part_files
from app.hub.fetching import Patience
from app.hub.huggingface import HuggingFaceHub
from app.storage.database import Database
from tests.hub_server.contents import Generated, bytes_of
from tests.hub_server.faults import Fault, Part
from tests.hub_server.repositories import ServedRepository
from tests.hub_server.server import HubServer
from tests.unit.services.download_parts import Queue, left_of, make_queue

ID = "somebody/Some-GGUF"
FILES = {"A-Q4_K_M.gguf": Generated(5_000_000, 1), "B-Q4_K_M.gguf": Generated(3_000_000, 2)}
IMPATIENT = Patience(tries=2, first_wait_seconds=0.01, most_wait_seconds=0.01, silence_seconds=0.3)


@pytest.fixture
def queue(hub_server: HubServer, machine: Database, profile: Path) -> Queue:
    hub_server.add(ServedRepository(ID, dict(FILES)))
    return make_queue(HuggingFaceHub(hub_server.endpoint, patience=IMPATIENT), machine, profile)


def _add(queue: Queue, path: str, repository: str = ID) -> Download:
    return queue.service.add(repository, ModelFile(path, "", 0), CancelToken())


class _Fetching:
    """A download that is fetched on a thread of its own, and what it has told."""

    def __init__(self, queue: Queue, download: Download) -> None:
        self.told: list[DownloadProgress] = []
        self._some = threading.Event()
        self._events = queue.service.fetch(download.id, CancelToken())
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def wait_for_bytes(self) -> None:
        """Until some have come."""
        assert self._some.wait(20)

    def ended(self) -> Download:
        """How it ended."""
        self._thread.join(20)
        return self.told[-1].download

    def _run(self) -> None:
        for progress in self._events:
            self.told.append(progress)
            if progress.download.done_bytes:
                self._some.set()


def test_several_are_fetched_at_once(queue: Queue) -> None:
    added = [_add(queue, path) for path in FILES]
    runs = [_Fetching(queue, download) for download in added]
    for run, (path, content) in zip(runs, FILES.items(), strict=True):
        done = run.ended()
        assert (done.state, done.model_path.name) == (DownloadState.DONE, path)
        assert done.model_path.read_bytes() == bytes_of(content)
    assert queue.service.startable() == ()


def test_a_stalled_one_is_paused_and_goes_on_at_its_byte(queue: Queue, hub_server: HubServer) -> None:
    added = _add(queue, "A-Q4_K_M.gguf")
    hub_server.fail(Part.STORAGE, Fault(stall_at=2_000_000, method="GET"), 1)
    run = _Fetching(queue, added)
    run.wait_for_bytes()
    queue.service.pause(added.id)
    paused = run.ended()
    assert paused.state is DownloadState.PAUSED
    assert paused.done_bytes == part_files(paused.model_path)[0].stat().st_size > 0
    hub_server.sent.clear()
    queue.service.resume(added.id)
    assert queue.ended(added).state is DownloadState.DONE
    assert [sent.start for sent in hub_server.sent if sent.start] == [paused.done_bytes]


def test_a_hub_that_is_gone_pauses_it_with_a_sentence(queue: Queue, hub_server: HubServer) -> None:
    added = _add(queue, "A-Q4_K_M.gguf")
    hub_server.fail(Part.STORAGE, Fault(drop_at=1_000_000, method="GET"), 1)
    hub_server.fail(Part.STORAGE, Fault(status=503))
    events = queue.fetch(added)
    assert any(event.step.value == "retrying" and event.download.sentence for event in events)
    ended = events[-1].download
    assert ended.state is DownloadState.PAUSED
    assert ended.sentence
    assert ended.done_bytes == 1_000_000
    hub_server.heal()
    queue.service.resume(added.id)
    assert queue.ended(added).state is DownloadState.DONE


def test_a_gated_one_fails_with_its_page(queue: Queue, hub_server: HubServer) -> None:
    hub_server.add(ServedRepository("somebody/Gated-GGUF", dict(FILES), gated="auto"))
    ended = queue.ended(_add(queue, "A-Q4_K_M.gguf", "somebody/Gated-GGUF"))
    assert ended.state is DownloadState.FAILED
    assert ended.page == f"{hub_server.endpoint}/somebody/Gated-GGUF"
    assert left_of(queue.folder) == []


@pytest.mark.expects_log_records
def test_what_comes_damaged_fails_and_is_set_aside(queue: Queue, hub_server: HubServer) -> None:
    added = _add(queue, "B-Q4_K_M.gguf")
    hub_server.fail(Part.STORAGE, Fault(corrupt_at=1234, method="GET"))
    ended = queue.ended(added)
    assert ended.state is DownloadState.FAILED
    assert "damaged" in ended.sentence
    assert not added.model_path.exists()
    assert [path.name for path in added.model_path.parent.iterdir()] == ["B-Q4_K_M.gguf.damaged"]
    hub_server.heal()
    queue.service.resume(added.id)
    assert queue.ended(added).state is DownloadState.DONE


def test_a_folder_that_is_removed_meanwhile_pauses_it(queue: Queue, hub_server: HubServer, tmp_path: Path) -> None:
    added = _add(queue, "A-Q4_K_M.gguf")
    hub_server.fail(Part.STORAGE, Fault(stall_at=2_000_000, method="GET"), 1)
    run = _Fetching(queue, added)
    run.wait_for_bytes()
    (queue.folder / "somebody").rename(tmp_path / "away")
    ended = run.ended()
    assert ended.state is DownloadState.PAUSED
    assert "folder" in ended.sentence.lower()
