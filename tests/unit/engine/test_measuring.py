"""Speed tests on the included model: what they time, what they leave in the cache, and how they are stopped."""

from collections.abc import Iterator
from dataclasses import replace

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
TASK = SpeedTest("task", "Task", 40, 6, is_task=True)


@pytest.fixture(scope="module")
def instance() -> Iterator[ModelInstance]:
    # One thread: two would wait for one another whenever something else runs on the test's computer.
    parameters = replace(included_parameters(), context_length=256, threads=1)
    loaded = ModelInstance(parameters, CancelToken(), lambda _: None)
    yield loaded
    loaded.close()


class Counting:
    """A model that counts the tokens it is given; the work is the real one's."""

    def __init__(self, instance: ModelInstance, cancel_after: int = 10_000) -> None:
        self._instance = instance
        self.read_tokens: list[int] = []
        self.advanced = 0
        self.sampled = 0
        self.cancel = CancelToken()
        self._cancel_after = cancel_after

    def __getattr__(self, name: str) -> object:
        return getattr(self._instance, name)

    def read(self, tokens: list[int], cancel: CancelToken) -> Iterator[int]:
        self.read_tokens.append(len(tokens))
        return self._instance.read(tokens, cancel)

    def advance(self, token: int) -> None:
        self.advanced += 1
        if self.advanced == self._cancel_after:
            self.cancel.cancel()
        self._instance.advance(token)

    def sample(self, chain: object) -> int:
        self.sampled += 1
        return self._instance.sample(chain)


def run(instance: ModelInstance, test: SpeedTest) -> Counting:
    counting = Counting(instance)
    sample = measure(counting, test, counting.cancel)  # type: ignore[arg-type]  # it passes on what it does not count
    assert sample.total_seconds > 0
    return counting


def test_reading_evaluates_the_prompt_and_nothing_else(instance: ModelInstance) -> None:
    sample = measure(instance, READING, CancelToken())
    assert sample.prompt_seconds == sample.first_token_seconds == sample.total_seconds > 0
    counting = run(instance, READING)
    assert (sum(counting.read_tokens), counting.advanced, counting.sampled) == (40, 0, 0)


def test_writing_decodes_once_for_each_token_and_never_samples(instance: ModelInstance) -> None:
    sample = measure(instance, WRITING, CancelToken())
    assert 0 <= sample.prompt_seconds < sample.first_token_seconds < sample.total_seconds
    counting = run(instance, WRITING)
    assert (sum(counting.read_tokens), counting.advanced, counting.sampled) == (0, 6, 0)


def test_a_task_draws_every_token_and_decodes_all_but_the_last(instance: ModelInstance) -> None:
    sample = measure(instance, TASK, CancelToken())
    assert 0 < sample.prompt_seconds < sample.first_token_seconds < sample.total_seconds
    counting = run(instance, TASK)
    assert (sum(counting.read_tokens), counting.advanced, counting.sampled) == (40, 5, 6)


def test_depth_is_filled_first_and_kept_for_the_next_test_of_that_depth(instance: ModelInstance) -> None:
    measure(instance, TASK, CancelToken())
    assert len(instance.cached) == 0
    deep = replace(WRITING, depth=100)
    assert run(instance, deep).read_tokens == [100, 0]
    assert len(instance.cached) == 100
    assert run(instance, replace(READING, depth=100)).read_tokens == [0, 40]
    assert len(instance.cached) == 100
    assert run(instance, READING).read_tokens == [0, 40]
    assert len(instance.cached) == 0


def test_a_conversation_in_the_cache_changes_nothing(instance: ModelInstance) -> None:
    list(instance.read(list(range(1000, 1100)), CancelToken()))
    assert run(instance, READING).read_tokens == [0, 40]
    assert len(instance.cached) == 0


def test_a_test_that_fills_the_context_to_the_last_token_runs_and_a_longer_one_is_refused(
    instance: ModelInstance,
) -> None:
    full = SpeedTest("full", "Full", 248, 8, is_task=True)
    assert measure(instance, full, CancelToken()).total_seconds > 0
    with pytest.raises(PromptTooLongError, match="257 tokens"):
        measure(instance, replace(full, completion_tokens=9), CancelToken())


def test_it_stops_in_mid_writing_and_before_reading(instance: ModelInstance) -> None:
    counting = Counting(instance, cancel_after=3)
    with pytest.raises(CancelledError):
        measure(counting, WRITING, counting.cancel)  # type: ignore[arg-type]  # it passes on what it does not count
    assert counting.advanced == 3
    assert len(instance.cached) == 0
    with pytest.raises(CancelledError):
        measure(instance, READING, counting.cancel)
    assert measure(instance, TASK, CancelToken()).total_seconds > 0
