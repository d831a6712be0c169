"""Headers of models in the shapes of many architectures, small or as large as real ones; their data are never there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from app.engine.guards.gguf import ValueType
from app.engine.guards.tensor_types import BLOCKS
from tests.gguf_files import Header, Tensor

F32, Q8_0, Q4_K, Q6_K = 0, 8, 12, 14


@dataclass(frozen=True)
class Sizes:
    """How large a model is; `heads` of `head` numbers each, `kv_heads` of them with keys and values."""

    layers: int = 4
    width: int = 256
    feed_forward: int = 512
    heads: int = 8
    kv_heads: int = 2
    head: int = 64
    vocabulary: int = 4096


def tensor(name: str, dimensions: Sequence[int], kind: int = Q8_0) -> Tensor:
    """A tensor's entry; F32 where its rows are no whole blocks."""
    block, size = BLOCKS[kind]
    if len(dimensions) < 2 or dimensions[0] % block:
        return tensor(name, dimensions, F32) if kind != F32 else Tensor(name, dimensions, F32, prod(dimensions) * 4)
    return Tensor(name, dimensions, kind, prod(dimensions) // block * size)


def header(architecture: str, sizes: Sizes, values: dict[str, Any], tensors: list[Tensor]) -> Header:
    """A header with the keys that every model has; `values` are added without the architecture before their keys."""
    every = {
        "block_count": sizes.layers,
        "context_length": 131_072,
        "embedding_length": sizes.width,
        "feed_forward_length": sizes.feed_forward,
        "attention.head_count": sizes.heads,
        "attention.head_count_kv": sizes.kv_heads,
        "attention.key_length": sizes.head,
        "attention.value_length": sizes.head,
        "attention.layer_norm_rms_epsilon": 1e-5,
        "rope.dimension_count": sizes.head,
        **values,
    }
    metadata = {
        "general.architecture": (ValueType.STRING, architecture),
        "tokenizer.ggml.model": (ValueType.STRING, "gpt2"),
        "tokenizer.ggml.tokens": (ValueType.ARRAY, (ValueType.STRING, [f"t{n}" for n in range(sizes.vocabulary)])),
        **{f"{architecture}.{key}": _typed(value) for key, value in every.items() if value is not None},
    }
    ends = [tensor("token_embd.weight", (sizes.width, sizes.vocabulary)), tensor("output_norm.weight", (sizes.width,))]
    return Header(metadata, [*ends, *tensors])


def dense(
    architecture: str = "llama", sizes: Sizes = Sizes(), tied: bool = False, kind: int = Q8_0, **values: Any
) -> Header:
    """A model of attention and a gated feed-forward step; `values` (with __ for .) go into the header."""
    made = header(architecture, sizes, {key.replace("__", "."): value for key, value in values.items()}, [])
    if not tied:
        made.tensors.append(tensor("output.weight", (sizes.width, sizes.vocabulary), kind))
    for layer in range(sizes.layers):
        made.tensors += [*_attention(sizes, layer, kind), *_feed_forward(sizes, layer, kind)]
        if architecture.startswith("gemma"):
            names = ("post_attention_norm", "post_ffw_norm")
            made.tensors += [tensor(f"blk.{layer}.{name}.weight", (sizes.width,)) for name in names]
        if architecture in ("gemma3", "qwen3"):
            names = ("attn_q_norm", "attn_k_norm")
            made.tensors += [tensor(f"blk.{layer}.{name}.weight", (sizes.head,)) for name in names]
    return made


def experts(sizes: Sizes = Sizes(), count: int = 16, used: int = 4, length: int = 128) -> Header:
    """A model of experts (qwen3moe)."""
    values: dict[str, Any] = {"expert_count": count, "expert_used_count": used, "expert_feed_forward_length": length}
    made = dense("qwen3moe", sizes, **values)
    made.tensors = [t for t in made.tensors if not t.name.endswith(("gate.weight", "up.weight", "down.weight"))]
    for layer in range(sizes.layers):
        place = f"blk.{layer}."
        names = ("attn_q_norm", "attn_k_norm")
        made.tensors += [tensor(f"{place}{name}.weight", (sizes.head,)) for name in names]
        made.tensors += [
            tensor(place + "ffn_gate_inp.weight", (sizes.width, count), F32),
            tensor(place + "ffn_gate_exps.weight", (sizes.width, length, count)),
            tensor(place + "ffn_up_exps.weight", (sizes.width, length, count)),
            tensor(place + "ffn_down_exps.weight", (length, sizes.width, count)),
        ]
    return made


def latent(sizes: Sizes = Sizes(), rank: int = 512, turned: int = 64, plain: int = 128) -> Header:
    """A model with multi-head latent attention (deepseek2), without experts."""
    query, value = 256, 128
    values = {
        "attention.head_count_kv": 1,
        "attention.key_length": rank + turned,
        "attention.value_length": rank,
        "attention.key_length_mla": plain + turned,
        "attention.value_length_mla": value,
        "attention.kv_lora_rank": rank,
        "attention.q_lora_rank": query,
        "rope.dimension_count": turned,
        "leading_dense_block_count": sizes.layers,
        "expert_count": 0,
        "expert_shared_count": 0,
        "expert_feed_forward_length": 128,
    }
    made = header("deepseek2", sizes, values, [tensor("output.weight", (sizes.width, sizes.vocabulary))])
    for layer in range(sizes.layers):
        place = f"blk.{layer}.attn_"
        made.tensors += [
            tensor(place + "norm.weight", (sizes.width,)),
            tensor(place + "q_a_norm.weight", (query,)),
            tensor(place + "kv_a_norm.weight", (rank,)),
            tensor(place + "q_a.weight", (sizes.width, query)),
            tensor(place + "q_b.weight", (query, sizes.heads * (plain + turned))),
            tensor(place + "kv_a_mqa.weight", (sizes.width, rank + turned)),
            tensor(place + "k_b.weight", (plain, rank, sizes.heads)),
            tensor(place + "v_b.weight", (rank, value, sizes.heads)),
            tensor(place + "output.weight", (sizes.heads * value, sizes.width)),
            *_feed_forward(sizes, layer, Q8_0),
        ]
    return made


def hybrid(sizes: Sizes = Sizes(), every: int = 4) -> Header:
    """A model in which every fourth layer has attention and the others a running state (lfm2)."""
    kv_heads = [0 if (layer + 1) % every else sizes.kv_heads for layer in range(sizes.layers)]
    head = sizes.width // sizes.heads
    sizes = Sizes(sizes.layers, sizes.width, sizes.feed_forward, sizes.heads, sizes.kv_heads, head, sizes.vocabulary)
    made = header("lfm2", sizes, {"attention.head_count_kv": kv_heads, "shortconv.l_cache": 3}, [])
    made.tensors[1] = tensor("token_embd_norm.weight", (sizes.width,))
    for layer, heads in enumerate(kv_heads):
        place = f"blk.{layer}."
        if heads:
            names = ("attn_q_norm", "attn_k_norm")
            made.tensors += _attention(sizes, layer, Q8_0)
            made.tensors += [tensor(f"{place}{name}.weight", (head,)) for name in names]
        else:
            made.tensors += [
                tensor(place + "attn_norm.weight", (sizes.width,)),
                tensor(place + "shortconv.conv.weight", (3, sizes.width), F32),
                tensor(place + "shortconv.in_proj.weight", (sizes.width, 3 * sizes.width)),
                tensor(place + "shortconv.out_proj.weight", (sizes.width, sizes.width)),
            ]
        made.tensors += _feed_forward(sizes, layer, Q8_0)
    return made


def recurrent(sizes: Sizes = Sizes(), inner: int = 512, state: int = 64, heads: int = 8) -> Header:
    """A model of running states alone (mamba2)."""
    values = {
        "attention.head_count": 0,
        "attention.head_count_kv": None,
        "attention.key_length": None,
        "attention.value_length": None,
        "rope.dimension_count": None,
        "feed_forward_length": 0,
        "ssm.conv_kernel": 4,
        "ssm.inner_size": inner,
        "ssm.state_size": state,
        "ssm.time_step_rank": heads,
        "ssm.group_count": 1,
    }
    made = header("mamba2", sizes, values, [])
    mixed = inner + 2 * state
    for layer in range(sizes.layers):
        place = f"blk.{layer}."
        made.tensors += [
            tensor(place + "attn_norm.weight", (sizes.width,)),
            tensor(place + "ssm_in.weight", (sizes.width, inner + mixed + heads)),
            tensor(place + "ssm_conv1d.weight", (4, mixed), F32),
            tensor(place + "ssm_conv1d.bias", (mixed,)),
            tensor(place + "ssm_dt.bias", (heads,)),
            tensor(place + "ssm_a", (1, heads), F32),
            tensor(place + "ssm_d", (1, heads), F32),
            tensor(place + "ssm_norm.weight", (inner, 1), F32),
            tensor(place + "ssm_out.weight", (inner, sizes.width)),
        ]
    return made


def mistral_small() -> Header:
    """Mistral Small 3 24B in Q4_K_M, as its publisher's file has it, with a vocabulary of other words.

    Which tensors are Q6_K is the rule of llama_tensor_get_type in llama.cpp's src/llama-quant.cpp.
    """
    sizes = Sizes(40, 5120, 32768, 32, 8, 128, 131_072)
    made = dense("llama", sizes, kind=Q4_K)
    fine = {f"blk.{layer}.{name}.weight" for layer in _finer(sizes.layers) for name in ("attn_v", "ffn_down")}
    fine.add("output.weight")
    kinds = {"token_embd.weight": Q4_K, **dict.fromkeys(fine, Q6_K)}
    made.tensors = [tensor(t.name, t.dimensions, kinds.get(t.name, t.type)) for t in made.tensors]
    return made


def write_sparse(made: Header, path: Path) -> Path:
    """The model's file with its whole size, of which only the header takes space."""
    with path.open("wb") as file:
        file.write(made.to_bytes())
        file.truncate(made.whole_size())
    return path


def _finer(layers: int) -> Iterator[int]:
    eighth = layers // 8
    return (n for n in range(layers) if n < eighth or n >= 7 * layers // 8 or (n - eighth) % 3 == 2)


def _attention(sizes: Sizes, layer: int, kind: int) -> list[Tensor]:
    place, kv = f"blk.{layer}.attn_", sizes.kv_heads * sizes.head
    return [
        tensor(place + "norm.weight", (sizes.width,)),
        tensor(place + "q.weight", (sizes.width, sizes.heads * sizes.head), kind),
        tensor(place + "k.weight", (sizes.width, kv), kind),
        tensor(place + "v.weight", (sizes.width, kv), kind),
        tensor(place + "output.weight", (sizes.heads * sizes.head, sizes.width), kind),
    ]


def _feed_forward(sizes: Sizes, layer: int, kind: int) -> list[Tensor]:
    place = f"blk.{layer}.ffn_"
    return [
        tensor(place + "norm.weight", (sizes.width,)),
        tensor(place + "gate.weight", (sizes.width, sizes.feed_forward), kind),
        tensor(place + "up.weight", (sizes.width, sizes.feed_forward), kind),
        tensor(place + "down.weight", (sizes.feed_forward, sizes.width), kind),
    ]


def _typed(value: Any) -> tuple[ValueType, Any]:
    if isinstance(value, bool):
        return ValueType.BOOL, value
    if isinstance(value, list):
        return ValueType.ARRAY, (ValueType.BOOL if isinstance(value[0], bool) else ValueType.UINT32, value)
    if isinstance(value, str):
        return ValueType.STRING, value
    return (ValueType.FLOAT32, value) if isinstance(value, float) else (ValueType.UINT32, value)
