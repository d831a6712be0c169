"""The graph of one batch as llama.cpp builds it for a decoder: its tensors by size, and what is computed from what.

Source: src/llama-graph.cpp (build_qkv, build_attn_mha, build_ffn, build_moe_ffn), src/models/llama.cpp for their order,
and llama_context::sched_reserve, which reserves it for a whole batch over a full cache. With flash attention the most
that lives at once is as a rule the two halves of a feed-forward step and their product, without it the attention scores
of all heads (batch x context x heads x 4 bytes). Inputs are there from the beginning: embeddings, positions and the
attention mask (batch x context x 2 bytes with flash attention, else 4). Layers on the processor are computed on the
first GPU too when the batch is large: it gets copies of their weights and caches, step by step.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.fit.graph_buffer import Graph

_F32 = 4
_F16 = 2
_OFFLOADED_FROM = 32  # tokens: so large a batch is computed on the GPU also where the weights are not (ggml-cuda.cu)
_ROTATED = 64  # heads of a multiple of this are rotated before a quantized cache takes them (llama-kv-cache.cpp)
_COMPRESSION = 3  # how much longer a compressed key is than a head (DeepSeek: 576 against 192)


@dataclass(frozen=True, slots=True)
class Layer:
    """One kind of layer as far as its graph depends on it, on the device of this number (the processor is 0).

    The bytes are of weights and caches that lie on the processor, of which a GPU gets a copy for a step.
    """

    device: int
    cells: int
    windowed: bool
    kv_heads: int
    key_length: int
    value_length: int
    recurrent: bool
    inner_length: int
    experts: bool
    away: "Away | None" = None


@dataclass(frozen=True, slots=True)
class Away:
    """What of a layer lies on the processor, in bytes, when there is a GPU that computes with it."""

    dense_bytes: int = 0
    expert_bytes: int = 0
    key_bytes: int = 0
    value_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Sizes:
    """The widths and counts that every layer shares; `tokens` are those of a batch, `outputs` rows of logits."""

    tokens: int
    outputs: int
    embedding: int
    feed_forward: int
    expert_feed_forward: int
    heads: int
    vocabulary: int
    experts: int
    used_experts: int
    flash: bool
    quantized: bool
    parallel: bool


@dataclass(frozen=True, slots=True)
class _CacheInputs:
    """The graph's numbers for where keys and values go, the mask, and the matrices that rotate them."""

    keys: int
    values: int
    mask: int
    key_turn: int | None
    value_turn: int | None


class BatchGraph:
    """The graph of one batch, as it grows layer by layer."""

    def __init__(self, sizes: Sizes, layers: Sequence[Layer], has_gpu: bool) -> None:
        self.graph = Graph()
        self._sizes = sizes
        self._offloads = has_gpu and sizes.tokens >= _OFFLOADED_FROM
        self._rows = sizes.tokens
        node = self.graph
        tokens = node.input(sizes.tokens * _F32)
        self._embeddings = node.input(self._wide(sizes.embedding))  # would be filled in place of tokens
        self._positions = node.input(sizes.tokens * _F32)
        self._inputs = {kind: self._cache_inputs(kind, layers) for kind in (False, True)}
        self._chosen = node.input(sizes.outputs * _F32)
        self._state = node.node(self._wide(sizes.embedding), tokens)

    def add(self, layer: Layer, is_last: bool) -> None:
        """One more layer behind those before; behind the last, only the rows that are wanted go on."""
        graph, sizes = self.graph, self._sizes
        norm = graph.node(self._wide(sizes.embedding), self._state, device=self._where(layer), reuse=True)
        mixed = self._mixer(layer, norm)
        if is_last:
            self._rows = sizes.outputs
            mixed = graph.node(self._wide(sizes.embedding), mixed, self._chosen, device=layer.device)
            self._state = graph.node(self._wide(sizes.embedding), self._state, self._chosen, device=layer.device)
        wide, where = self._wide(sizes.embedding), self._where(layer)
        if sizes.parallel:
            if is_last:
                norm = graph.node(wide, norm, self._chosen, device=where)
            fed = self._fed(layer, norm)
            self._state = graph.node(wide, fed, self._state, mixed, device=where, reuse=True)
            return
        inner = graph.node(wide, mixed, self._state, device=where, reuse=True)
        fed = self._fed(layer, graph.node(wide, inner, device=where, reuse=True))
        self._state = graph.node(wide, fed, inner, device=where, reuse=True)

    def finish(self, device: int) -> None:
        """The norm and the logits."""
        norm = self.graph.node(self._wide(self._sizes.embedding), self._state, device=device, reuse=True)
        self.graph.node(self._wide(self._sizes.vocabulary), norm, device=device)

    def read_embeddings(self, device: int) -> None:
        """Give a device embeddings in place of tokens too, as it gets them when several batches are under way."""
        self.graph.node(0, self._embeddings, device=device)

    def _wide(self, width: int) -> int:
        return self._rows * width * _F32

    def _where(self, layer: Layer) -> int:
        """On which device a layer's matrices are multiplied."""
        return 1 if not layer.device and self._offloads else layer.device

    def _cache_inputs(self, windowed: bool, layers: Sequence[Layer]) -> "_CacheInputs | None":
        """What the layers of one kind of cache read beside it; None when there is no such layer."""
        cached = [layer for layer in layers if layer.windowed is windowed and layer.kv_heads]
        if not cached:
            return None
        sizes, graph = self._sizes, self.graph
        transposed = 1 if sizes.flash else max(layer.kv_heads * layer.value_length for layer in cached)
        return _CacheInputs(
            keys=graph.input(sizes.tokens * 8),
            values=graph.input(sizes.tokens * 8 * max(transposed, 1)),
            mask=graph.input(sizes.tokens * cached[0].cells * (2 if sizes.flash else _F32)),
            key_turn=self._turn(cached[0].key_length & -cached[0].key_length),
            value_turn=self._turn(_ROTATED if cached[0].value_length % _ROTATED == 0 else 0),
        )

    def _turn(self, width: int) -> int | None:
        """The matrix that rotates heads before a quantized cache takes them, by the greatest power of 2 in a head."""
        rotated = self._sizes.quantized and width >= _ROTATED
        return self.graph.input(width * width * _F32) if rotated else None

    def _mixer(self, layer: Layer, norm: int) -> int:
        """Attention, a recurrent step, or both added up."""
        found = [self._attention(layer, norm)] if layer.kv_heads and self._sizes.heads else []
        if layer.recurrent:
            found.append(self._recurrent(layer, norm))
        if not found:
            return norm
        return self.graph.node(self._wide(self._sizes.embedding), *found, device=self._where(layer), reuse=True)

    def _attention(self, layer: Layer, norm: int) -> int:
        graph, sizes = self.graph, self._sizes
        where, inputs, away = self._where(layer), self._inputs[layer.windowed], layer.away or Away()
        assert inputs is not None
        mixed = self._wide(sizes.heads * (layer.value_length or layer.key_length))
        query = self._query(layer, norm, inputs)
        value = self._projected(layer, norm, layer.kv_heads * layer.value_length, None, inputs.value_turn)
        key = self._projected(layer, norm, layer.kv_heads * layer.key_length, self._positions, inputs.key_turn)
        graph.node(0, key, inputs.keys, device=layer.device)
        graph.node(0, value, inputs.values, device=layer.device)
        keys, values = (graph.resident(size, layer.device) for size in (away.key_bytes, away.value_bytes))
        if sizes.flash:
            out = graph.node(mixed, query, keys, values, inputs.mask, device=where)
        else:
            scores = self._wide(layer.cells * sizes.heads)
            scored = graph.node(scores, keys, query, device=where)
            scored = graph.node(scores, scored, inputs.mask, device=where, reuse=True)
            if not layer.value_length:  # a compressed key that is the value too has to be transposed anew
                values = graph.node(layer.cells * layer.key_length * _F16, keys, device=where)
            out = graph.node(mixed, graph.node(mixed, values, scored, device=where), device=where)
        if inputs.value_turn is not None:
            out = graph.node(mixed, out, inputs.value_turn, device=where)
        return self._times(layer, out, sizes.heads * layer.value_length, sizes.embedding)

    def _query(self, layer: Layer, norm: int, inputs: _CacheInputs) -> int:
        width = self._sizes.heads * layer.key_length
        if layer.value_length:
            return self._projected(layer, norm, width, self._positions, inputs.key_turn)
        # Brought to the compressed key's length, with the part that is turned by positions put behind it.
        short = self._projected(layer, norm, width // _COMPRESSION, None, None)
        long = self.graph.node(self._wide(width), short, device=self._where(layer))
        return self.graph.node(self._wide(width), long, short, device=self._where(layer))

    def _projected(self, layer: Layer, norm: int, width: int, positions: int | None, turn: int | None) -> int:
        """Queries, keys or values, turned by their positions and for the cache."""
        graph, where, size = self.graph, self._where(layer), self._wide(width)
        found = self._times(layer, norm, width, width)
        for source in (positions, turn):
            if source is not None:
                found = graph.node(size, found, source, device=where)
        return found

    def _recurrent(self, layer: Layer, norm: int) -> int:
        graph, where = self.graph, self._where(layer)
        inner = layer.inner_length or self._sizes.embedding
        size = self._wide(inner)
        first = self._times(layer, norm, inner, inner)
        second = graph.node(size, first, device=where)
        third = graph.node(size, second, first, device=where)
        fourth = graph.node(size // 2, third, device=where)
        return graph.node(self._wide(self._sizes.embedding), fourth, device=where)

    def _fed(self, layer: Layer, norm: int) -> int:
        return self._experts(layer, norm) if layer.experts else self._feed_forward(layer, norm)

    def _feed_forward(self, layer: Layer, norm: int) -> int:
        graph, sizes, where = self.graph, self._sizes, self._where(layer)
        if not sizes.feed_forward:
            return norm
        gate = self._times(layer, norm, sizes.feed_forward, sizes.feed_forward)
        up = self._times(layer, norm, sizes.feed_forward, sizes.feed_forward)
        product = graph.node(self._wide(sizes.feed_forward), gate, up, device=where)
        return self._times(layer, product, sizes.feed_forward, sizes.embedding)

    def _experts(self, layer: Layer, norm: int) -> int:
        graph, sizes = self.graph, self._sizes
        where = self._where(layer)
        away = layer.away.expert_bytes // 3 if layer.away else 0
        there = where if self._offloads or not away else 0
        chances = graph.node(self._wide(sizes.experts), norm, device=where)
        chosen = graph.node(self._wide(sizes.experts), chances, device=where)
        share = graph.node(self._wide(sizes.used_experts), chances, chosen, device=where)
        wide = self._wide(sizes.used_experts * sizes.expert_feed_forward)
        gate, up = (graph.node(wide, self._weights(away), norm, chosen, device=there) for _ in range(2))
        product = graph.node(wide, gate, up, device=there)
        each = self._wide(sizes.used_experts * sizes.embedding)
        down = graph.node(each, self._weights(away), product, chosen, device=there)
        weighted = graph.node(each, down, share, device=there, reuse=True)
        return graph.node(self._wide(sizes.embedding), weighted, device=where)

    def _times(self, layer: Layer, source: int, inner: int, width: int) -> int:
        """A tensor of `width` by a matrix that reaches from the model's width to `inner`, or back from it."""
        weights = self._weights(self._part(layer, inner))
        return self.graph.node(self._wide(width), weights, source, device=self._where(layer))

    def _weights(self, size: int) -> int:
        return self.graph.resident(size, starts_run=size > 0)

    def _part(self, layer: Layer, inner: int) -> int:
        """The bytes of such a matrix on the processor, by its share in all of the layer's numbers."""
        if layer.away is None or layer.device:
            return 0
        sizes = self._sizes
        attention = 2 * sizes.heads * layer.key_length + layer.kv_heads * (layer.key_length + layer.value_length)
        every = attention + layer.inner_length + (0 if layer.experts else 3 * sizes.feed_forward)
        return min(layer.away.dense_bytes * inner // max(every, 1), layer.away.dense_bytes)
