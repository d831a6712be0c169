"""The memory of a model by its shape: where its layers, its cache and its buffers lie, and how large they are."""

from dataclasses import replace

import pytest

from app.core.memory import PROCESSOR
from app.core.model import KvCacheType
from app.core.plan import ContextPlan, Placement
from app.core.shape import LayerShape, ModelShape
from app.engine.guards.gguf import read_header
from app.engine.guards.shape import shape_of
from app.fit.memory import cache_bytes, layer_devices, plan_memory
from tests.model_headers import Sizes, dense

MIB = 1 << 20
LAYER = LayerShape(100 * MIB, kv_heads=8, key_length=128, value_length=128)
# The shape of Mistral Small 3 24B, with round weights.
SHAPE = ModelShape(
    architecture="llama",
    layers=(LAYER,) * 40,
    embedding_length=5120,
    feed_forward_length=32768,
    head_count=32,
    vocabulary_size=131_072,
    trained_context_length=32_768,
    input_bytes=200 * MIB,
    output_bytes=300 * MIB,
)


@pytest.mark.parametrize(
    ("context_length", "kind", "size"),
    [
        (8192, KvCacheType.F16, 1280),
        (8192, KvCacheType.Q8_0, 680),
        (8192, KvCacheType.Q4_0, 360),
        (32_768, KvCacheType.F16, 5120),
        (8000, KvCacheType.F16, 1280),  # llama.cpp rounds a context up to a multiple of 256
    ],
)
def test_the_cache_holds_keys_and_values_of_every_token(context_length: int, kind: KvCacheType, size: int) -> None:
    plan = plan_memory(SHAPE, ContextPlan(context_length, kind), Placement())
    assert plan.kv_cache_bytes == size * MIB


def test_a_window_bounds_what_a_layer_keeps() -> None:
    windowed = replace(LAYER, window=1024)
    row = 2 * 8 * 128 * 2
    assert cache_bytes(windowed, ContextPlan(32_768)) == 1536 * row  # the window and a batch
    assert cache_bytes(windowed, ContextPlan(32_768, batch_tokens=2048)) == 3072 * row
    assert cache_bytes(windowed, ContextPlan(1024)) == 1024 * row
    assert cache_bytes(windowed, ContextPlan(32_768, full_sliding_window=True)) == 32_768 * row


def test_a_running_state_is_the_same_for_every_context() -> None:
    state = LayerShape(MIB, state_bytes=3 * MIB)
    assert cache_bytes(state, ContextPlan(256)) == cache_bytes(state, ContextPlan(131_072)) == 3 * MIB


def test_a_compressed_key_has_no_value_beside_it() -> None:
    assert cache_bytes(LayerShape(MIB, kv_heads=1, key_length=576), ContextPlan(4096)) == 4096 * 576 * 2


def test_the_output_goes_to_the_gpu_first_and_the_first_layer_last() -> None:
    assert layer_devices(4, Placement(0)) == (0, 0, 0, 0, 0)
    assert layer_devices(4, Placement(1)) == (0, 0, 0, 0, 1)
    assert layer_devices(4, Placement(3)) == (0, 0, 1, 1, 1)
    assert layer_devices(4, Placement(5)) == layer_devices(4, Placement(99)) == (1, 1, 1, 1, 1)


def test_gpus_take_layers_by_their_shares() -> None:
    halves = Placement(8, (("CUDA0", 0.5), ("CUDA1", 0.5)))
    assert layer_devices(7, halves) == (1, 1, 1, 1, 2, 2, 2, 2)
    quarter = Placement(8, (("CUDA0", 0.25), ("CUDA1", 0.75)))
    assert layer_devices(7, quarter) == (1, 1, 2, 2, 2, 2, 2, 2)
    none = Placement(8, (("CUDA0", 0.0), ("CUDA1", 1.0)))
    assert layer_devices(7, none) == (2,) * 8


def test_layers_take_their_weights_and_their_cache_along() -> None:
    plan = plan_memory(SHAPE, ContextPlan(8192), Placement(31, (("CUDA0", 1.0),)))
    assert [device.device for device in plan.devices] == [PROCESSOR, "CUDA0"]
    assert plan.of("CUDA0").weights_bytes == 30 * LAYER.weights_bytes + SHAPE.output_bytes
    assert plan.of(PROCESSOR).weights_bytes == 10 * LAYER.weights_bytes + SHAPE.input_bytes
    assert plan.of("CUDA0").kv_cache_bytes == 960 * MIB
    assert plan.of(PROCESSOR).kv_cache_bytes == 320 * MIB
    assert plan.weights_bytes == SHAPE.weights_bytes


def test_a_tied_output_is_a_copy_on_a_gpu_only() -> None:
    tied = replace(SHAPE, tied_output=True, output_bytes=SHAPE.input_bytes)
    assert plan_memory(tied, ContextPlan(8192), Placement()).weights_bytes == tied.weights_bytes
    plan = plan_memory(tied, ContextPlan(8192), Placement(41))
    assert plan.weights_bytes == tied.weights_bytes + tied.output_bytes
    assert plan.of(PROCESSOR).weights_bytes == tied.input_bytes


def test_experts_can_stay_with_the_processor() -> None:
    layer = replace(LAYER, expert_bytes=90 * MIB)
    shape = replace(SHAPE, layers=(layer,) * 40, expert_count=64, expert_used_count=8, expert_feed_forward_length=1024)
    plan = plan_memory(shape, ContextPlan(8192), Placement(41, (("CUDA0", 1.0),), expert_layers_on_cpu=30))
    assert plan.of(PROCESSOR).weights_bytes == 30 * 90 * MIB + shape.input_bytes
    assert plan.of("CUDA0").kv_cache_bytes == 1280 * MIB
    assert plan.weights_bytes == shape.weights_bytes


def test_what_is_loaded_beside_the_model_counts() -> None:
    with_projector = plan_memory(SHAPE, ContextPlan(8192, extra_bytes=800 * MIB), Placement())
    assert with_projector.weights_bytes == SHAPE.weights_bytes + 800 * MIB


def test_without_flash_attention_the_scores_of_all_heads_are_there() -> None:
    without = plan_memory(SHAPE, ContextPlan(32_768, flash_attention=False), Placement()).compute_bytes
    scores = 512 * 32_768 * 32 * 4
    assert scores < without < 1.1 * scores
    assert plan_memory(SHAPE, ContextPlan(32_768), Placement()).compute_bytes < scores / 5


@pytest.mark.parametrize(
    ("gpus", "gpu_layers", "context_length", "flash", "processor", "others"),
    [
        (1, 5, 4096, True, 20.50, 112.01),
        (1, 5, 4096, False, 28.50, 300.01),
        (1, 5, 32_768, True, 48.50, 140.01),
        (1, 3, 4096, True, 20.50, 152.50),
        (1, 3, 4096, False, 28.50, 305.00),
        (1, 3, 32_768, True, 48.50, 257.00),
        (1, 0, 32_768, True, 148.50, 0.0),
        (2, 5, 4096, True, 56.54, 260.08),
        (2, 5, 4096, False, 88.52, 760.04),
        (2, 5, 32_768, True, 168.54, 484.08),
        (2, 4, 4096, True, 20.50, 188.51),
    ],
)
def test_devices_need_the_buffers_that_llama_cpp_told_of(
    gpus: int, gpu_layers: int, context_length: int, flash: bool, processor: float, others: float
) -> None:
    """MiB, as llama.cpp reported them for this header with devices that stood for GPUs (0.3.36, no_alloc)."""
    data = dense("llama", Sizes(4, 4096, 14_336, 32, 8, 128, 128_256)).to_bytes()
    shape = shape_of(read_header(lambda offset, length: data[offset : offset + length]))
    placement = Placement(gpu_layers, tuple((f"GPU{number}", 1 / gpus) for number in range(gpus)))
    plan = plan_memory(shape, ContextPlan(context_length, flash_attention=flash), placement)
    assert plan.of(PROCESSOR).compute_bytes / MIB == pytest.approx(processor, rel=0.01)
    assert (plan.compute_bytes - plan.of(PROCESSOR).compute_bytes) / MIB == pytest.approx(others, rel=0.01)


def test_a_shape_of_which_nothing_is_known_has_a_plan() -> None:
    unknown = ModelShape("", (LayerShape(MIB),), 0, 0, 0, 0, 0, MIB, 0, doubts=("The header is not clear.",))
    plan = plan_memory(unknown, ContextPlan(4096, flash_attention=False), Placement(2))
    assert plan.weights_bytes == 2 * MIB
