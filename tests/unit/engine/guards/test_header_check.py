"""What llama.cpp would die of is refused with a sentence, and what is merely unusual is not."""

import ctypes
import math
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import ModelFileError
from app.engine.guards.gguf import ValueType
from app.engine.guards.model_files import read_model
from app.engine.guards.tensor_types import BLOCKS
from tests.gguf_files import Header, Tensor, small_model, write_file
from tests.included import INCLUDED_MODEL

U32, I32, F32, STRING, ARRAY = (
    ValueType.UINT32,
    ValueType.INT32,
    ValueType.FLOAT32,
    ValueType.STRING,
    ValueType.ARRAY,
)


def refused(header: Header, tmp_path: Path) -> str:
    """The sentence with which a file is refused."""
    path = write_file(header, tmp_path / "model.gguf")
    with pytest.raises(ModelFileError) as caught:
        read_model(path)
    assert str(path) in caught.value.sentence
    return caught.value.sentence


@pytest.mark.real_model
def test_the_included_model_passes() -> None:
    facts = read_model(INCLUDED_MODEL)
    assert (facts.architecture, facts.layer_count, facts.context_length) == ("llama", 30, 8192)
    assert facts.files == (INCLUDED_MODEL,)
    assert facts.stamp.size_bytes == INCLUDED_MODEL.stat().st_size


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"llama.attention.head_count_kv": None},
        {"llama.attention.head_count_kv": (ARRAY, (I32, [2, 0]))},  # a hybrid: its second layer has no attention
        {"llama.attention.head_count": (ARRAY, (U32, [4, 8])), "llama.attention.head_count_kv": (ARRAY, (U32, [2, 8]))},
        {"llama.feed_forward_length": (ARRAY, (U32, [128, 256]))},
        {"llama.expert_count": (U32, 64), "llama.expert_used_count": (U32, 8)},
        {"llama.expert_count": (U32, 64), "llama.expert_used_count": (ARRAY, (U32, [0, 8]))},
        {
            "llama.expert_count": (U32, 256),
            "llama.expert_used_count": (U32, 8),
            "llama.expert_group_count": (U32, 8),
            "llama.expert_group_used_count": (U32, 4),
        },
        {"llama.attention.head_count": (U32, 3), "llama.attention.head_count_kv": (U32, 1)}
        | {"llama.attention.key_length": (U32, 256)},  # Gemma's width is no multiple of its heads
        {"llama.rope.scaling.type": (STRING, "yarn")},
        {"llama.context_length": (U32, 0)},
        {"tokenizer.ggml.scores": None, "tokenizer.ggml.token_type": None},
        {"general.file_type": (U32, 99)},
    ],
)
def test_unusual_models_pass(changes: dict[str, Any], tmp_path: Path) -> None:
    path = write_file(small_model(**changes), tmp_path / "model.gguf")
    assert read_model(path).architecture == "llama"


def test_a_model_without_attention_passes(tmp_path: Path) -> None:
    header = small_model(
        **{
            "general.architecture": (STRING, "mamba"),
            "mamba.block_count": (U32, 2),
            "mamba.context_length": (U32, 1 << 20),
            "mamba.embedding_length": (U32, 64),
            "mamba.attention.head_count": (U32, 0),
            "mamba.attention.layer_norm_rms_epsilon": (F32, 1e-5),
        }
    )
    header.tensors = [Tensor("token_embd.weight", (64, 3), 0, 768), Tensor("blk.0.ssm_a", (16, 128), 0, 8192)]
    assert read_model(write_file(header, tmp_path / "model.gguf")).architecture == "mamba"


@pytest.mark.parametrize(
    ("key", "entry", "words"),
    [
        ("general.architecture", None, "does not say which architecture"),
        ("llama.block_count", None, "does not say 'llama.block_count'"),
        ("llama.block_count", (U32, 0), "must be between 1 and 512"),
        ("llama.block_count", (U32, 513), "between 0 and 512"),
        ("llama.block_count", (F32, 2.0), "whole number"),
        ("llama.block_count", (STRING, "two"), "whole number"),
        ("llama.embedding_length", (U32, 0), "between 1"),
        ("llama.embedding_length", (U32, 2**31), "'llama.embedding_length' is 2,147,483,648"),
        ("llama.context_length", None, "does not say 'llama.context_length'"),
        ("llama.attention.head_count", (U32, 0), "1 or more"),
        ("llama.attention.head_count", (U32, 5), "does not divide"),
        ("llama.attention.head_count", (I32, -4), "between 0"),
        ("llama.attention.head_count_kv", (U32, 3), "does not divide the 4 heads"),
        ("llama.attention.head_count_kv", (U32, 8), "does not divide the 4 heads"),
        ("llama.attention.head_count_kv", (ARRAY, (U32, [2, 3])), "does not divide the 4 heads"),
        ("llama.attention.layer_norm_rms_epsilon", (F32, math.nan), "number between 0 and 1"),
        ("llama.attention.layer_norm_rms_epsilon", (F32, math.inf), "number between 0 and 1"),
        ("llama.attention.layer_norm_rms_epsilon", (F32, -1e-5), "number between 0 and 1"),
        ("llama.attention.layer_norm_rms_epsilon", (U32, 1), "number between 0 and 1"),
        ("llama.rope.freq_base", (F32, math.nan), "must be a number"),
        ("llama.rope.freq_base", (F32, math.inf), "above 0"),
        ("llama.rope.freq_base", (F32, 0.0), "above 0"),
        ("llama.rope.scaling.type", (STRING, "stretch"), "must be one of linear, longrope, none, yarn"),
        ("llama.attn_logit_softcapping", (F32, math.nan), "must be a number"),
        ("llama.expert_count", (U32, 4), "does not fit the 4 experts"),
        ("llama.expert_count", (U32, 4096), "between 0 and 1,024"),
        ("llama.expert_used_count", (U32, 2), "does not fit the 0 experts"),
        ("llama.expert_group_count", (U32, 2), "does not fit the 0 experts"),
        ("llama.nextn_predict_layers", (U32, 3), "between 0 and 2"),
        ("tokenizer.ggml.tokens", None, "vocabulary"),
        ("tokenizer.ggml.tokens", (ARRAY, (STRING, [])), "vocabulary"),
        ("tokenizer.ggml.tokens", (ARRAY, (U32, [1, 2, 3])), "vocabulary"),
        ("tokenizer.ggml.tokens", (U32, 3), "vocabulary"),
        ("tokenizer.ggml.scores", (ARRAY, (F32, [0.0])), "does not fit its 3 tokens"),
        ("tokenizer.ggml.token_type", (ARRAY, (F32, [1.0] * 3)), "does not fit its 3 tokens"),
        ("tokenizer.ggml.model", (STRING, "no_vocab"), "no vocabulary"),
        ("general.type", (STRING, "adapter"), "LoRA adapter"),
        ("general.type", (STRING, "imatrix"), "importance matrix"),
        ("general.type", (STRING, "mmproj"), "projector"),
        ("general.architecture", (STRING, "clip"), "projector"),
        ("general.architecture", (STRING, "bert"), "for searching"),
        ("general.architecture", (STRING, "eagle3"), "drafts ahead"),
    ],
)
def test_a_bad_value_is_refused_and_named(key: str, entry: Any, words: str, tmp_path: Path) -> None:
    assert words in refused(small_model(**{key: entry}), tmp_path)


@pytest.mark.parametrize(
    ("tensor", "words"),
    [
        (Tensor("output_norm.weight", (64,), 1, 128), "'output_norm.weight' must be F32"),
        (Tensor("extra.weight", (64, 0), 0, 0), "dimensions 64 x 0"),
        (Tensor("extra.weight", (2**40, 2**40), 0, 0), "cannot have the dimensions"),
        (Tensor("extra.weight", (33,), 8, 34), "cannot have the dimensions 33"),
        (Tensor("extra.weight", (32,), 4, 34), "type 4"),
        (Tensor("extra.weight", (32,), 1000, 34), "type 1000"),
        (Tensor("token_embd.weight", (32,), 0, 128), "the tensor 'token_embd.weight' twice"),
        (Tensor("", (32,), 0, 128), "no name"),
        (Tensor("extra.weight", (32,), 0, 128, offset=1 << 40), "lie at 1,099,511,627,776"),
        (Tensor("extra.weight", (32,), 0, 128, offset=0), "lie at 0 where"),
    ],
)
def test_a_bad_tensor_is_refused_and_named(tensor: Tensor, words: str, tmp_path: Path) -> None:
    header = small_model()
    header.tensors[-1:] = [tensor]
    assert words in refused(header, tmp_path)


def test_a_file_that_ends_too_early_is_called_incomplete(tmp_path: Path) -> None:
    header = small_model()
    path = write_file(header, tmp_path / "model.gguf", cut=1)
    size = header.whole_size()
    with pytest.raises(ModelFileError, match=f"incomplete: it has {size - 1:,} of {size:,} bytes"):
        read_model(path)


def test_a_vocabulary_alone_is_no_model(tmp_path: Path) -> None:
    header = small_model()
    header.tensors.clear()
    assert "no weights" in refused(header, tmp_path)


@pytest.mark.real_model
def test_the_sizes_of_blocks_are_the_library_s() -> None:
    import llama_cpp.llama_cpp as llama

    size, numbers = llama._lib.ggml_type_size, llama._lib.ggml_blck_size
    size.argtypes, size.restype = [ctypes.c_int], ctypes.c_size_t
    numbers.argtypes, numbers.restype = [ctypes.c_int], ctypes.c_int64
    theirs = {kind: (numbers(kind), size(kind)) for kind in range(llama.GGML_TYPE_COUNT)}
    assert {kind: block for kind, block in theirs.items() if block[0]} == BLOCKS
