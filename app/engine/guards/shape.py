"""What a model is made of, layer by layer in bytes, from the headers of its files."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from math import prod

from app.core.shape import LayerShape, ModelShape
from app.engine.guards.gguf import GgufArray, GgufHeader, GgufTensor
from app.engine.guards.header_check import MAX_LAYERS
from app.engine.guards.header_values import HeaderValues
from app.engine.guards.layers import cache_layers, predicting_layers
from app.engine.guards.tensor_types import BLOCKS

_LAYER = re.compile(r"^blk\.(\d+)\.(.+)$")
_OUTPUT = re.compile(r"^output(_norm|_hc\w*)?\.|^(cls|altup_unembd_proj|altup_proj)\b")
_F32_BLOCK = (1, 4)


def shape_of(header: GgufHeader, *parts: GgufHeader) -> ModelShape:
    """The shape of the model in one file, or in that of `header` and the further ones of `parts`.

    Raises nothing for whatever a header holds: what it lacks or contradicts stands in `doubts`, and the larger of what
    it may mean is taken.
    """
    values = HeaderValues(header)
    tensors = [tensor for part in (header, *parts) for tensor in part.tensors]
    count = _layer_count(values, tensors)
    sizes = _Sizes(count)
    for tensor in tensors:
        sizes.add(tensor, _bytes(tensor, values))
    if sizes.beyond:
        values.doubt(f"it has tensors of more than its {count:,} layers")
    skipped = predicting_layers(values, count)
    layers = [_layer(kept, sizes, number) for number, kept in enumerate(cache_layers(values, count))]
    layers[count - skipped :] = [LayerShape(0)] * skipped
    layers += [replace(layer, weights_bytes=0) for layer in layers] * (_loops(values) - 1)
    tied = not sizes.has_output
    output = sizes.output + (sizes.embeddings if tied else 0)
    return ModelShape(
        architecture=header.architecture,
        layers=tuple(layers),
        embedding_length=_required(values, "embedding_length"),
        feed_forward_length=values.number("feed_forward_length") or sizes.widest_feed_forward,
        head_count=values.number("attention.head_count"),
        vocabulary_size=_vocabulary_size(values, tensors),
        trained_context_length=header.context_length,
        # With tied embeddings the norm is counted here: the sum of all parts leaves the output out then.
        input_bytes=sizes.input + (sizes.output if tied else 0),
        output_bytes=output,
        tied_output=tied,
        expert_count=values.number("expert_count"),
        expert_used_count=values.number("expert_used_count"),
        doubts=tuple(values.doubts),
        expert_feed_forward_length=sizes.widest_expert or values.number("expert_feed_forward_length"),
    )


@dataclass(slots=True)
class _Sizes:
    """The bytes of a model's tensors, added up by where they stand."""

    count: int
    layers: list[int] = field(init=False)
    experts: list[int] = field(init=False)
    inner: list[int] = field(init=False)
    input: int = 0
    output: int = 0
    embeddings: int = 0
    has_output: bool = False
    beyond: bool = False
    widest_feed_forward: int = 0
    widest_expert: int = 0

    def __post_init__(self) -> None:
        self.layers, self.experts, self.inner = [0] * self.count, [0] * self.count, [0] * self.count

    def add(self, tensor: GgufTensor, size: int) -> None:
        """Count a tensor of `size` bytes."""
        match = _LAYER.match(tensor.name)
        if match:
            self.beyond |= int(match[1]) >= self.count
            self._add_to_layer(min(int(match[1]), self.count - 1), match[2], tensor.dimensions, size)
        elif _OUTPUT.match(tensor.name):
            self.output += size
            self.has_output |= tensor.name == "output.weight"
        else:
            self.input += size
            if tensor.name == "token_embd.weight":
                self.embeddings = size

    def _add_to_layer(self, layer: int, name: str, dimensions: tuple[int, ...], size: int) -> None:
        self.layers[layer] += size
        width = dimensions[1] if len(dimensions) > 1 else 0
        if "_exps." in name:
            self.experts[layer] += size
            if name.startswith(("ffn_up", "ffn_gate_exps")):
                self.widest_expert = max(self.widest_expert, width)
            elif name.startswith("ffn_gate_up"):
                self.widest_expert = max(self.widest_expert, width // 2)
        elif name.startswith("ffn_up."):
            self.widest_feed_forward = max(self.widest_feed_forward, width)
        elif not name.startswith("ffn_"):
            self.inner[layer] = max(self.inner[layer], width)


def _layer(kept: LayerShape, sizes: _Sizes, number: int) -> LayerShape:
    inner = sizes.inner[number] if kept.state_bytes else 0
    return replace(kept, weights_bytes=sizes.layers[number], expert_bytes=sizes.experts[number], inner_length=inner)


def _layer_count(values: HeaderValues, tensors: Iterable[GgufTensor]) -> int:
    said = values.number("block_count")
    if 0 < said <= MAX_LAYERS:
        return said
    numbers = [int(match[1]) for tensor in tensors if (match := _LAYER.match(tensor.name))]
    values.doubt(f"it says that it has {said:,} layers" if said else "it does not say how many layers it has")
    return min(max(numbers, default=0) + 1, MAX_LAYERS)


def _loops(values: HeaderValues) -> int:
    """How often the layers are gone through, with a KV cache for each time."""
    return min(max(values.number("num_loops", 1), 1), MAX_LAYERS) if values.header.architecture == "nanbeige" else 1


def _bytes(tensor: GgufTensor, values: HeaderValues) -> int:
    if tensor.type not in BLOCKS:
        values.doubt(f"the type {tensor.type} of the tensor '{tensor.name}' is not known; it is counted as F32")
    numbers, size = BLOCKS.get(tensor.type, _F32_BLOCK)
    return -(-prod(tensor.dimensions) // numbers) * size


def _required(values: HeaderValues, key: str) -> int:
    found = values.number(key)
    if not found:
        values.doubt(f"it does not say '{values.header.own(key)}'")
    return found


def _vocabulary_size(values: HeaderValues, tensors: Iterable[GgufTensor]) -> int:
    """How many logits there are: as the tensors have them, else as many as the tokens."""
    tokens = values.header.metadata.get("tokenizer.ggml.tokens")
    named = tokens.count if isinstance(tokens, GgufArray) else values.number("vocab_size")
    rows = [t.dimensions[1] for t in tensors if t.name == "token_embd.weight" and len(t.dimensions) > 1]
    return max([named, *rows])
