"""Stopping the real engine: at once, in the middle of whatever it does, and with a cache that holds what it says."""

import threading
import time
from collections.abc import Callable

import pytest

from app.core.cancel import CancelToken
from app.core.conversation import Role
from app.core.errors import CancelledError
from app.core.generation import Finished, PromptProgress, SamplingParameters, StopReason
from app.core.prompt import PromptMessage
from app.engine.llama import LlamaEngine
from tests.contracts.conftest import GREEDY, Open, complete, request_for
from tests.included import included_parameters

pytestmark = pytest.mark.real_model

LONG = (PromptMessage(Role.USER, "The river ran past the old mill and the boats went by. " * 280),)
GENEROUS_SECONDS = 5.0  # for a machine that is busy with other things; the benchmark measures the real figure


class Canceller:
    """Cancels a token from another thread, and says how long the engine took to answer."""

    def __init__(self, token: CancelToken, after: float) -> None:
        self._token = token
        self._thread = threading.Timer(after, self._cancel)
        self.at = 0.0
        self._thread.start()

    def _cancel(self) -> None:
        self.at = time.perf_counter()
        self._token.cancel()

    def seconds_since(self) -> float:
        self._thread.join()
        return time.perf_counter() - self.at


@pytest.mark.parametrize("after", [0.01, 0.05, 0.2])
def test_a_prompt_is_stopped_in_the_middle_of_a_batch(open_model: Open, after: float) -> None:
    """A batch takes far longer than `after`: without the abort callback the whole batch would be waited for."""
    engine = open_model(batch_tokens=4096)
    token = CancelToken()
    canceller = Canceller(token, after)
    events = list(engine.generate(request_for(LONG), token))
    assert canceller.seconds_since() < GENEROUS_SECONDS
    assert [type(event) for event in events] == [Finished]
    assert isinstance(events[0], Finished)
    assert events[0].stop_reason is StopReason.CANCELLED
    assert engine.cached_tokens == 0


def test_after_a_stop_in_the_prompt_the_answer_is_that_from_cold(open_model: Open) -> None:
    engine = open_model(context_length=1024)
    messages = (PromptMessage(Role.USER, LONG[0].text[:2500]),)
    cold, _ = complete(engine, request_for(messages))
    engine.clear_cache()
    token = CancelToken()
    events = []
    for event in engine.generate(request_for(messages), token):
        events.append(event)
        if isinstance(event, PromptProgress):
            threading.Timer(0.02, token.cancel).start()
    assert [type(event) for event in events] == [PromptProgress, Finished], "the second batch was not read to its end"
    assert isinstance(events[-1], Finished)
    assert events[-1].stop_reason is StopReason.CANCELLED
    assert engine.cached_tokens == 512
    warm, finished = complete(engine, request_for(messages))
    assert warm == cold
    assert finished.statistics.prompt_tokens > 512
    assert finished.statistics.reused_tokens == 512


def test_a_stop_in_the_middle_of_a_token_ends_the_answer(open_model: Open) -> None:
    engine = open_model()
    cold, _ = complete(engine, request_for())
    assert engine._instance is not None
    context, token = engine._instance.live, CancelToken()
    advance, advances = context.advance, list[bool]()

    def cancelling(number: int) -> bool:
        if len(advances) == 5:
            token.cancel()  # the flag is up before llama.cpp begins: it stops at the first node that it asks at
        advances.append(advance(number))
        return advances[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(context, "advance", cancelling)
        events = list(engine.generate(request_for(sampling=SamplingParameters(temperature=0.0)), token))
    assert advances == [True] * 5 + [False], "the decode under way was aborted"
    last = events[-1]
    assert isinstance(last, Finished)
    assert last.stop_reason is StopReason.CANCELLED
    assert last.statistics.completion_tokens == 6
    assert complete(engine, request_for())[0] == cold


def test_a_token_that_was_used_before_stops_nothing_later(open_model: Open) -> None:
    engine = open_model()
    token = CancelToken()
    token.cancel()
    cancelled = list(engine.generate(request_for(), token))
    assert [type(event) for event in cancelled] == [Finished]
    text, finished = complete(engine, request_for())
    assert text
    assert finished.stop_reason is StopReason.MAX_TOKENS
    assert finished.statistics.completion_tokens == GREEDY.max_tokens


@pytest.mark.parametrize("at", [0.0, 0.5])
def test_loading_stops_where_it_is(at: float) -> None:
    engine = LlamaEngine()
    token = CancelToken()

    def stop(fraction: float) -> None:
        if fraction >= at:
            token.cancel()

    with pytest.raises(CancelledError):
        engine.load(included_parameters(), token, stop)
    assert engine.model is None
    engine.load(included_parameters(), CancelToken(), lambda _: None)
    assert complete(engine, request_for())[0]
    engine.unload()


def test_cancelling_wakes_who_asked_to_be_woken() -> None:
    token = CancelToken()
    calls: list[str] = []
    call: Callable[[], None] = lambda: calls.append("woken")  # noqa: E731 (a name for a lambda reads best here)
    with token.calling(call):
        token.cancel()
    assert calls == ["woken"]
    with token.calling(call):
        assert calls == ["woken", "woken"], "a token that is cancelled already wakes at once"
    token.cancel()
    assert len(calls) == 2
