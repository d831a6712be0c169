"""What a model is made of, by what its card says and how large a file is: an estimate for files nobody has looked into.

The file's bytes are given to the input and the output by the type that llama.cpp's quantizer stores them in
(llama-quant.cpp, llama_tensor_get_type_impl), and the rest evenly to the layers.
"""

import math
from dataclasses import dataclass, replace

from app.core.shape import LayerShape, ModelOutline, ModelShape

_HEADER_BYTES_PER_TOKEN = 40
"""What a header takes for a token of the vocabulary: 39 in Qwen's, 42 in Command R's and 61 in Llama 3's of the GGUF
vocabularies that come with llama.cpp, which hold nothing else."""


@dataclass(frozen=True, slots=True)
class _Bits:
    """Bits per weight of the token embeddings and of the output matrix."""

    embeddings: float
    output: float


# Bits by the sizes of ggml's blocks (ggml-common.h), types as in llama-quant.cpp. The first name that a quantization
# begins with counts.
_Q6_K, _Q5_K, _Q4_K, _Q2_K, _Q8_0, _IQ3_S = 6.5625, 5.5, 4.5, 2.625, 8.5, 3.4375
_BITS = {
    "F32": _Bits(32, 32),
    "BF16": _Bits(16, 16),
    "F16": _Bits(16, 16),
    "Q8_": _Bits(_Q8_0, _Q8_0),
    "Q6_K": _Bits(_Q6_K, _Q6_K),
    "Q5_K": _Bits(_Q5_K, _Q6_K),
    "Q5_1": _Bits(6, _Q6_K),
    "Q5_0": _Bits(5.5, _Q6_K),
    "Q4_K": _Bits(_Q4_K, _Q6_K),
    "Q4_1": _Bits(5, _Q6_K),
    "Q4_0": _Bits(4.5, _Q6_K),
    "Q3_K": _Bits(3.4375, _Q6_K),
    "Q2_K": _Bits(_Q2_K, _Q6_K),
    "IQ4_XS": _Bits(4.25, _Q6_K),
    "IQ4_NL": _Bits(4.5, _Q6_K),
    "IQ3_XXS": _Bits(_IQ3_S, _Q5_K),
    "IQ3_": _Bits(_IQ3_S, _Q6_K),
    "IQ2_XX": _Bits(_Q2_K, _Q5_K),
    "IQ2_XS": _Bits(_Q2_K, _Q5_K),
    "IQ2_": _Bits(_IQ3_S, _Q5_K),
    "MXFP4": _Bits(_Q8_0, _Q8_0),
}
_MXFP4_BITS = 4.25


def shape_of_outline(outline: ModelOutline, size_bytes: int, quantization: str) -> ModelShape:
    """The shape of a file of `size_bytes`; its parts add up to that, less a small header.

    Where it cannot be told how the embeddings are stored, all is counted in the layers, and `doubts` says so. Raises
    ValueError when the outline lacks what is needed or the file is smaller than its own header would be.
    """
    weights = size_bytes - _HEADER_BYTES_PER_TOKEN * outline.vocabulary_size
    needed = (outline.layer_count, outline.embedding_length, outline.kv_head_count, outline.head_length)
    if min(*needed, outline.vocabulary_size, weights) < 1:
        raise ValueError(f"A file of {size_bytes} bytes cannot be described by {outline!r}.")
    bits = next((b for name, b in _BITS.items() if quantization.removeprefix("UD-").startswith(name)), None)
    input_bytes, output_bytes = _input_and_output(outline, bits) if bits else (0, 0)
    body = weights - input_bytes - (0 if outline.tied_output else output_bytes)
    doubts: tuple[str, ...] = ()
    if bits is None or body < outline.layer_count:
        doubts = ("How this file stores its embeddings is not known, so all of it is counted in the layers.",)
        input_bytes, output_bytes, body = 0, 0, weights
    return ModelShape(
        architecture=outline.architecture,
        layers=_layers(outline, body, weights, quantization),
        embedding_length=outline.embedding_length,
        feed_forward_length=outline.feed_forward_length,
        head_count=outline.head_count,
        vocabulary_size=outline.vocabulary_size,
        trained_context_length=outline.context_length,
        input_bytes=input_bytes,
        output_bytes=output_bytes,
        tied_output=outline.tied_output,
        expert_count=outline.expert_count,
        expert_used_count=outline.expert_used_count,
        exact=False,
        doubts=doubts,
    )


def _input_and_output(outline: ModelOutline, bits: _Bits) -> tuple[int, int]:
    """The quantizer stores embeddings that are the output too as it does an output."""
    embeddings = bits.output if outline.tied_output else bits.embeddings
    matrix = outline.vocabulary_size * outline.embedding_length
    beside = outline.vocabulary_size * outline.layer_input_length
    return math.ceil((matrix * embeddings + beside * bits.embeddings) / 8), math.ceil(matrix * bits.output / 8)


def _layers(outline: ModelOutline, body: int, weights: int, quantization: str) -> tuple[LayerShape, ...]:
    count = outline.layer_count
    experts = min(body, round(weights * _expert_share(outline, quantization))) // count
    return tuple(
        # What is left over by the division goes to the first layers, one byte each.
        _with_cache(outline, number, LayerShape(body // count + (number < body % count), experts))
        for number in range(count)
    )


def _expert_share(outline: ModelOutline, quantization: str) -> float:
    """The experts' part of all weights, in bytes.

    With e of the parameters in `expert_count` experts of which `expert_used_count` work, a token uses
    1 - e + e * used / count = active_share of them, which gives e.
    """
    if not 0 < outline.expert_used_count < outline.expert_count:
        return 0.0
    parameters = (1 - outline.active_share) / (1 - outline.expert_used_count / outline.expert_count)
    parameters = min(1.0, max(0.0, parameters))
    if not quantization.startswith("MXFP4"):
        return parameters
    return parameters * _MXFP4_BITS / (parameters * _MXFP4_BITS + (1 - parameters) * _Q8_0)


def _with_cache(outline: ModelOutline, number: int, layer: LayerShape) -> LayerShape:
    """What this layer remembers of each token."""
    attention = outline.layer_count if outline.attention_layers is None else outline.attention_layers
    if outline.window:
        remembers = number < attention
    else:
        remembers = (number + 1) * attention // outline.layer_count > number * attention // outline.layer_count
    if not remembers:
        return replace(layer, state_bytes=outline.state_bytes)
    whole = not outline.window or (outline.window_every > 0 and (number + 1) % outline.window_every == 0)
    heads = (whole and outline.full_kv_head_count) or outline.kv_head_count
    length = (whole and outline.full_head_length) or outline.head_length
    return replace(
        layer,
        kv_heads=heads,
        key_length=length,
        value_length=length if outline.value_length is None else outline.value_length,
        window=0 if whole else outline.window,
    )
