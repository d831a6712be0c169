"""The bridge between threads and widgets: order, threads, endings, cancelling, and rest."""

import gc
import threading
import time
import weakref
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.core.cancel import CancelToken
from app.core.errors import CancelledError, InglenookError, ModelFileError
from app.ui import tasks as tasks_module
from app.ui.tasks import DELIVERY_MILLISECONDS, Emit, Lane, Outcome, Tasks, Work


class Heard:
    """Everything that a task told, in order, and the threads on which it was told."""

    def __init__(self) -> None:
        self.news: list[object] = []
        self.threads: set[threading.Thread] = set()

    def hear(self, news: object) -> None:
        self.threads.add(threading.current_thread())
        self.news.append(news)


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[Tasks]:
    made = Tasks()
    yield made
    assert made.shutdown()


def count_to_three(emit: Emit[int], _cancel: CancelToken) -> None:
    for number in (1, 2, 3):
        emit(number)


def test_events_arrive_in_order_and_before_the_end(tasks: Tasks, qtbot: QtBot) -> None:
    heard = Heard()
    tasks.run(Lane.ENGINE, count_to_three, heard.hear, heard.hear, heard.hear)
    qtbot.waitUntil(lambda: not tasks.is_busy)
    assert heard.news == [1, 2, 3, Outcome.COMPLETED]


def test_news_come_less_often_while_each_of_them_is_dear(tasks: Tasks, qtbot: QtBot) -> None:
    enough = threading.Event()

    def work(emit: Emit[int], cancel: CancelToken) -> None:
        while not enough.is_set():
            emit(1)
            cancel.wait(0.02)

    def take_time(_news: int) -> None:
        begun = time.thread_time()
        while time.thread_time() - begun < 0.01:
            pass
        if tasks.delivery_milliseconds > 2 * DELIVERY_MILLISECONDS:
            enough.set()

    tasks.run(Lane.ENGINE, work, take_time, lambda _: None, lambda _: None)
    assert tasks.delivery_milliseconds == DELIVERY_MILLISECONDS
    qtbot.waitUntil(lambda: not tasks.is_busy)
    assert enough.is_set()
    tasks.run(Lane.ENGINE, count_to_three, lambda _: None, lambda _: None, lambda _: None)
    assert tasks.delivery_milliseconds == DELIVERY_MILLISECONDS, "another task begins anew"
    qtbot.waitUntil(lambda: not tasks.is_busy)


def test_callbacks_run_on_the_main_thread_and_a_lane_is_one_other_thread(tasks: Tasks, qtbot: QtBot) -> None:
    heard = Heard()
    workers: list[threading.Thread] = []

    def work(emit: Emit[int], _cancel: CancelToken) -> None:
        workers.append(threading.current_thread())
        emit(1)

    for _ in range(2):
        tasks.run(Lane.ENGINE, work, heard.hear, heard.hear, heard.hear)
    tasks.run(Lane.NETWORK, work, heard.hear, heard.hear, heard.hear)
    qtbot.waitUntil(lambda: not tasks.is_busy)
    assert heard.threads == {threading.main_thread()}
    assert workers[0] is not threading.main_thread()
    assert len(set(workers)) == 2


def test_downloads_run_three_at_once_and_the_next_when_one_has_ended(tasks: Tasks, qtbot: QtBot) -> None:
    begun: list[int] = []
    ends = [threading.Event() for _ in range(5)]
    heard = Heard()

    def work_of(number: int) -> Work[int]:
        def work(_emit: Emit[int], cancel: CancelToken) -> None:
            begun.append(number)
            while not (ends[number].is_set() or cancel.wait(0.005)):
                pass

        return work

    made = [tasks.run(Lane.DOWNLOADS, work_of(n), heard.hear, heard.hear, heard.hear) for n in range(5)]
    qtbot.waitUntil(lambda: sorted(begun) == [0, 1, 2])
    made[3].cancel()
    qtbot.waitUntil(lambda: heard.news == [Outcome.CANCELLED])
    ends[1].set()
    qtbot.waitUntil(lambda: begun[3:] == [4])
    for end in ends:
        end.set()
    qtbot.waitUntil(lambda: not tasks.is_busy)
    assert heard.news.count(Outcome.COMPLETED) == 4


def test_what_takes_hours_does_not_keep_the_collector_from_its_work(
    tasks: Tasks, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks_module, "_COLLECT_SECONDS", 0.0)

    class Ring:
        def __init__(self) -> None:
            self.me = self

    def work(_emit: Emit[int], cancel: CancelToken) -> None:
        cancel.wait(10)

    task = tasks.run(Lane.DOWNLOADS, work, *[lambda _: None] * 3)
    ring = weakref.ref(Ring())
    assert not gc.isenabled()
    qtbot.waitUntil(lambda: ring() is None)
    task.cancel()
    qtbot.waitUntil(lambda: not tasks.is_busy)


def test_no_thread_before_there_is_work(qtbot: QtBot) -> None:
    before = threading.active_count()
    tasks = Tasks()
    assert threading.active_count() == before
    assert tasks.shutdown()


def test_a_known_error_reaches_on_failed(tasks: Tasks, qtbot: QtBot) -> None:
    failed: list[InglenookError] = []

    def work(_emit: Emit[int], _cancel: CancelToken) -> None:
        raise ModelFileError("The file is gone.")

    tasks.run(Lane.ENGINE, work, lambda _: None, lambda _: None, failed.append)
    qtbot.waitUntil(lambda: not tasks.is_busy)
    assert [error.sentence for error in failed] == ["The file is gone."]


@pytest.mark.expects_log_records
def test_an_unknown_error_is_failed_and_crashed_and_the_lane_goes_on(tasks: Tasks, qtbot: QtBot) -> None:
    heard = Heard()

    def work(_emit: Emit[int], _cancel: CancelToken) -> None:
        raise ZeroDivisionError("nobody thought of this")

    with qtbot.waitSignal(tasks.crashed) as crashed:
        tasks.run(Lane.ENGINE, work, heard.hear, heard.hear, heard.hear)
    assert isinstance(heard.news[0], InglenookError)
    assert "nobody thought of this" in crashed.args[0]
    tasks.run(Lane.ENGINE, count_to_three, heard.hear, heard.hear, heard.hear)
    qtbot.waitUntil(lambda: not tasks.is_busy)
    assert heard.news[-1] is Outcome.COMPLETED


def test_a_running_task_is_cancelled_by_its_token(tasks: Tasks, qtbot: QtBot) -> None:
    heard = Heard()

    def work(emit: Emit[str], cancel: CancelToken) -> None:
        emit("begun")
        cancel.wait(10)
        raise CancelledError

    task = tasks.run(Lane.ENGINE, work, heard.hear, heard.hear, heard.hear)
    qtbot.waitUntil(lambda: heard.news == ["begun"])
    task.cancel()
    qtbot.waitUntil(lambda: not tasks.is_busy)
    assert heard.news == ["begun", Outcome.CANCELLED]


def test_a_waiting_task_ends_at_once_and_never_runs(tasks: Tasks, qtbot: QtBot) -> None:
    release = threading.Event()
    heard, ran = Heard(), Heard()

    def long(_emit: Emit[int], _cancel: CancelToken) -> None:
        release.wait(10)

    tasks.run(Lane.ENGINE, long, *[lambda _: None] * 3)
    second = tasks.run(Lane.ENGINE, count_to_three, ran.hear, heard.hear, heard.hear)
    second.cancel()
    qtbot.waitUntil(lambda: heard.news == [Outcome.CANCELLED], timeout=2000)
    assert tasks.is_busy, "the first one still runs"
    release.set()
    qtbot.waitUntil(lambda: not tasks.is_busy)
    assert ran.news == []


def test_collection_rests_while_something_is_under_way(tasks: Tasks, qtbot: QtBot) -> None:
    seen: list[bool] = []

    def work(_emit: Emit[int], _cancel: CancelToken) -> None:
        seen.append(gc.isenabled())

    def again(_outcome: Outcome) -> None:
        if len(seen) < 2:
            tasks.run(Lane.ENGINE, work, lambda _: None, again, lambda _: None)

    assert gc.isenabled()
    again(Outcome.COMPLETED)
    qtbot.waitUntil(lambda: not tasks.is_busy and len(seen) == 2)
    assert seen == [False, False]
    qtbot.waitUntil(gc.isenabled)


def test_a_callback_that_raises_does_not_take_the_others_news_with_it(tasks: Tasks, qtbot: QtBot) -> None:
    heard = Heard()

    def on_event(number: int) -> None:
        heard.hear(number)
        if number == 2:
            raise RuntimeError("a fault in a slot")

    with qtbot.captureExceptions() as caught:
        tasks.run(Lane.ENGINE, count_to_three, on_event, heard.hear, heard.hear)
        qtbot.waitUntil(lambda: not tasks.is_busy)
    assert heard.news == [1, 2, 3, Outcome.COMPLETED]
    assert len(caught) == 1


def test_shutdown_cancels_and_runs_the_last_step_on_the_engine_lane(qtbot: QtBot) -> None:
    tasks = Tasks()
    threads: list[threading.Thread] = []
    delivered = Heard()

    def work(_emit: Emit[int], cancel: CancelToken) -> None:
        threads.append(threading.current_thread())
        cancel.wait(10)

    tasks.run(Lane.ENGINE, work, *[delivered.hear] * 3)
    qtbot.waitUntil(lambda: bool(threads))
    assert tasks.shutdown(lambda: threads.append(threading.current_thread()))
    assert threads[0] is threads[1]
    assert not threads[0].is_alive()
    qtbot.wait(100)
    assert delivered.news == [], "nothing is delivered to a window that is going away"


@pytest.mark.expects_log_records
@pytest.mark.expects_threads
def test_shutdown_does_not_wait_for_ever(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    tasks, begun, release = Tasks(), threading.Event(), threading.Event()

    def stubborn(_emit: Emit[int], _cancel: CancelToken) -> None:
        begun.set()
        release.wait(10)

    tasks.run(Lane.ENGINE, stubborn, *[lambda _: None] * 3)
    assert begun.wait(5)
    assert not tasks.shutdown(seconds=0.1)
    assert "did not end" in caplog.text
    release.set()


def test_after_the_shutdown_nothing_begins(tasks: Tasks) -> None:
    begun: list[str] = []
    assert tasks.shutdown()

    def work(_emit: Emit[int], _cancel: CancelToken) -> None:
        begun.append("late")

    late = tasks.run(Lane.SIDE, work, *[lambda _: begun.append("told")] * 3)
    assert late.token.cancelled
    assert not tasks.is_busy
    assert not any(thread.name.startswith("inglenook-side") for thread in threading.enumerate())
    assert begun == []
