"""Refuses, with a sentence, a model file whose header llama.cpp would stumble over or die of."""

import math
from collections.abc import Callable

from app.core.errors import ModelFileError, NotAModelError
from app.engine.guards.gguf import GgufArray, GgufHeader, ValueType
from app.engine.guards.gguf_bytes import HeaderError, KindError
from app.engine.guards.tensor_check import check_tensors

# The greatest numbers that llama.cpp has room for (llama-hparams.h), and bounds beyond every model there is.
MAX_LAYERS = 512
MAX_EXPERTS = 1024
_MAX_WIDTH = 1 << 20
_MAX_CONTEXT = 1 << 30
_MAX_HEADS = 1 << 14

_ROPE_SCALINGS = frozenset({"none", "linear", "yarn", "longrope"})
_WITHOUT_VOCABULARY = frozenset({"none", "no_vocab"})

_EMBEDDING = "turns texts into numbers for searching and cannot write. Choose a model for chatting."
_NO_CHAT = {
    **dict.fromkeys(
        (
            "bert",
            "modern-bert",
            "nomic-bert",
            "nomic-bert-moe",
            "neo-bert",
            "jina-bert-v2",
            "jina-bert-v3",
            "eurobert",
            "gemma-embedding",
            "llama-embed",
            "t5encoder",
        ),
        _EMBEDDING,
    ),
    "clip": "reads pictures or sound for a model and is no model itself (a projector). Open the model it belongs to.",
    "controlvector": "is a control vector, which changes a model and is none itself. Choose a model.",
    "t5": "is made for translating, with an encoder, and cannot chat. Choose a model for chatting.",
    "wavtokenizer-dec": "turns tokens into sound and cannot write. Choose a model for chatting.",
    **dict.fromkeys(
        ("eagle3", "dflash", "gemma4-assistant"),
        "drafts ahead for another model and cannot write by itself. Open the model it belongs to.",
    ),
}
_NO_MODEL = {
    "adapter": "is a LoRA adapter, which changes a model and is none itself. Open the model and add the adapter to it.",
    "imatrix": "is an importance matrix, which helps in quantizing a model and is none itself. Choose a model.",
    "mmproj": _NO_CHAT["clip"],
}


def check_header(header: GgufHeader, size_bytes: int, label: str) -> None:
    """Check the header of a model in one file, or of the first file of several; `label` begins the sentences.

    `size_bytes` is the size of the file that the header is from. Raises ModelFileError.
    """
    _with_label(label, lambda: _check(header, size_bytes))


def check_part(header: GgufHeader, size_bytes: int, label: str) -> None:
    """Check the header of a further file of a model, which has only tensors. Raises ModelFileError."""
    _with_label(label, lambda: check_tensors(header, size_bytes))


def _with_label(label: str, check: Callable[[], None]) -> None:
    try:
        check()
    except KindError as error:
        raise NotAModelError(f"{label} {error}") from error
    except HeaderError as error:
        raise ModelFileError(f"{label} {error}") from error


def _check(header: GgufHeader, size_bytes: int) -> None:
    _check_kind(header)
    _check_sizes(header)
    _check_heads(header)
    _check_experts(header)
    _check_fractions(header)
    _check_vocabulary(header)
    if not header.tensors and header.split_count == 1:
        raise HeaderError("holds a vocabulary and no weights, so it cannot write. Choose a whole model.")
    check_tensors(header, size_bytes)


def _check_kind(header: GgufHeader) -> None:
    kind = header.text("general.type")
    if kind in _NO_MODEL:
        raise KindError(_NO_MODEL[kind])
    if not header.architecture:
        fault = "its header does not say which architecture it has ('general.architecture')"
        raise HeaderError(f"is no model that can be used: {fault}. Choose another file.")
    if header.architecture in _NO_CHAT:
        raise KindError(_NO_CHAT[header.architecture])


def _check_sizes(header: GgufHeader) -> None:
    layers = _required(header, "block_count", 1, MAX_LAYERS)
    _required(header, "embedding_length", 1, _MAX_WIDTH)
    _required(header, "context_length", 0, _MAX_CONTEXT)
    _bounded(header, "nextn_predict_layers", 0, layers)
    for key in ("attention.key_length", "attention.value_length", "rope.dimension_count", "feed_forward_length"):
        _bounded(header, key, 0, _MAX_WIDTH * 16)


def _check_heads(header: GgufHeader) -> None:
    heads = _per_layer(header, "attention.head_count", _MAX_HEADS)
    kv_heads = _per_layer(header, "attention.head_count_kv", _MAX_HEADS)
    if len(heads) == 1 and heads[0] == 0 and any(".attn_q." in tensor.name for tensor in header.tensors):
        raise _wrong(header.own("attention.head_count"), 0, "must be 1 or more in a model with attention")
    for count, kv_count in zip(_spread(heads, len(kv_heads)), _spread(kv_heads, len(heads)), strict=False):
        if count and kv_count and (kv_count > count or count % kv_count):
            reason = f"does not divide the {count:,} heads of '{header.own('attention.head_count')}'"
            raise _wrong(header.own("attention.head_count_kv"), kv_count, reason)
    width = header.integer(header.own("embedding_length"))
    has_length = header.integer(header.own("attention.key_length")) is not None
    if width and not has_length and len(heads) == 1 and heads[0] and width % heads[0]:
        raise _wrong(header.own("attention.head_count"), heads[0], f"does not divide the model's width of {width:,}")


def _check_experts(header: GgufHeader) -> None:
    count = _bounded(header, "expert_count", 0, MAX_EXPERTS) or 0
    if count <= 1 and header.architecture.startswith("hunyuan"):
        return  # it says 1 where it means none
    used = max(_per_layer(header, "expert_used_count", MAX_EXPERTS), default=0)
    if used > count or (count and not used):
        raise _wrong(header.own("expert_used_count"), used, f"does not fit the {count:,} experts there are")
    groups = _bounded(header, "expert_group_count", 0, MAX_EXPERTS) or 0
    used_groups = _bounded(header, "expert_group_used_count", 0, MAX_EXPERTS) or 0
    if groups and (groups >= count or (groups > 1 and (count % groups or not 0 < used_groups < groups))):
        raise _wrong(header.own("expert_group_count"), groups, f"does not fit the {count:,} experts there are")


def _check_fractions(header: GgufHeader) -> None:
    own = header.own("")
    for key, value in header.metadata.items():
        if not key.startswith(own):
            continue
        if key.endswith("epsilon") and not isinstance(value, GgufArray):
            if not isinstance(value, float) or not 0 <= value <= 1:
                raise _wrong(key, value, "must be a number between 0 and 1")
        elif isinstance(value, float) and math.isnan(value):
            raise _wrong(key, value, "must be a number")
    scaling = header.metadata.get(header.own("rope.scaling.type"), "none")
    if scaling not in _ROPE_SCALINGS:
        raise _wrong(header.own("rope.scaling.type"), scaling, f"must be one of {', '.join(sorted(_ROPE_SCALINGS))}")
    base = header.metadata.get(header.own("rope.freq_base"))
    if isinstance(base, float) and not 0 < base < math.inf:
        raise _wrong(header.own("rope.freq_base"), base, "must be above 0")


def _check_vocabulary(header: GgufHeader) -> None:
    if header.text("tokenizer.ggml.model") in _WITHOUT_VOCABULARY:
        raise HeaderError("has no vocabulary, so it can neither read nor write text. Choose another file.")
    tokens = header.metadata.get("tokenizer.ggml.tokens")
    if not isinstance(tokens, GgufArray) or tokens.element is not ValueType.STRING or not tokens.count:
        raise HeaderError("is damaged: its vocabulary ('tokenizer.ggml.tokens') is missing. Download it again.")
    for key, elements in (
        ("tokenizer.ggml.scores", {ValueType.FLOAT32, ValueType.INT32}),
        ("tokenizer.ggml.token_type", {ValueType.INT32}),
    ):
        beside = header.metadata.get(key)
        if beside is None:
            continue
        if not isinstance(beside, GgufArray) or beside.element not in elements or beside.count < tokens.count:
            raise HeaderError(f"is damaged: '{key}' does not fit its {tokens.count:,} tokens. Download it again.")


def _required(header: GgufHeader, key: str, least: int, most: int) -> int:
    value = _bounded(header, key, least, most)
    if value is None:
        fault = f"its header does not say '{header.own(key)}'"
        raise HeaderError(f"is no model that can be used: {fault}. Choose another file.")
    return value


def _bounded(header: GgufHeader, key: str, least: int, most: int) -> int | None:
    """A whole number between its bounds; None when the header has none, or one for each layer."""
    values = _per_layer(header, key, most)
    if len(values) != 1:
        return None
    if values[0] < least:
        raise _wrong(header.own(key), values[0], f"must be between {least:,} and {most:,}")
    return values[0]


def _per_layer(header: GgufHeader, key: str, most: int) -> tuple[int, ...]:
    """The whole numbers of a key that may have one for each layer, none when the key is missing; at most `most`."""
    value = header.metadata.get(header.own(key))
    if value is None:
        return ()
    values = (value.values or ()) if isinstance(value, GgufArray) else (value,)
    numbers = []
    for number in values:
        if not isinstance(number, int):
            raise _wrong(header.own(key), number, "must be a whole number")
        if not 0 <= number <= most:
            raise _wrong(header.own(key), number, f"must be between 0 and {most:,}")
        numbers.append(int(number))
    return tuple(numbers)


def _spread(values: tuple[int, ...], count: int) -> tuple[int, ...]:
    """One value for all layers as one for each; values for each layer as they are."""
    return values * count if len(values) == 1 else values


def _wrong(key: str, value: object, reason: str) -> HeaderError:
    shown = f"{value:,}" if isinstance(value, int) else f"{value!r}"
    return HeaderError(f"is damaged: '{key}' is {shown[:60]}, and it {reason}. Download it again.")
