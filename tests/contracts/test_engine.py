"""What every engine promises, asked of the fake and of the real one alike."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.cancel import CancelToken
from app.core.conversation import Role
from app.core.errors import CancelledError, NoModelError, OutputFormatError, PromptTooLongError
from app.core.generation import (
    Chunk,
    Finished,
    OutputFormat,
    OutputKind,
    PromptProgress,
    SamplingParameters,
    StopReason,
)
from app.core.prompt import GenerationRequest, PromptMessage
from app.engine.base import Engine
from app.engine.fake import FakeEngine, FakeScript
from app.engine.llama import LlamaEngine
from tests.included import INCLUDED_MODEL, included_parameters

GREEDY = SamplingParameters(temperature=0.0, max_tokens=24)
STORY = [PromptMessage(Role.USER, "Tell me a long story about a river.")]
WORDS = "once upon a time there was a river that ran past an old mill and the children watched the boats go by all day"


def request(messages: list[PromptMessage], sampling: SamplingParameters) -> GenerationRequest:
    return GenerationRequest(tuple(messages), sampling)


def make_engine(kind: str) -> Engine:
    return LlamaEngine() if kind == "llama" else FakeEngine(FakeScript(reply=f"{WORDS}. {WORDS}."))


@pytest.fixture(params=["fake", pytest.param("llama", marks=pytest.mark.real_model)])
def unloaded(request: pytest.FixtureRequest) -> Iterator[Engine]:
    engine = make_engine(request.param)
    yield engine
    engine.unload()


@pytest.fixture
def engine(unloaded: Engine) -> Engine:
    unloaded.load(included_parameters(), CancelToken(), lambda _: None)
    return unloaded


def test_a_loaded_model_tells_what_memory_it_takes(engine: Engine) -> None:
    assert engine.model is not None
    memory = engine.model.memory
    assert memory is not None
    assert memory.devices[0].device == "CPU"
    assert memory.weights_bytes >= 0.98 * INCLUDED_MODEL.stat().st_size


def complete(
    engine: Engine, messages: list[PromptMessage], sampling: SamplingParameters = GREEDY
) -> tuple[str, Finished]:
    *before, last = engine.generate(request(messages, sampling), CancelToken())
    assert isinstance(last, Finished)
    return "".join(e.text for e in before if isinstance(e, Chunk)), last


def test_loading_reports_progress_up_to_one_and_describes_the_model(unloaded: Engine) -> None:
    fractions: list[float] = []
    info = unloaded.load(included_parameters(), CancelToken(), fractions.append)
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert len(fractions) > 2
    assert unloaded.model == info
    assert info.path == INCLUDED_MODEL
    assert info.size_bytes == INCLUDED_MODEL.stat().st_size
    assert info.context_length == 4096


def test_cancelled_loading_leaves_nothing_loaded(unloaded: Engine) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        unloaded.load(included_parameters(), cancel, lambda _: None)
    assert unloaded.model is None


def test_without_a_model_it_refuses(unloaded: Engine) -> None:
    with pytest.raises(NoModelError):
        list(unloaded.generate(request(STORY, GREEDY), CancelToken()))
    with pytest.raises(NoModelError):
        unloaded.count_prompt_tokens(STORY)


def test_unloading_twice_is_harmless_and_loading_again_works(engine: Engine) -> None:
    engine.unload()
    engine.unload()
    assert engine.model is None
    engine.load(included_parameters(), CancelToken(), lambda _: None)
    assert complete(engine, STORY)[0]


def test_events_come_in_order_and_end_with_one_finished(engine: Engine) -> None:
    events = list(engine.generate(request(STORY, GREEDY), CancelToken()))
    kinds = [type(event) for event in events]
    assert kinds.index(Chunk) == kinds.count(PromptProgress), "prompt progress comes before the first chunk"
    assert kinds.count(Finished) == 1
    assert kinds[-1] is Finished
    counts = [event.completion_tokens for event in events if isinstance(event, Chunk)]
    assert counts == sorted(counts)


def test_max_tokens_ends_the_answer_and_the_figures_agree(engine: Engine) -> None:
    _, finished = complete(engine, STORY, replace(GREEDY, max_tokens=7))
    figures = finished.statistics
    assert finished.stop_reason is StopReason.MAX_TOKENS
    assert figures.completion_tokens == 7
    assert figures.prompt_tokens == engine.count_prompt_tokens(STORY)
    assert 0 <= figures.reused_tokens < figures.prompt_tokens
    assert figures.time_to_first_token > 0
    assert figures.generation_seconds > 0
    assert figures.tokens_per_second == pytest.approx(6 / figures.generation_seconds)


def test_the_same_question_gives_the_same_greedy_answer_from_cold_and_from_the_cache(engine: Engine) -> None:
    cold, first = complete(engine, STORY)
    warm, second = complete(engine, STORY)
    assert cold == warm
    assert first.statistics.reused_tokens == 0
    assert second.statistics.reused_tokens == second.statistics.prompt_tokens - 1


def test_a_next_turn_reuses_what_was_read_before(engine: Engine) -> None:
    answer, first = complete(engine, STORY)
    turns = [*STORY, PromptMessage(Role.ASSISTANT, answer), PromptMessage(Role.USER, "Go on.")]
    _, second = complete(engine, turns)
    assert second.statistics.reused_tokens >= first.statistics.prompt_tokens - 1


def test_progress_says_what_is_new_and_what_was_reused(engine: Engine) -> None:
    for _ in range(2):
        events = list(engine.generate(request(STORY, GREEDY), CancelToken()))
        progress = [event for event in events if isinstance(event, PromptProgress)][-1]
        finished = events[-1]
        assert isinstance(finished, Finished)
        assert progress.evaluated == progress.total
        assert progress.reused == finished.statistics.reused_tokens
        assert progress.reused + progress.total == finished.statistics.prompt_tokens
    assert progress.reused > 0


def test_a_stop_string_ends_the_answer_before_it(engine: Engine) -> None:
    whole, _ = complete(engine, STORY)
    stop = whole.split()[3]
    text, finished = complete(engine, STORY, replace(GREEDY, stop=(stop,)))
    assert finished.stop_reason is StopReason.STOP_STRING
    assert stop not in text
    assert whole.startswith(text)


def test_cancelling_between_tokens_keeps_what_was_written(engine: Engine) -> None:
    cancel = CancelToken()
    chunks = 0
    last: object = None
    for event in engine.generate(request(STORY, replace(GREEDY, max_tokens=200)), cancel):
        last = event
        if isinstance(event, Chunk):
            chunks += 1
            if chunks == 5:
                cancel.cancel()
    assert isinstance(last, Finished)
    assert last.stop_reason is StopReason.CANCELLED
    assert last.statistics.completion_tokens == chunks == 5


def test_after_a_cancel_the_answer_is_the_same_as_from_cold(engine: Engine) -> None:
    cold, _ = complete(engine, STORY)
    cancel = CancelToken()
    for event in engine.generate(request(STORY, GREEDY), cancel):
        if isinstance(event, Chunk):
            cancel.cancel()
    assert complete(engine, STORY)[0] == cold


def test_cancelling_in_the_prompt_stops_between_batches(engine: Engine) -> None:
    long = [PromptMessage(Role.USER, "word " * 2000)]
    cancel = CancelToken()
    events = []
    for event in engine.generate(request(long, GREEDY), cancel):
        events.append(event)
        cancel.cancel()
    assert [type(event) for event in events] == [PromptProgress, Finished]
    assert isinstance(events[-1], Finished)
    assert events[-1].stop_reason is StopReason.CANCELLED
    assert events[-1].statistics.completion_tokens == 0


def test_an_abandoned_answer_leaves_the_engine_usable(engine: Engine) -> None:
    cold, _ = complete(engine, STORY)
    generation = engine.generate(request(STORY, GREEDY), CancelToken())
    while not isinstance(next(generation), Chunk):
        pass
    del generation
    assert complete(engine, STORY)[0] == cold


def test_a_prompt_longer_than_the_context_is_refused_with_a_sentence(engine: Engine) -> None:
    with pytest.raises(PromptTooLongError, match="context"):
        list(engine.generate(request([PromptMessage(Role.USER, "word " * 5000)], GREEDY), CancelToken()))
    assert complete(engine, STORY)[0]


def test_a_full_context_ends_the_answer(unloaded: Engine) -> None:
    unloaded.load(replace(included_parameters(), context_length=256), CancelToken(), lambda _: None)
    assert unloaded.model is not None
    context = unloaded.model.context_length
    words = context
    while (
        unloaded.count_prompt_tokens(counting := [PromptMessage(Role.USER, "Count on: one two " * words)])
        > context - 10
    ):
        words -= 1
    _, finished = complete(unloaded, counting, SamplingParameters(temperature=0.0))
    assert finished.stop_reason is StopReason.CONTEXT_FULL
    total = finished.statistics.prompt_tokens + finished.statistics.completion_tokens
    assert context <= total <= context + 1, "the last token needs no room: nothing is drawn after it"


def test_a_seed_makes_an_answer_repeatable(engine: Engine) -> None:
    sampling = SamplingParameters(temperature=1.5, seed=7, max_tokens=16)
    assert complete(engine, STORY, sampling)[0] == complete(engine, STORY, sampling)[0]


@pytest.mark.real_model
def test_the_real_engine_is_owned_by_one_thread() -> None:
    engine = LlamaEngine()
    engine.load(included_parameters(), CancelToken(), lambda _: None)
    caught: list[BaseException] = []

    def use() -> None:
        try:
            engine.count_prompt_tokens(STORY)
        except RuntimeError as error:
            caught.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    engine.unload()
    assert len(caught) == 1


def test_the_fake_fails_on_demand(tmp_path: Path) -> None:
    from app.core.errors import GenerationError, ModelLoadError

    failing = FakeEngine(FakeScript(load_error="No memory."))
    with pytest.raises(ModelLoadError, match="No memory"):
        failing.load(included_parameters(), CancelToken(), lambda _: None)
    broken = FakeEngine(FakeScript(error_after_tokens=2, reply="one two three"))
    broken.load(included_parameters(), CancelToken(), lambda _: None)
    with pytest.raises(GenerationError):
        list(broken.generate(request(STORY, GREEDY), CancelToken()))


def test_a_form_that_no_answer_can_be_given_is_refused_with_its_place_without_a_model(unloaded: Engine) -> None:
    unloaded.check_output(OutputFormat())
    unloaded.check_output(OutputFormat(OutputKind.GRAMMAR, 'root ::= "yes" | "no"'))
    with pytest.raises(OutputFormatError, match="line 1, column 10"):
        unloaded.check_output(OutputFormat(OutputKind.GRAMMAR, 'root ::= ("yes"'))
