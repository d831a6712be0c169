"""Planned memory agrees with llama.cpp's own: the exact plan with a load's buffers, the formula with both."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.cancel import CancelToken
from app.core.errors import ModelFileError, ModelLoadError
from app.core.memory import MemoryPlan
from app.core.model import FlashAttention, KvCacheType, LoadParameters
from app.core.plan import ContextPlan, Placement
from app.engine import bindings
from app.engine.guards.model_files import read_shape
from app.engine.llama import LlamaEngine
from app.engine.planning import exact_memory
from app.fit.memory import plan_memory
from tests.gguf_files import Header
from tests.included import INCLUDED_MODEL, included_parameters
from tests.model_headers import Sizes, dense, experts, hybrid, latent, mistral_small, recurrent, write_sparse

MIB = 1 << 20
WIDE = Sizes(layers=6, width=512, feed_forward=1536, heads=16, kv_heads=4, head=64, vocabulary=8192)


def parameters(path: Path, context_length: int, kind: KvCacheType, flash: FlashAttention) -> LoadParameters:
    return LoadParameters(path=path, context_length=context_length, kv_cache_type=kind, flash_attention=flash)


def formula(path: Path, wanted: LoadParameters) -> MemoryPlan:
    """The plan by the header alone; on a processor flash attention is off unless it is asked for or needed."""
    flash = wanted.flash_attention is FlashAttention.ON or wanted.kv_cache_type is not KvCacheType.F16
    context = ContextPlan(wanted.context_length, wanted.kv_cache_type, flash, wanted.batch_tokens)
    return plan_memory(read_shape(path), context, Placement())


@pytest.mark.real_model
@pytest.mark.parametrize("context_length", [2048, 8192])
@pytest.mark.parametrize("kind", [KvCacheType.F16, KvCacheType.Q8_0])
def test_the_included_model_takes_what_was_planned(context_length: int, kind: KvCacheType) -> None:
    wanted = parameters(INCLUDED_MODEL, context_length, kind, FlashAttention.AUTO)
    engine = LlamaEngine()
    actual = engine.load(wanted, CancelToken(), lambda _: None).memory
    engine.unload()
    assert actual is not None
    exact, planned = exact_memory(INCLUDED_MODEL, wanted), formula(INCLUDED_MODEL, wanted)
    for part in ("weights_bytes", "kv_cache_bytes", "compute_bytes", "total_bytes"):
        assert getattr(exact, part) == pytest.approx(getattr(actual, part), rel=0.01)
        assert getattr(planned, part) == pytest.approx(getattr(actual, part), rel=0.03)


@pytest.mark.real_model
@pytest.mark.parametrize("flash", [FlashAttention.ON, FlashAttention.OFF])
@pytest.mark.parametrize(
    ("made", "deviation"),
    [
        pytest.param(dense(sizes=WIDE), 0.01, id="llama"),
        pytest.param(dense(sizes=Sizes(vocabulary=262_144), tied=True), 0.01, id="a large vocabulary"),
        pytest.param(dense("qwen3", WIDE), 0.01, id="qwen3"),
        pytest.param(dense("gemma2", WIDE, tied=True, attention__sliding_window=1024), 0.01, id="gemma2"),
        pytest.param(dense("gemma3", WIDE, tied=True, attention__sliding_window=512), 0.01, id="gemma3"),
        pytest.param(experts(WIDE), 0.01, id="qwen3moe"),
        pytest.param(latent(WIDE), 0.20, id="deepseek2"),
        pytest.param(hybrid(WIDE), 0.20, id="lfm2"),
        pytest.param(recurrent(WIDE), 0.20, id="mamba2"),
    ],
)
def test_the_formula_agrees_with_llama_cpp(
    made: Header, deviation: float, flash: FlashAttention, tmp_path: Path
) -> None:
    path = write_sparse(made, tmp_path / "model.gguf")
    for context_length, batch in ((512, 512), (8192, 128), (32_768, 512)):
        wanted = replace(parameters(path, context_length, KvCacheType.F16, flash), batch_tokens=batch)
        exact, planned = exact_memory(path, wanted), formula(path, wanted)
        assert planned.weights_bytes == exact.weights_bytes == sum(t.bytes for t in made.tensors)
        assert planned.kv_cache_bytes == pytest.approx(exact.kv_cache_bytes, abs=0.01 * MIB * 2)
        assert planned.compute_bytes == pytest.approx(exact.compute_bytes, rel=deviation)


@pytest.mark.real_model
def test_the_24_b_shape_is_planned_from_its_header(tmp_path: Path) -> None:
    made = mistral_small()
    path = write_sparse(made, tmp_path / "header.gguf")
    shape = read_shape(path)
    for context_length, kind, cache in (
        (8192, KvCacheType.F16, 1280),
        (8192, KvCacheType.Q8_0, 680),
        (32_768, KvCacheType.F16, 5120),
    ):
        wanted = parameters(path, context_length, kind, FlashAttention.ON)
        exact = exact_memory(path, wanted)
        planned = plan_memory(shape, ContextPlan(context_length, kind), Placement())
        assert planned.weights_bytes == exact.weights_bytes == sum(t.bytes for t in made.tensors)
        assert planned.kv_cache_bytes == exact.kv_cache_bytes == cache * MIB
        assert planned.compute_bytes == pytest.approx(exact.compute_bytes, rel=0.05)


@pytest.mark.real_model
def test_planning_does_not_disturb_a_loaded_model(tmp_path: Path) -> None:
    engine = LlamaEngine()
    info = engine.load(included_parameters(), CancelToken(), lambda _: None)
    bindings.log_lines.recent.clear()
    other = write_sparse(dense("nonsense"), tmp_path / "other.gguf")
    plans: list[MemoryPlan] = []

    def plan() -> None:
        with pytest.raises(ModelLoadError, match=r"What other\.gguf will take cannot be told"):
            exact_memory(other, replace(info.load, path=other))
        plans.append(exact_memory(INCLUDED_MODEL, info.load))

    thread = threading.Thread(target=plan)
    thread.start()
    thread.join()
    assert info.memory is not None
    assert plans[0].total_bytes == pytest.approx(info.memory.total_bytes, rel=0.01)
    assert bindings.last_error() == ""  # the other model's failure is not this one's
    assert engine.model is info
    engine.unload()


@pytest.mark.real_model
def test_a_draft_model_is_planned_with_its_model() -> None:
    alone = included_parameters()
    both = replace(alone, draft_model=INCLUDED_MODEL)
    engine = LlamaEngine()
    actual = engine.load(both, CancelToken(), lambda _: None).memory
    engine.unload()
    assert actual is not None
    planned = exact_memory(INCLUDED_MODEL, both)
    assert planned.total_bytes == pytest.approx(actual.total_bytes, rel=0.01)
    assert planned.weights_bytes == 2 * exact_memory(INCLUDED_MODEL, alone).weights_bytes


def test_a_header_that_is_not_sound_is_refused_before_llama_cpp_sees_it(tmp_path: Path) -> None:
    made = dense(block_count=0)
    with pytest.raises(ModelFileError, match="block_count"):
        exact_memory(write_sparse(made, tmp_path / "a.gguf"), LoadParameters(path=tmp_path / "a.gguf"))


def test_experts_that_are_kept_on_the_processor_change_nothing_where_all_is_there(tmp_path: Path) -> None:
    header = experts(Sizes(4, 512, 1024, 8, 2, 64, 3000), 8, 2, 256)
    path = write_sparse(header, tmp_path / "experts.gguf")
    wanted = LoadParameters(path=path, context_length=1024)
    plain = exact_memory(path, wanted)
    bindings.make_ready()
    with bindings.log_lines.captured() as lines:
        assert exact_memory(path, replace(wanted, expert_layers_on_cpu=3)) == plain
    kept = [line for line in lines if "overridden to CPU" in line]
    assert len(kept) == 3 * 3, lines[-5:]  # gate, up and down of three layers
    assert exact_memory(path, replace(wanted, expert_layers_on_cpu=9999)) == plain
