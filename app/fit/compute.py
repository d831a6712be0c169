"""How large the buffers are in which llama.cpp computes a batch, for each device."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

from app.core.model import KvCacheType
from app.core.plan import ContextPlan
from app.core.shape import LayerShape, ModelShape
from app.fit.batch_graph import Away, BatchGraph, Layer, Sizes

_PARALLEL = frozenset({"cohere2", "command-r", "falcon", "gptj", "phi2"})  # attention and feed-forward side by side
_PIPELINED = 4  # batches under way at once when several GPUs have all layers (GGML_SCHED_MAX_COPIES)
_REPEATS = 3  # so often a step from one kind of layer to another is followed: what lives when is then the same again
MOST_REPEATED = _REPEATS + 2
"""Of a run of like layers no more need be given to compute_bytes: the first, its repetitions, and a last one."""


def compute_bytes(
    shape: ModelShape, context: ContextPlan, layers: Sequence[Layer], output_device: int, devices: int
) -> tuple[int, ...]:
    """The compute buffer of each device in bytes, the processor's first.

    `layers` are all of the model's, but for what MOST_REPEATED leaves out of runs.
    """
    tokens = max(min(context.batch_tokens, context.context_length), 1)
    sizes = Sizes(
        tokens=tokens,
        outputs=max(min(context.outputs, tokens), 1),
        embedding=shape.embedding_length,
        feed_forward=shape.feed_forward_length,
        expert_feed_forward=shape.expert_feed_forward_length or shape.feed_forward_length,
        heads=shape.head_count,
        vocabulary=shape.vocabulary_size,
        experts=shape.expert_count,
        used_experts=max(shape.expert_used_count, 1),
        flash=context.flash_attention or context.kv_cache_type is not KvCacheType.F16,
        quantized=context.kv_cache_type is not KvCacheType.F16,
        parallel=shape.architecture in _PARALLEL,
    )
    return _peaks(sizes, tuple(_different(layers)), output_device, devices)


def layer_kind(layer: LayerShape, device: int, cells: int, away: Away | None = None) -> Layer:
    """What the graph of a layer depends on; `cells` is how many tokens its KV cache holds."""
    return Layer(
        device=device,
        cells=cells,
        windowed=layer.window > 0,
        kv_heads=layer.kv_heads,
        key_length=layer.key_length,
        value_length=layer.value_length,
        recurrent=layer.state_bytes > 0,
        inner_length=layer.inner_length,
        experts=layer.expert_bytes > 0,
        away=away,
    )


def _different(layers: Sequence[Layer]) -> Iterator[Layer]:
    """The layers without those that only repeat what was; the last one is always there."""
    kinds: dict[int, int] = {}  # equal layers are the same object as a rule: that is looked at first
    numbers = {layer: number for number, layer in enumerate({id(layer): layer for layer in layers}.values())}
    seen: Counter[tuple[int, int]] = Counter()
    before = -1
    for number, layer in enumerate(layers):
        kind = kinds.get(id(layer))
        if kind is None:
            kind = kinds[id(layer)] = numbers[layer]
        seen[before, kind] += 1
        if seen[before, kind] <= _REPEATS or number == len(layers) - 1:
            yield layer
        before = kind


@lru_cache(maxsize=4096)
def _peaks(sizes: Sizes, layers: tuple[Layer, ...], output_device: int, devices: int) -> tuple[int, ...]:
    graph = BatchGraph(sizes, layers, devices > 1)
    for number, layer in enumerate(layers):
        graph.add(layer, is_last=number == len(layers) - 1)
    graph.finish(output_device)
    on_gpus = output_device > 0 and all(layer.device and layer.away is None for layer in layers)
    if devices <= 2 or not on_gpus:
        return graph.graph.peaks(devices)
    graph.read_embeddings(layers[0].device)
    return graph.graph.peaks(devices, _PIPELINED)
