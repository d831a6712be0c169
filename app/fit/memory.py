"""How much memory a model takes where: weights, KV cache and compute buffers of each device, from its shape alone."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, groupby

from app.core.memory import PROCESSOR, DeviceMemory, MemoryPlan
from app.core.model import KvCacheType
from app.core.plan import ContextPlan, Placement
from app.core.shape import LayerShape, ModelShape
from app.fit.batch_graph import Away, Layer
from app.fit.compute import MOST_REPEATED, compute_bytes, layer_kind

GPU = "GPU"  # what the only GPU is called where a placement names none

# Bytes for 32 numbers: ggml's blocks (ggml-common.h).
_BLOCK = 32
_BLOCK_BYTES = {KvCacheType.F16: 64, KvCacheType.Q8_0: 34, KvCacheType.Q4_0: 18}
_CELLS = 256  # a context is rounded up to a multiple of it (llama_context, llama_kv_cache_iswa)
_F32 = 4


def plan_memory(shape: ModelShape, context: ContextPlan, placement: Placement) -> MemoryPlan:
    """What the model takes of the processor's memory and of each GPU that `placement` names.

    Layers go where llama_model::load_tensors puts them: with N GPU layers the output comes first of all, then the last
    N - 1 of the others, one GPU after the other by their shares; so a model of L layers is wholly on GPUs from
    N = L + 1 on. The embeddings stay with the processor, and a tied output on a GPU is one more copy of them. Every
    layer's cache lies with its weights. Compute buffers: see app.fit.batch_graph; the rows of logits that llama.cpp
    hands out count as the processor's.
    """
    names = _gpu_names(placement)
    where = layer_devices(len(shape.layers), placement)
    *of_layers, of_output = where
    first = placement.first_gpu_layer(len(of_layers))
    on_cpu = range(first, first + placement.expert_layers_on_cpu)
    weights, caches = [0] * (len(names) + 1), [0] * (len(names) + 1)
    kinds: list[Layer] = []
    places = zip(map(id, shape.layers), of_layers, (number in on_cpu for number in range(len(of_layers))), strict=True)
    start = 0
    for (_, device, is_apart), run in groupby(places):  # alike layers are one object and stand in runs
        count, layer = sum(1 for _ in run), shape.layers[start]
        start += count
        apart = layer.expert_bytes if is_apart else 0
        weights[device] += count * (layer.weights_bytes - apart)
        weights[0] += count * apart
        caches[device] += count * cache_bytes(layer, context)
        away = _away(layer, device, apart, context) if names else None
        kind = layer_kind(layer, device, cells_of(layer, context), away)
        kinds.extend([kind] * min(count, MOST_REPEATED))
    weights[0] += shape.input_bytes + context.extra_bytes
    if of_output or not shape.tied_output:
        weights[of_output] += shape.output_bytes
    compute = list(compute_bytes(shape, context, kinds, of_output, len(names) + 1))
    compute[0] += max(context.outputs, 1) * shape.vocabulary_size * _F32
    return MemoryPlan(
        tuple(
            DeviceMemory(name, weights[device], caches[device], compute[device])
            for device, name in enumerate((PROCESSOR, *names))
        )
    )


def layer_devices(layer_count: int, placement: Placement) -> tuple[int, ...]:
    """The number of each layer's device and, last, of the output's; the processor is 0, the GPUs follow in order."""
    shares = [share for _, share in placement.shares] or [1.0]
    whole = sum(shares) or 1.0
    borders = [share / whole for share in accumulate(shares)]
    start = max(layer_count + 1 - placement.gpu_layers, 0)
    placed = min(placement.gpu_layers, layer_count + 1)
    if len(shares) == 1:
        return (0,) * start + (1,) * placed
    return tuple(
        0 if number < start or not placed else min(bisect_right(borders, (number - start) / placed) + 1, len(shares))
        for number in range(layer_count + 1)
    )


def cells_of(layer: LayerShape, context: ContextPlan) -> int:
    """How many tokens a layer's KV cache has room for."""
    cells = _rounded(context.context_length)
    if not layer.window or context.full_sliding_window:
        return cells
    return _rounded(min(cells, layer.window + min(context.batch_tokens, context.context_length)))


def cache_bytes(layer: LayerShape, context: ContextPlan) -> int:
    """What a layer keeps for the context: keys and values of each token, or a running state."""
    numbers = layer.kv_heads * (layer.key_length + layer.value_length)
    if numbers == 0:
        return layer.state_bytes
    return cells_of(layer, context) * row_bytes(numbers, context.kv_cache_type) + layer.state_bytes


def row_bytes(numbers: int, kind: KvCacheType) -> int:
    """What so many numbers of one token take in a KV cache of this type."""
    return numbers * _BLOCK_BYTES[kind] // _BLOCK


def total_cache_bytes(layers: Sequence[LayerShape], context: ContextPlan) -> int:
    """What all layers keep."""
    return sum(cache_bytes(layer, context) for layer in layers)


def _away(layer: LayerShape, device: int, apart: int, context: ContextPlan) -> Away | None:
    """What of a layer lies on the processor while a GPU computes with it; `apart` are experts that do."""
    if device:
        return Away(expert_bytes=apart) if apart else None
    cells, block = cells_of(layer, context), _BLOCK_BYTES[context.kv_cache_type]
    return Away(
        dense_bytes=layer.weights_bytes - layer.expert_bytes,
        expert_bytes=layer.expert_bytes,
        key_bytes=cells * layer.kv_heads * layer.key_length * block // _BLOCK,
        value_bytes=cells * layer.kv_heads * layer.value_length * block // _BLOCK,
    )


def _gpu_names(placement: Placement) -> tuple[str, ...]:
    if not placement.gpu_layers:
        return ()
    return tuple(name for name, _ in placement.shares) or (GPU,)


def _rounded(cells: int) -> int:
    return -(-max(cells, 1) // _CELLS) * _CELLS
