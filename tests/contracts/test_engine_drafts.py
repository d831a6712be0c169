"""Tokens drafted ahead change how fast the real engine writes, and nothing of what it writes."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.core.cancel import CancelToken
from app.core.conversation import Role
from app.core.errors import ModelLoadError
from app.core.generation import SamplingParameters
from app.core.model import MAX_DRAFT, FlashAttention, KvCacheType, Speculation
from app.core.prompt import PromptMessage
from app.engine.instance import ModelInstance
from tests.contracts.conftest import Open, complete, request_for
from tests.included import INCLUDED_MODEL, included_parameters

pytestmark = pytest.mark.real_model

WORDS = ("red", "blue", "old", "new", "big")
LINES = "".join(f"{n}. The {word} boat lies at the quay.\n" for n, word in enumerate(WORDS, 1))
COPY = (PromptMessage(Role.USER, f"Repeat this list, word for word, three times:\n\n{LINES * 3}"),)
PARAMETERS: dict[str, Any] = {"context_length": 1024, "flash_attention": FlashAttention.ON}


@pytest.mark.parametrize(
    ("kind", "sampling"),
    [
        (KvCacheType.F16, SamplingParameters(temperature=0.0, max_tokens=50)),
        (KvCacheType.Q8_0, SamplingParameters(temperature=0.0, max_tokens=50)),
        (KvCacheType.Q4_0, SamplingParameters(temperature=0.0, max_tokens=40)),
        (KvCacheType.Q8_0, SamplingParameters(temperature=0.0, repeat_penalty=1.05, max_tokens=40)),
        (KvCacheType.Q8_0, SamplingParameters(temperature=0.9, seed=11, max_tokens=40)),
    ],
    ids=["greedy f16", "greedy q8_0", "greedy q4_0", "penalised", "sampled"],
)
def test_the_text_is_the_same_with_drafts_and_without(
    open_model: Open, kind: KvCacheType, sampling: SamplingParameters
) -> None:
    """Compared in one layout of the cache: that of drafting, with the drafter left out."""
    engine = open_model(**PARAMETERS, kv_cache_type=kind, speculation=Speculation.ON)
    drafted, with_drafts = complete(engine, request_for(COPY, sampling))
    assert engine._instance is not None
    engine._instance.drafter = lambda: None  # type: ignore[method-assign]
    engine.clear_cache()
    plain, without = complete(engine, request_for(COPY, sampling))
    assert drafted == plain
    assert with_drafts.statistics.drafted_tokens > 0
    assert without.statistics.drafted_tokens == 0
    assert 0 <= with_drafts.statistics.accepted_tokens <= with_drafts.statistics.drafted_tokens


def test_most_of_a_copied_text_is_drafted_rightly(open_model: Open) -> None:
    engine = open_model(**PARAMETERS, kv_cache_type=KvCacheType.Q8_0, speculation=Speculation.ON)
    _, finished = complete(engine, request_for(COPY, SamplingParameters(temperature=0.0, max_tokens=120)))
    assert finished.statistics.accepted_tokens > finished.statistics.completion_tokens / 2


def test_a_cache_that_drafts_were_taken_back_from_is_consistent(open_model: Open) -> None:
    engine = open_model(**PARAMETERS, kv_cache_type=KvCacheType.Q8_0, speculation=Speculation.ON)
    sampling = SamplingParameters(temperature=0.0, max_tokens=60)
    first, _ = complete(engine, request_for(COPY, sampling))
    warm, finished = complete(engine, request_for(COPY, sampling))
    assert finished.statistics.reused_tokens == finished.statistics.prompt_tokens - 1
    assert warm == first


@pytest.mark.parametrize("kind", list(KvCacheType))
def test_tokens_decoded_together_give_the_bits_that_each_gives_alone(kind: KvCacheType) -> None:
    """At depths on both sides of the 512 tokens from which ggml splits the cache, for as many as are ever drafted."""
    parameters = replace(included_parameters(), **PARAMETERS, kv_cache_type=kind, speculation=Speculation.ON)
    instance = ModelInstance(parameters, CancelToken(), lambda _: None)
    try:
        context, vocabulary = instance.live, instance.vocabulary
        assert instance.batches_are_exact
        text = vocabulary.tokenize("The river ran past the old mill all day. " * 60, add_special=True)
        words = " Then suddenly a large green boat arrived with twelve musicians who played a slow sad song for us"
        tokens = vocabulary.tokenize(words, add_special=False)[: MAX_DRAFT + 1]
        assert len(tokens) == MAX_DRAFT + 1
        for depth in (3, 500, 530):
            for _ in context.read(text[len(context.cached) : depth], CancelToken()):
                pass
            alone = []
            for token in tokens:
                assert context.advance(token)
                alone.append(context.logits(-1, vocabulary.size).copy())
            for size in (2, 5, MAX_DRAFT + 1):
                context.cut(depth)
                assert context.advance_all(tokens[:size])
                for index in range(size):
                    assert np.array_equal(alone[index], context.logits(index, vocabulary.size))
            context.cut(depth)
    finally:
        instance.close()


def test_where_rounding_could_change_a_greedy_answer_nothing_is_drafted(open_model: Open) -> None:
    engine = open_model(context_length=1024, flash_attention=FlashAttention.OFF, speculation=Speculation.ON)
    greedy = SamplingParameters(temperature=0.0, max_tokens=60)
    text, finished = complete(engine, request_for(COPY, greedy))
    assert finished.statistics.drafted_tokens == 0
    engine.unload()
    plain, _ = complete(open_model(context_length=1024, flash_attention=FlashAttention.OFF), request_for(COPY, greedy))
    assert text == plain


def test_a_draft_model_of_the_same_vocabulary_drafts(open_model: Open) -> None:
    engine = open_model(**PARAMETERS, draft_model=INCLUDED_MODEL)
    sampling = SamplingParameters(temperature=0.0, max_tokens=40)
    drafted, finished = complete(engine, request_for(sampling=sampling))
    assert finished.statistics.accepted_tokens > 10
    engine.unload()
    plain, _ = complete(open_model(**PARAMETERS, speculation=Speculation.ON), request_for(sampling=sampling))
    assert drafted == plain


@pytest.mark.expects_log_records
def test_a_draft_model_that_cannot_be_loaded_is_named(open_model: Open, tmp_path: Path) -> None:
    path = tmp_path / "draft.gguf"
    path.write_bytes(b"GGUF" + bytes(200))
    engine = open_model()
    with pytest.raises(ModelLoadError, match=r"draft\.gguf"):
        engine.load(replace(included_parameters(), draft_model=path), CancelToken(), lambda _: None)
    assert engine.model is None
