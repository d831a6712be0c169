"""What each layer of a model keeps for its context, by the header's numbers and the architecture's rules.

The rules are llama.cpp's: load_arch_hparams in src/models/*.cpp, llama_model::create_memory in src/llama-model.cpp and
llama_hparams in src/llama-hparams.cpp, as of llama-cpp-python 0.3.36.
"""

from dataclasses import dataclass

from app.core.shape import LayerShape
from app.engine.guards.header_values import HeaderValues

_F32_BYTES = 4


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Every `period`-th layer sees the whole context (the first of them with `dense_first`), the others a window."""

    period: int
    dense_first: bool = False
    window: int = 0  # where the header does not say
    fixed: int = 0  # whatever the header says


_PATTERNS = {
    "afmoe": _Pattern(4),
    "cohere2": _Pattern(4),
    "cohere2moe": _Pattern(4, dense_first=True),
    "exaone-moe": _Pattern(4, window=128),
    "gemma2": _Pattern(2, window=4096),
    "gemma3": _Pattern(6),
    "gemma3n": _Pattern(5),
    "gpt-oss": _Pattern(2),
    "laguna": _Pattern(4, dense_first=True),
    "llama4": _Pattern(4, window=8192, fixed=8192),
    "mellum": _Pattern(4),
    "muse-glimmer": _Pattern(4),
    "olmo2": _Pattern(4),
    "plamo3": _Pattern(8),
    "smallthinker": _Pattern(4, dense_first=True, fixed=4096),
}
# In these the header lists which layers have a window.
_LISTED = frozenset({"gemma4", "granite_swa", "maple", "mimo2", "spark2_5", "step35"})
_EXAONE4_WINDOWED_LAYERS = 64  # only the 32B has windows
_EXAONE4 = _Pattern(4, window=4096)

_RECURRENT = frozenset({"mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7"})
# Layers without KV heads are the recurrent ones.
_HYBRID_BY_HEADS = frozenset(
    {"jamba", "plamo2", "granitehybrid", "lfm2", "lfm2moe", "kimi-linear", "bailingmoe3", "kimi-k3", "glm5-next"}
)
_HYBRID_BY_INTERVAL = {"qwen3next": 4, "qwen35": 4, "qwen35moe": 4, "qwen4exp": 4, "minimax-01": 8}
_NEMOTRON = frozenset({"nemotron_h", "nemotron_h_moe"})
_BOTH_IN_EVERY_LAYER = "falcon-h1"
_GEMMA3N_LAYERS_WITH_KV = 20

# They keep more beside keys and values (an indexer's keys, compressed blocks, a router's): what is told is too little.
_KEEP_MORE = frozenset(
    {
        *("deepseek32", "deepseek4", "dots3note", "glm-dsa", "glm5-next", "graniteswitch", "hrm_text", "hy_v4"),
        *("kimi-k3", "minimax-m3", "qwen4exp"),
    }
)
# Every layer keeps keys and values of the whole context.
_PLAIN = frozenset(
    {
        *("apertus", "arcee", "arctic", "baichuan", "bailingmoe", "bailingmoe2", "bitnet", "bloom", "chameleon"),
        *("chatglm", "codeshell", "cogvlm", "command-r", "dbrx", "deci", "deepseek", "deepseek2", "deepseek2-ocr"),
        *("dots1", "dream", "ernie4_5", "ernie4_5-moe", "exaone", "exaone4", "falcon", "gemma", "glm4", "glm4moe"),
        *("gpt2", "gptj", "gptneox", "granite", "granitemoe", "grok", "grovemoe", "hunyuan-dense", "hunyuan-moe"),
        *("hunyuan_vl", "hy_v3", "internlm2", "jais", "jais2", "llada", "llada-moe", "llama", "maincoder", "minicpm"),
        *("minicpm3", "minimax-m2", "mistral3", "mistral4", "mpt", "nanbeige", "nemotron", "olmo", "olmoe", "openelm"),
        *(
            "orion",
            "paddleocr",
            "pangu-embedded",
            "phi2",
            "phi3",
            "phimoe",
            "plamo",
            "plm",
            "qwen",
            "qwen2",
            "qwen2moe",
        ),
        *("qwen2vl", "qwen3", "qwen3moe", "qwen3vl", "qwen3vlmoe", "refact", "rnd1", "seed_oss", "smollm3", "stablelm"),
        *("starcoder", "starcoder2", "talkie", "xverse"),
    }
)
_KNOWN = _PLAIN.union(
    _PATTERNS, _LISTED, _RECURRENT, _HYBRID_BY_HEADS, _HYBRID_BY_INTERVAL, _NEMOTRON, _KEEP_MORE, {_BOTH_IN_EVERY_LAYER}
)


def cache_layers(values: HeaderValues, count: int) -> list[LayerShape]:
    """What each of `count` layers keeps; their weights are left at 0. Doubts go to `values`."""
    architecture = values.header.architecture
    if architecture not in _KNOWN:
        values.doubts.append(
            f"The architecture '{architecture}' is not known here: every layer is counted as keeping the whole context."
        )
    elif architecture in _KEEP_MORE:
        values.doubts.append(
            f"Models of the architecture '{architecture}' keep more for their context than is counted here."
        )
    kept = count - _layers_without_cache(values, count)
    windows = _windows(values, count)
    recurrent = _recurrent(values, count)
    keys = [_attention(values, layer, window, count) for layer, window in enumerate(windows)]
    state = _state_bytes(values) if any(recurrent) else 0
    layers = []
    for layer, attention in enumerate(keys):
        if layer >= kept:
            layers.append(LayerShape(0))
        elif not recurrent[layer]:
            layers.append(attention if _attends(values, layer, count) else LayerShape(0))
        elif architecture == _BOTH_IN_EVERY_LAYER:
            layers.append(_with_state(attention, state))
        else:
            layers.append(LayerShape(0, state_bytes=state))
    return layers


def predicting_layers(values: HeaderValues, count: int) -> int:
    """How many of the last layers only draft further tokens: llama.cpp leaves them out unless asked for them."""
    if values.header.architecture in ("graniteswitch", "gemma4"):
        return 0
    return min(values.number("nextn_predict_layers"), count - 1)


def _layers_without_cache(values: HeaderValues, count: int) -> int:
    """How many of the last layers keep nothing of their own."""
    if values.header.architecture == "gemma3n":
        return max(count - _GEMMA3N_LAYERS_WITH_KV, 0)
    if values.header.architecture == "gemma4":
        return min(values.number("attention.shared_kv_layers"), count)
    return predicting_layers(values, count)


def _windows(values: HeaderValues, count: int) -> list[int]:
    """The window of each layer; 0 sees the whole context."""
    architecture = values.header.architecture
    pattern = _PATTERNS.get(architecture)
    if architecture == "exaone4" and count == _EXAONE4_WINDOWED_LAYERS:
        pattern = _EXAONE4
    window = values.number("attention.sliding_window", pattern.window if pattern else 0)
    if not window:
        return [0] * count
    if architecture == "lfm2":
        return [window] * count
    if architecture in _LISTED or (pattern and values.is_list("attention.sliding_window_pattern")):
        if not values.is_list("attention.sliding_window_pattern"):
            values.doubt("it does not list which layers have a sliding window; all are counted as without")
        return [window * bool(windowed) for windowed in values.each("attention.sliding_window_pattern", count)]
    if pattern is None:
        return [0] * count
    window = pattern.fixed or window
    period = values.number("attention.sliding_window_pattern", pattern.period)
    whole = 0 if pattern.dense_first else period - 1
    return [0 if period and layer % period == whole else window for layer in range(count)]


def _recurrent(values: HeaderValues, count: int) -> list[bool]:
    """Which layers keep a running state."""
    architecture = values.header.architecture
    if architecture in _RECURRENT or architecture == _BOTH_IN_EVERY_LAYER:
        return [True] * count
    kv_heads = _kv_heads(values, count)
    if architecture in _HYBRID_BY_HEADS:
        return [heads == 0 for heads in kv_heads]
    if architecture in _NEMOTRON:
        lengths = values.each("feed_forward_length", count)
        return [heads == 0 and length == 0 for heads, length in zip(kv_heads, lengths, strict=True)]
    if architecture in _HYBRID_BY_INTERVAL:
        if values.has("attention.recurrent_layers"):
            return [bool(flag) for flag in values.each("attention.recurrent_layers", count)]
        interval = values.number("full_attention_interval", _HYBRID_BY_INTERVAL[architecture])
        return [bool(interval) and (layer + 1) % interval != 0 for layer in range(count)]
    return [False] * count


def _attends(values: HeaderValues, layer: int, count: int) -> bool:
    """Whether a layer that is not recurrent has a KV cache."""
    return values.header.architecture not in _NEMOTRON or values.each("feed_forward_length", count)[layer] == 0


def _attention(values: HeaderValues, layer: int, window: int, count: int) -> LayerShape:
    heads = values.each("attention.head_count", count)
    whole = values.number("embedding_length") // heads[0] if heads[0] else 0
    if not whole and not values.has("attention.key_length") and values.header.architecture not in _RECURRENT:
        values.doubt("it does not say how long its keys are")
    key = values.number("attention.key_length", whole)
    value = values.number("attention.value_length", whole)
    if window:
        key = values.number("attention.key_length_swa", key)
        value = values.number("attention.value_length_swa", value)
    if values.number("attention.key_length_mla") and values.number("attention.value_length_mla"):
        value = 0  # the compressed key holds it
    return LayerShape(0, kv_heads=_kv_heads(values, count)[layer], key_length=key, value_length=value, window=window)


def _kv_heads(values: HeaderValues, count: int) -> tuple[int, ...]:
    heads = values.each("attention.head_count", count)
    return values.each("attention.head_count_kv", count, heads)


def _with_state(layer: LayerShape, state_bytes: int) -> LayerShape:
    return LayerShape(
        0,
        kv_heads=layer.kv_heads,
        key_length=layer.key_length,
        value_length=layer.value_length,
        state_bytes=state_bytes,
    )


def _state_bytes(values: HeaderValues) -> int:
    """llama_hparams::n_embd_r and n_embd_s in F32."""
    width = values.number("embedding_length")
    heads = max(values.each("attention.head_count", 1))
    kernel = values.number("ssm.conv_kernel")
    if head := values.number("wkv.head_size"):
        return _F32_BYTES * (values.number("token_shift_count", 2) * width + width * head)
    if cached := values.number("shortconv.l_cache"):
        return _F32_BYTES * width * (cached - 1)
    if head := values.number("kda.head_dim"):
        return _F32_BYTES * (3 * (kernel - 1 if kernel else 3) * heads * head + head * head * heads)
    inner, size = values.number("ssm.inner_size"), values.number("ssm.state_size")
    shift = max(kernel - 1, 0) * (inner + 2 * values.number("ssm.group_count") * size)
    if values.header.architecture == "minimax-01":
        head = values.number("attention.key_length", width // heads if heads else 0)
        return _F32_BYTES * (shift + head * head * heads)
    if not inner or not size:
        values.doubt("it does not say how large its running state is")
    return _F32_BYTES * (shift + size * inner)
