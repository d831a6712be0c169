"""What runs the queue: who is fetched when, how each ends, and that the main thread never waits."""

import threading
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.core.cancel import CancelToken
from app.core.download import Download, DownloadProgress, DownloadState
from app.core.errors import HubOfflineError, InglenookError
from app.core.plan import ModelFile
from app.ui.downloads.acts import AddRequest
from app.ui.downloads.runner import DownloadRunner
from app.ui.tasks import Tasks
from tests.ui.library.fake_downloads import FakeDownloads, a_download

REQUEST = AddRequest("maker/Small", ModelFile("Small-Q4_0.gguf", "Q4_0", 10**8), "Small", "c0ffee")


class Run:
    """A runner, and what it told."""

    def __init__(self, qtbot: QtBot, service: FakeDownloads) -> None:
        self.qtbot, self.service, self.tasks = qtbot, service, Tasks()
        self.runner = DownloadRunner(service, self.tasks)
        self.done: list[Download] = []
        self.stopped: list[Download] = []
        self.failed: list[str] = []
        self.progress: list[DownloadProgress] = []
        self.runner.done.connect(self.done.append)
        self.runner.stopped.connect(self.stopped.append)
        self.runner.failed.connect(lambda error: self.failed.append(error.sentence))
        self.runner.progressed.connect(self.progress.append)
        self.runner.start()

    def wait(self, holds: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(holds, timeout=5000)

    def wait_until_fetching(self, *ids: int) -> None:
        self.wait(lambda: self.service.fetching == set(ids))

    def wait_for(self, download_id: int, state: DownloadState) -> None:
        self.wait(lambda: any(one.id == download_id and one.state is state for one in self.runner.downloads))


@pytest.fixture
def run(qtbot: QtBot) -> Iterator[Callable[[FakeDownloads], Run]]:
    made: list[Run] = []

    def make(service: FakeDownloads) -> Run:
        made.append(Run(qtbot, service))
        return made[-1]

    yield make
    for one in made:
        assert one.tasks.shutdown()
        assert threading.main_thread() not in one.service.threads, "the window waits for nothing"


Make = Callable[[FakeDownloads], Run]


def test_three_are_fetched_at_once_and_the_next_when_one_is_done(run: Make) -> None:
    one = run(FakeDownloads(*(a_download(number) for number in (1, 2, 3, 4, 5))))
    one.wait_until_fetching(1, 2, 3)
    one.service.finish(2)
    one.wait_until_fetching(1, 3, 4)
    assert [download.id for download in one.done] == [2]
    for number in (1, 3, 4):
        one.service.finish(number)
    one.wait_until_fetching(5)
    assert one.service.most_at_once == 3
    assert [download.id for download in one.runner.under_way] == [5]
    one.service.finish(5)
    one.wait(lambda: not one.tasks.is_busy)
    assert not one.runner.under_way


def test_a_pause_frees_the_place_and_is_no_news(run: Make) -> None:
    one = run(FakeDownloads(a_download(1), a_download(2), at_once=1))
    one.wait_until_fetching(1)
    one.runner.pause(1)
    one.wait_until_fetching(2)
    one.wait_for(1, DownloadState.PAUSED)
    assert one.stopped == [], "whoever paused it knows"
    one.service.finish(2)
    one.wait(lambda: not one.tasks.is_busy)
    one.runner.resume(1)
    one.wait_until_fetching(1)


def test_resumed_before_it_has_come_to_rest_it_goes_on(run: Make) -> None:
    one = run(FakeDownloads(a_download(1)))
    one.wait_until_fetching(1)
    one.runner.pause(1)
    one.runner.resume(1)
    one.wait(lambda: any(event.download.state is DownloadState.PAUSED for event in one.progress))
    one.wait_until_fetching(1)
    one.wait_for(1, DownloadState.RUNNING)


def test_cancelled_while_it_is_fetched_it_goes_from_the_list(run: Make) -> None:
    one = run(FakeDownloads(a_download(1), a_download(2)))
    one.wait_until_fetching(1, 2)
    one.runner.cancel(1)
    one.wait(lambda: [download.id for download in one.runner.downloads] == [2])
    one.wait_until_fetching(2)
    assert one.stopped == []


def test_what_stops_by_itself_is_told_with_its_sentence(run: Make) -> None:
    one = run(FakeDownloads(a_download(1), a_download(2)))
    one.wait_until_fetching(1, 2)
    one.service.stop(1, DownloadState.PAUSED, "The disk is full.")
    one.service.stop(2, DownloadState.FAILED, "The file is damaged.")
    one.wait(lambda: len(one.stopped) == 2)
    assert {download.sentence for download in one.stopped} == {"The disk is full.", "The file is damaged."}


def test_progress_is_gathered(run: Make) -> None:
    one = run(FakeDownloads(a_download(1)))
    one.wait_until_fetching(1)
    for number in range(1000):
        one.service.tell(1, number)
    one.service.stop(1, DownloadState.FAILED, "Broken.")
    one.wait(lambda: bool(one.stopped))
    assert len(one.progress) < 100
    assert one.progress[-1].download.state is DownloadState.FAILED, "the last one is never left out"


def test_a_file_is_asked_for_and_then_fetched(run: Make) -> None:
    service = FakeDownloads()
    service.gate = threading.Event()
    one = run(service)
    one.runner.add(REQUEST)
    one.runner.add(REQUEST)
    assert one.runner.find("maker/Small", "Small-Q4_0.gguf").is_asked
    assert one.runner.is_online
    service.gate.set()
    one.wait_until_fetching(1)
    assert service.added == [("maker/Small", "Small-Q4_0.gguf", "c0ffee")], "asked for twice, it is added once"
    one.wait(lambda: one.runner.find("maker/Small", "Small-Q4_0.gguf").progress is not None)


def test_asking_for_it_can_be_given_up(run: Make) -> None:
    service = FakeDownloads()
    service.gate = threading.Event()
    one = run(service)
    one.runner.add(REQUEST)
    one.runner.give_up_adding("maker/Small", "Small-Q4_0.gguf")
    one.wait(lambda: not one.tasks.is_busy)
    assert not one.runner.find("maker/Small", "Small-Q4_0.gguf")
    assert not one.runner.is_online


def test_a_refusal_says_what_was_asked_for(run: Make) -> None:
    service = FakeDownloads()
    service.refusal = HubOfflineError("The hub cannot be reached.")
    one = run(service)
    refused: list[tuple[AddRequest, InglenookError]] = []
    one.runner.refused.connect(lambda request, error: refused.append((request, error)))
    one.runner.add(REQUEST)
    one.wait(lambda: bool(refused))
    assert refused[0] == (REQUEST, service.refusal)


def test_at_the_end_what_ran_waits_for_the_next_start_and_what_rested_rests(qtbot: QtBot) -> None:
    one = Run(qtbot, FakeDownloads(*(a_download(number) for number in (1, 2, 3, 4))))
    one.wait_until_fetching(1, 2, 3)
    one.runner.pause(2)
    one.wait_until_fetching(1, 3, 4)
    one.runner.prepare_end()
    assert one.tasks.shutdown()
    assert one.service.fetching == set()
    assert [one.service.state(number) for number in (1, 2, 3, 4)] == [
        DownloadState.WAITING,
        DownloadState.PAUSED,
        DownloadState.WAITING,
        DownloadState.WAITING,
    ]


def test_a_list_that_cannot_be_read_is_told(run: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    service = FakeDownloads()

    def refuse() -> tuple[Download, ...]:
        raise InglenookError("Another Inglenook has the list.")

    monkeypatch.setattr(service, "startable", refuse)
    one = run(service)
    one.wait(lambda: one.failed == ["Another Inglenook has the list."])


def test_what_cannot_even_begin_is_not_tried_for_ever(run: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    service = FakeDownloads(a_download(1))
    tries: list[int] = []

    def fetch(download_id: int, _cancel: CancelToken) -> Iterator[DownloadProgress]:
        tries.append(download_id)
        return iter(())

    monkeypatch.setattr(service, "fetch", fetch)
    one = run(service)
    one.wait(lambda: bool(tries))
    one.wait(lambda: not one.tasks.is_busy)
    assert tries == [1]
    one.runner.resume(1)
    one.wait(lambda: tries == [1, 1])
    one.wait(lambda: not one.tasks.is_busy)
    assert one.stopped == []


def test_what_another_program_fetches_is_no_news(run: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    service = FakeDownloads(a_download(1))
    held = a_download(1, state=DownloadState.RUNNING, sentence="The terminal is fetching this already.")
    monkeypatch.setattr(service, "fetch", lambda _id, _cancel: iter([DownloadProgress(held)]))
    one = run(service)
    one.wait(lambda: bool(one.progress))
    one.wait(lambda: not one.tasks.is_busy)
    assert one.stopped == []
    assert not one.runner.is_online
