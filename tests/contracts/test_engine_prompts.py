"""How the real engine turns templates, reasoning, forms and full contexts into events."""

import json
from dataclasses import replace

import pytest

from app.core.cancel import CancelToken
from app.core.conversation import Role
from app.core.errors import OutputFormatError
from app.core.generation import (
    Chunk,
    ContextShifted,
    Finished,
    OutputFormat,
    OutputKind,
    PromptRepaired,
    ReasoningChunk,
    SamplingParameters,
    StopReason,
    TokenBias,
)
from app.core.model import KvCacheType, Speculation, TemplateSource
from app.core.prompt import PromptMessage
from tests.contracts.conftest import GREEDY, STORY, Open, complete, request_for

pytestmark = pytest.mark.real_model

NEVER_END = tuple(TokenBias(text, float("-inf")) for text in ("<|im_end|>", "<|endoftext|>"))
TURN = "<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n"
THINKING = (
    "{# its models write <think> and </think> #}{% for m in messages %}" + TURN + "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
OPENED = THINKING.replace("assistant\n{% endif %}", "assistant\n<think>\n{% endif %}")
STRICT = (
    "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
    + TURN
    + "{% endfor %}<|im_start|>assistant\n"
)
COPY = (
    PromptMessage(Role.USER, "Repeat exactly: <think>I see.</think>Paris."),
    PromptMessage(Role.ASSISTANT, "<think>I see.</think>Paris."),
    PromptMessage(Role.USER, "Repeat exactly: <think>It rains today.</think>Bring an umbrella."),
)


def test_reasoning_streams_apart_from_the_answer_and_is_counted(open_model: Open) -> None:
    engine = open_model(chat_template=THINKING)
    assert engine.model is not None
    assert engine.model.reasons
    events = list(engine.generate(request_for(COPY, replace(GREEDY, max_tokens=40)), CancelToken()))
    reasoning = "".join(e.text for e in events if isinstance(e, ReasoningChunk))
    answer = "".join(e.text for e in events if isinstance(e, Chunk))
    assert reasoning == "It rains today."
    assert answer == "Bring an umbrella."
    last = events[-1]
    assert isinstance(last, Finished)
    assert 3 <= last.statistics.reasoning_tokens < last.statistics.completion_tokens
    assert 0 < last.statistics.reasoning_seconds <= last.statistics.generation_seconds


def test_a_prompt_that_opens_the_reasoning_begins_inside_it(open_model: Open) -> None:
    engine = open_model(chat_template=OPENED)
    events = list(engine.generate(request_for(), CancelToken()))
    assert any(isinstance(e, ReasoningChunk) for e in events)
    assert not any(isinstance(e, Chunk) for e in events), "it never closed it"


def test_a_form_binds_the_answer_and_not_the_reasoning(open_model: Open) -> None:
    engine = open_model(chat_template=OPENED)
    grammar = OutputFormat(OutputKind.GRAMMAR, 'root ::= "yes" | "no"')
    text, _ = complete(engine, request_for(output=grammar))
    assert text == "", "free to reason on"
    engine.unload()
    text, finished = complete(open_model(chat_template=THINKING), request_for(output=grammar))
    assert text in ("yes", "no")
    assert finished.stop_reason is StopReason.END_OF_TURN


def test_a_repair_is_named_before_anything_else(open_model: Open) -> None:
    engine = open_model(chat_template=STRICT)
    messages = (PromptMessage(Role.SYSTEM, "Be brief."), *STORY)
    events = list(engine.generate(request_for(messages), CancelToken()))
    assert isinstance(events[0], PromptRepaired)
    assert "system" in events[0].sentence
    assert any(isinstance(e, Chunk) for e in events)


def test_the_template_says_where_it_comes_from(open_model: Open) -> None:
    catalogue = open_model()
    assert catalogue.model is not None
    assert catalogue.model.template_source is TemplateSource.CATALOGUE
    catalogue.unload()
    own = open_model(chat_template=None)
    assert own.model is not None
    assert own.model.template_source is TemplateSource.FILE


def test_an_answer_is_written_on_where_it_was_left(open_model: Open) -> None:
    engine = open_model()
    whole, _ = complete(engine, request_for(sampling=replace(GREEDY, max_tokens=20)))
    begun, _ = complete(engine, request_for(sampling=replace(GREEDY, max_tokens=10)))
    messages = (*STORY, PromptMessage(Role.ASSISTANT, begun))
    rest, finished = complete(engine, request_for(messages, replace(GREEDY, max_tokens=20 - 10), continues=True))
    assert begun + rest == whole
    assert finished.statistics.reused_tokens > 10, "what was written is still in the cache"


def test_a_full_context_shifts_where_that_was_chosen_and_writing_goes_on(open_model: Open) -> None:
    engine = open_model(context_length=256)
    messages = (PromptMessage(Role.SYSTEM, "You tell stories."), *STORY)
    sampling = SamplingParameters(temperature=0.0, max_tokens=250, logit_bias=NEVER_END)
    request = request_for(messages, sampling, shifts_context=True)
    events = list(engine.generate(request, CancelToken()))
    last = events[-1]
    assert isinstance(last, Finished)
    shifts = [e for e in events if isinstance(e, ContextShifted)]
    assert last.stop_reason is StopReason.MAX_TOKENS
    assert last.statistics.completion_tokens == 250, "it went on past the context's end"
    assert shifts
    assert all(0 < e.discarded_tokens < 256 for e in shifts)
    assert engine.cached_tokens <= 256
    again, after = complete(engine, request_for())
    assert again
    assert after.stop_reason is StopReason.MAX_TOKENS


def test_where_it_was_not_chosen_a_full_context_ends_the_answer(open_model: Open) -> None:
    engine = open_model(context_length=256)
    sampling = SamplingParameters(temperature=0.0, max_tokens=250, logit_bias=NEVER_END)
    _, finished = complete(engine, request_for(sampling=sampling))
    assert finished.stop_reason is StopReason.CONTEXT_FULL


def test_keys_in_bf16_are_never_shifted(open_model: Open) -> None:
    """ggml-cpu would end the process: a full context ends the answer instead, though a shift was asked for."""
    engine = open_model(context_length=256, speculation=Speculation.ON)
    assert engine.model is not None
    assert not engine.model.can_shift
    sampling = SamplingParameters(temperature=0.0, max_tokens=250, logit_bias=NEVER_END)
    _, finished = complete(engine, request_for(sampling=sampling, shifts_context=True))
    assert finished.stop_reason is StopReason.CONTEXT_FULL


@pytest.mark.parametrize("kind", [KvCacheType.Q8_0, KvCacheType.Q4_0])
def test_a_quantized_cache_is_shifted_while_drafting(open_model: Open, kind: KvCacheType) -> None:
    engine = open_model(context_length=256, kv_cache_type=kind, speculation=Speculation.ON)
    sampling = SamplingParameters(temperature=0.0, max_tokens=250, logit_bias=NEVER_END)
    _, finished = complete(engine, request_for(sampling=sampling, shifts_context=True))
    assert finished.stop_reason is StopReason.MAX_TOKENS
    assert finished.statistics.drafted_tokens > 0


@pytest.mark.parametrize("seed", range(3))
def test_a_schema_is_kept_to_whatever_the_model_would_say(open_model: Open, seed: int) -> None:
    schema = {
        "type": "object",
        "properties": {"river": {"type": "string", "maxLength": 12}, "length": {"type": "integer", "minimum": 1}},
        "required": ["river", "length"],
        "additionalProperties": False,
    }
    output = OutputFormat(OutputKind.SCHEMA, json.dumps(schema))
    sampling = SamplingParameters(temperature=1.5, seed=seed, max_tokens=200)
    text, _ = complete(open_model(), request_for(STORY, sampling, output=output))
    value = json.loads(text)
    assert set(value) == {"river", "length"}
    assert len(value["river"]) <= 12
    assert value["length"] >= 1


def test_a_bad_form_is_refused_with_its_place_and_harms_nothing(open_model: Open) -> None:
    engine = open_model()
    schema = OutputFormat(OutputKind.SCHEMA, '{"type": "object", "properties": {"age": {"type": "number of years"}}}')
    with pytest.raises(OutputFormatError, match="age"):
        complete(engine, request_for(output=schema))
    with pytest.raises(OutputFormatError):
        complete(engine, request_for(output=OutputFormat(OutputKind.GRAMMAR, "root ::= root")))
    assert complete(engine, request_for())[0]
