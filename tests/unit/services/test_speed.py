"""What a speed report runs, how often, in which context, and what it leaves behind."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.core.cancel import CancelToken
from app.core.errors import DiskFullError, ModelLoadError, NoModelError
from app.core.speed import STANDARD_TESTS, SpeedTest
from app.services.models import ModelService
from app.services.speed import SpeedService
from app.services.speed_events import (
    SpeedEvent,
    SpeedModelLoading,
    SpeedReportDone,
    SpeedRunDone,
    SpeedTestDone,
    SpeedTestStarted,
)
from app.services.speed_text import report_from
from tests.included import catalog, model_service
from tests.unit.services.conftest import Parts
from tests.unit.services.speed_engine import ReportShelf, SpeedEngine

SHORT = [test for test in STANDARD_TESTS if test.name in ("pp512", "tg128")]


@dataclass
class Bench:
    """One speed service with its parts."""

    engine: SpeedEngine
    models: ModelService
    shelf: ReportShelf
    speed: SpeedService

    def run(self, tests: Sequence[SpeedTest] = STANDARD_TESTS, runs: int = 3, **options: bool) -> list[SpeedEvent]:
        return list(self.speed.run(tests, runs, CancelToken(), **options))


@pytest.fixture
def make_bench(parts: Parts) -> Callable[[SpeedEngine], Bench]:
    def make(engine: SpeedEngine) -> Bench:
        models = model_service(engine, parts.machine)
        models.load(None, CancelToken(), lambda _: None)
        shelf = ReportShelf(parts.machine)
        return Bench(engine, models, shelf, SpeedService(engine, models, shelf))

    return make


def report_of(events: Sequence[SpeedEvent]) -> SpeedReportDone:
    last = events[-1]
    assert isinstance(last, SpeedReportDone)
    return last


def test_every_test_is_run_and_told_in_order(make_bench: Callable[[SpeedEngine], Bench]) -> None:
    events = make_bench(SpeedEngine()).run()
    started = [event for event in events if isinstance(event, SpeedTestStarted)]
    assert [event.test.name for event in started] == [test.name for test in STANDARD_TESTS]
    assert [(event.number, event.count) for event in started] == [(n, 9) for n in range(1, 10)]
    assert [event.seconds_left is None for event in started] == [True, True] + [False] * 7
    assert len([event for event in events if isinstance(event, SpeedRunDone)]) == 27
    results = [event.result for event in events if isinstance(event, SpeedTestDone)]
    done = report_of(events)
    assert done.complete
    assert list(done.report.results) == results
    assert {result.runs for result in results} == {3}


def test_the_model_gets_a_longer_context_and_is_put_back(make_bench: Callable[[SpeedEngine], Bench]) -> None:
    bench = make_bench(SpeedEngine(trained=8192))
    before = bench.engine.model
    events = bench.run()
    assert bench.engine.loads == [4096, 8192, 4096]
    assert events[0] == SpeedModelLoading(8192)
    assert bench.engine.model == before
    report = report_of(events).report
    assert report.model.load.context_length == 8192
    scaled = {result.test.name for result in report.results if result.test.scaled_from}
    assert scaled == {"multi_turn_chat"}


def test_a_model_whose_context_is_long_enough_stays_and_its_cache_is_emptied(
    make_bench: Callable[[SpeedEngine], Bench],
) -> None:
    bench = make_bench(SpeedEngine())
    bench.engine._cached = ["a", "conversation"]
    assert bench.speed.forgets_conversation
    bench.run(SHORT)
    assert bench.engine.loads == [4096]
    assert not bench.speed.forgets_conversation


def test_where_memory_is_too_short_the_tests_are_scaled(make_bench: Callable[[SpeedEngine], Bench]) -> None:
    bench = make_bench(SpeedEngine(trained=8192, most=4096))
    done = report_of(bench.run())
    assert bench.engine.loads == [4096, 8192, 4096]
    assert bench.engine.model is not None
    assert done.complete
    assert all(result.test.needed_tokens <= 4096 for result in done.report.results)


def test_the_command_line_does_not_wait_for_the_model_to_be_put_back(
    make_bench: Callable[[SpeedEngine], Bench],
) -> None:
    bench = make_bench(SpeedEngine())
    bench.run(restores=False)
    assert bench.engine.loads == [4096, 8192]


def test_a_long_test_is_run_once_unless_more_is_asked_for(make_bench: Callable[[SpeedEngine], Bench]) -> None:
    bench = make_bench(SpeedEngine(seconds={"document_summary": 25.0}))
    runs = {result.test.name: result.runs for result in report_of(bench.run()).report.results}
    assert runs.pop("document_summary") == 1
    assert set(runs.values()) == {3}
    again = report_of(bench.run(repeats_long=True)).report.results
    assert {result.runs for result in again} == {3}


def test_a_stopped_report_holds_what_there_is_and_is_not_kept(make_bench: Callable[[SpeedEngine], Bench]) -> None:
    bench = make_bench(SpeedEngine())
    bench.engine.cancel_at = "tg128"
    done = report_of(bench.run())
    assert not done.complete
    assert [(result.test.name, result.runs) for result in done.report.results] == [("pp512", 3), ("tg128", 1)]
    assert bench.shelf.kept == []
    assert bench.engine.loads == [4096, 8192, 4096], "the model is put back all the same"


def test_a_report_stopped_before_it_began_is_empty(make_bench: Callable[[SpeedEngine], Bench]) -> None:
    bench = make_bench(SpeedEngine())
    cancel = CancelToken()
    cancel.cancel()
    done = report_of(list(bench.speed.run(STANDARD_TESTS, 3, cancel)))
    assert (done.complete, done.report.results) == (False, ())
    assert bench.engine.model is not None


def test_a_reader_that_goes_away_leaves_the_model_as_it_was(make_bench: Callable[[SpeedEngine], Bench]) -> None:
    bench = make_bench(SpeedEngine())
    before = bench.engine.model
    events = bench.speed.run(STANDARD_TESTS, 3, CancelToken())
    while not isinstance(next(events), SpeedTestDone):
        pass
    events.close()  # type: ignore[attr-defined]  # a generator, which Iterator does not say
    assert bench.engine.model == before


def test_a_model_that_cannot_be_put_back_is_given_up(make_bench: Callable[[SpeedEngine], Bench]) -> None:
    bench = make_bench(SpeedEngine())
    events = bench.speed.run(STANDARD_TESTS, 3, CancelToken())
    while not isinstance(next(events), SpeedTestDone):
        pass
    bench.engine.most = 0
    with pytest.raises(ModelLoadError):
        list(events)
    assert bench.models.current is None


def test_a_complete_report_is_kept_with_machine_model_and_engine(make_bench: Callable[[SpeedEngine], Bench]) -> None:
    bench = make_bench(SpeedEngine())
    report = report_of(bench.run(SHORT)).report
    (kept,) = bench.shelf.kept
    assert (kept.model_name, kept.sha256) == ("SmolLM2 135M", catalog().included.sha256)
    assert report_from(kept.report) == report
    (earlier,) = bench.speed.earlier()
    assert earlier.report == report
    assert report.machine.processor == "A pretended processor"
    assert report.machine.cores >= 1
    assert report.machine.memory_bytes > 10**8
    assert report.machine.system
    assert report.model.file_name == catalog().included.file_name
    assert (report.engine.name, report.engine.version) == ("llama-cpp-python", "0.3.36")


def test_the_next_report_knows_how_long_the_last_one_took(make_bench: Callable[[SpeedEngine], Bench]) -> None:
    bench = make_bench(SpeedEngine())
    assert bench.speed.estimated_seconds([]) is None
    report = report_of(bench.run(SHORT)).report
    estimate = bench.speed.estimated_seconds([report], SHORT)
    assert estimate == pytest.approx(3 + 3), "both took a second, three times"


@pytest.mark.expects_log_records
def test_a_report_that_cannot_be_kept_is_given_all_the_same(make_bench: Callable[[SpeedEngine], Bench]) -> None:
    bench = make_bench(SpeedEngine())
    bench.shelf.error = DiskFullError("The disk is full.")
    done = report_of(bench.run(SHORT))
    assert done.complete
    assert done.failure is bench.shelf.error
    assert len(done.report.results) == 2


def test_an_unknown_models_checksum_is_worked_out(parts: Parts, tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    other.write_bytes(b"GGUF")
    engine = SpeedEngine()
    models = model_service(engine, parts.machine)
    models.load(other, CancelToken(), lambda _: None)
    done = report_of(list(SpeedService(engine, models, ReportShelf(parts.machine)).run(SHORT, 1, CancelToken())))
    assert done.report.model.name == "other"
    assert done.report.model.sha256 == hashlib.sha256(b"GGUF").hexdigest()


def test_without_a_model_nothing_is_measured(parts: Parts) -> None:
    parts.models.unload()
    speed = SpeedService(parts.engine, parts.models, ReportShelf(parts.machine))
    with pytest.raises(NoModelError):
        list(speed.run(STANDARD_TESTS, 3, CancelToken()))


def test_stored_reports_that_cannot_be_understood_are_left_out(make_bench: Callable[[SpeedEngine], Bench]) -> None:
    bench = make_bench(SpeedEngine())
    bench.run(SHORT)
    for text in ("", "[]", "{}", '{"machine": 3}', bench.shelf.kept[0].report.replace('"f16"', '"f99"')):
        bench.shelf.add("A later version's", "", text)
    assert len(bench.speed.earlier()) == 1
