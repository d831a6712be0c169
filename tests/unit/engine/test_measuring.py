"""Speed tests on the included model: what they time, what they leave in the cache, and how they are stopped."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import llama_cpp.llama_cpp as llama
import pytest

from app.core.cancel import CancelToken
from app.core.errors import CancelledError, PromptTooLongError
from app.core.speed import SpeedTest
from app.engine.instance import ModelInstance
from app.engine.measuring import measure
from tests.included import included_parameters

pytestmark = pytest.mark.real_model

READING = SpeedTest("pp", "Reading", 40, 0)
WRITING = SpeedTest("tg", "Writing", 0, 6)
Run = Callable[[SpeedTest], "Counting"]
TASK = SpeedTest("task", "Task", 40, 6, is_task=True)


@pytest.fixture(scope="module")
def instance() -> Iterator[ModelInstance]:
    # One thread: two would wait for one another whenever something else runs on the test's computer.
    parameters = replace(included_parameters(), context_length=256, threads=1)
    loaded = ModelInstance(parameters, CancelToken(), lambda _: None)
    yield loaded
    loaded.close()


class Counting:
    """Counts what a context is given to do, and may cancel after so many single tokens; the work is the real one's."""

    def __init__(self, instance: ModelInstance, monkeypatch: pytest.MonkeyPatch, cancel_after: int = 10_000) -> None:
        self.read: list[int] = []
        self.advanced = 0
        self.sampled = 0
        self.cancel = CancelToken()
        live = instance.live
        read, advance, sample = live.read, live.advance, llama.llama_sampler_sample

        def count_read(tokens: Sequence[int], cancel: CancelToken) -> Iterator[int]:
            self.read.append(len(tokens))
            return read(tokens, cancel)

        def count_advance(token: int) -> bool:
            self.advanced += 1
            if self.advanced == cancel_after:
                self.cancel.cancel()
            return advance(token)

        def count_sample(*arguments: object) -> int:
            self.sampled += 1
            return int(sample(*arguments))

        monkeypatch.setattr(live, "read", count_read)
        monkeypatch.setattr(live, "advance", count_advance)
        monkeypatch.setattr(llama, "llama_sampler_sample", count_sample)


@pytest.fixture
def run(instance: ModelInstance, monkeypatch: pytest.MonkeyPatch) -> Callable[[SpeedTest], Counting]:
    def run_counting(test: SpeedTest) -> Counting:
        with monkeypatch.context() as patch:
            counting = Counting(instance, patch)
            assert measure(instance, test, counting.cancel).total_seconds > 0
        return counting

    return run_counting


def test_reading_evaluates_the_prompt_and_nothing_else(instance: ModelInstance, run: Run) -> None:
    sample = measure(instance, READING, CancelToken())
    assert sample.prompt_seconds == sample.first_token_seconds == sample.total_seconds > 0
    counting = run(READING)
    assert (sum(counting.read), counting.advanced, counting.sampled) == (40, 0, 0)


def test_writing_decodes_once_for_each_token_and_never_samples(instance: ModelInstance, run: Run) -> None:
    sample = measure(instance, WRITING, CancelToken())
    assert 0 <= sample.prompt_seconds < sample.first_token_seconds < sample.total_seconds
    counting = run(WRITING)
    assert (sum(counting.read), counting.advanced, counting.sampled) == (0, 6, 0)


def test_a_task_draws_every_token_and_decodes_all_but_the_last(instance: ModelInstance, run: Run) -> None:
    sample = measure(instance, TASK, CancelToken())
    assert 0 < sample.prompt_seconds < sample.first_token_seconds < sample.total_seconds
    counting = run(TASK)
    assert (sum(counting.read), counting.advanced, counting.sampled) == (40, 5, 6)


def test_depth_is_filled_first_and_kept_for_the_next_test_of_that_depth(instance: ModelInstance, run: Run) -> None:
    measure(instance, TASK, CancelToken())
    assert len(instance.live.cached) == 0
    deep = replace(WRITING, depth=100)
    assert run(deep).read == [100, 0]
    assert len(instance.live.cached) == 100
    assert run(replace(READING, depth=100)).read == [0, 40]
    assert len(instance.live.cached) == 100
    assert run(READING).read == [0, 40]
    assert len(instance.live.cached) == 0


def test_a_conversation_in_the_cache_changes_nothing(instance: ModelInstance, run: Run) -> None:
    list(instance.live.read(list(range(1000, 1100)), CancelToken()))
    assert run(READING).read == [0, 40]
    assert len(instance.live.cached) == 0


def test_a_test_that_fills_the_context_to_the_last_token_runs_and_a_longer_one_is_refused(
    instance: ModelInstance,
) -> None:
    full = SpeedTest("full", "Full", 248, 8, is_task=True)
    assert measure(instance, full, CancelToken()).total_seconds > 0
    with pytest.raises(PromptTooLongError, match="257 tokens"):
        measure(instance, replace(full, completion_tokens=9), CancelToken())


def test_it_stops_in_mid_writing_and_before_reading(instance: ModelInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        counting = Counting(instance, patch, cancel_after=3)
        with pytest.raises(CancelledError):
            measure(instance, WRITING, counting.cancel)
    assert counting.advanced == 3
    assert len(instance.live.cached) == 0
    with pytest.raises(CancelledError):
        measure(instance, READING, counting.cancel)
    assert measure(instance, TASK, CancelToken()).total_seconds > 0
