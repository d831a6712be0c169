"""The shape of a model by its header: what each layer weighs and keeps, whatever its architecture."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import ModelFileError
from app.core.shape import LayerShape, ModelShape
from app.engine.guards.gguf import ValueType, read_header
from app.engine.guards.model_files import read_shape
from app.engine.guards.shape import shape_of
from tests.gguf_files import Header, small_model, write_file, write_parts
from tests.included import INCLUDED_MODEL
from tests.model_headers import Sizes, dense, experts, header, hybrid, latent, mistral_small, recurrent, tensor


def shape(made: Header) -> ModelShape:
    data = made.to_bytes()
    return shape_of(read_header(lambda offset, length: data[offset : offset + length]))


def windows(made: Header) -> list[int]:
    return [layer.window for layer in shape(made).layers]


def test_every_tensor_is_counted_where_it_stands() -> None:
    made = dense(sizes=Sizes(layers=2))
    found = shape(made)
    sizes = {t.name: t.bytes for t in made.tensors}
    assert found.input_bytes == sizes["token_embd.weight"]
    assert found.output_bytes == sizes["output.weight"] + sizes["output_norm.weight"]
    assert found.weights_bytes == sum(sizes.values())
    assert (
        found.layers[0]
        == found.layers[1]
        == LayerShape(sum(size for name, size in sizes.items() if name.startswith("blk.0.")), 0, 2, 64, 64)
    )
    assert (found.embedding_length, found.feed_forward_length, found.head_count) == (256, 512, 8)
    assert (found.vocabulary_size, found.trained_context_length) == (4096, 131_072)
    assert found.exact
    assert not found.doubts
    assert not found.tied_output


def test_without_an_output_the_embeddings_are_it() -> None:
    made = dense(tied=True)
    found = shape(made)
    assert found.tied_output
    assert found.output_bytes == found.input_bytes
    assert found.weights_bytes == sum(t.bytes for t in made.tensors)


def test_the_24_b_shape_weighs_what_its_publisher_s_file_does() -> None:
    made = mistral_small()
    found = shape(made)
    assert found.weights_bytes == sum(t.bytes for t in made.tensors)
    assert found.weights_bytes / 14_333_908_672 == pytest.approx(1, abs=0.001)  # that is with its header


def test_the_included_model_has_no_doubts() -> None:
    found = read_shape(INCLUDED_MODEL)
    assert not found.doubts
    assert found.weights_bytes == 96_576_768
    assert (len(found.layers), found.vocabulary_size, found.tied_output) == (30, 49_152, True)


@pytest.mark.parametrize(
    ("architecture", "layers", "values", "expected"),
    [
        ("gemma2", 4, {}, [4096, 0, 4096, 0]),
        ("gemma2", 2, {"attention__sliding_window": 1024}, [1024, 0]),
        ("gemma3", 7, {"attention__sliding_window": 512}, [512] * 5 + [0, 512]),
        ("gemma3", 2, {}, [0, 0]),
        ("gpt-oss", 3, {"attention__sliding_window": 128}, [128, 0, 128]),
        ("cohere2", 5, {"attention__sliding_window": 4096}, [4096] * 3 + [0, 4096]),
        ("cohere2moe", 5, {"attention__sliding_window": 4096}, [0, 4096, 4096, 4096, 0]),
        ("llama4", 4, {}, [8192, 8192, 8192, 0]),
        ("llama4", 4, {"attention__sliding_window": 0}, [0] * 4),
        ("smallthinker", 4, {"attention__sliding_window": 100}, [0, 4096, 4096, 4096]),
        (
            "gemma4",
            3,
            {"attention__sliding_window": 64, "attention__sliding_window_pattern": [True, False, True]},
            None,
        ),
        ("gemma3", 4, {"attention__sliding_window": 64, "attention__sliding_window_pattern": 2}, [64, 0, 64, 0]),
        ("phi3", 2, {"attention__sliding_window": 2047}, [0, 0]),
        ("llama", 2, {"attention__sliding_window": 4096}, [0, 0]),
        ("qwen2", 2, {"attention__sliding_window": 4096}, [0, 0]),
        ("exaone4", 4, {"attention__sliding_window": 4096}, [0] * 4),
        ("exaone4", 64, {"attention__sliding_window": 4096}, [4096, 4096, 4096, 0] * 16),
    ],
)
def test_windows_are_where_the_architecture_has_them(
    architecture: str, layers: int, values: dict[str, Any], expected: list[int] | None
) -> None:
    made = dense(architecture, Sizes(layers=layers), **values)
    assert windows(made) == (expected or [64, 0, 64])
    assert not shape(made).doubts


def test_windowed_layers_may_have_other_lengths() -> None:
    values: dict[str, Any] = {
        "attention__sliding_window": 64,
        "attention__sliding_window_pattern": [True, False],
        "attention__key_length_swa": 32,
        "attention__value_length_swa": 32,
    }
    first, second = shape(dense("gemma4", Sizes(layers=2), **values)).layers
    assert (first.key_length, first.value_length) == (32, 32)
    assert (second.key_length, second.value_length) == (64, 64)


def test_the_last_layers_of_gemma_share_a_cache() -> None:
    values: dict[str, Any] = {"attention__sliding_window": 64, "attention__sliding_window_pattern": [True, False, True]}
    layers = shape(dense("gemma4", Sizes(layers=3), attention__shared_kv_layers=2, **values)).layers
    assert [layer.kv_heads for layer in layers] == [2, 0, 0]
    layers = shape(dense("gemma3n", Sizes(layers=22), attention__sliding_window=512)).layers
    assert [layer.kv_heads for layer in layers] == [2] * 20 + [0] * 2
    assert all(layer.weights_bytes for layer in layers)


def test_each_layer_may_have_its_own_number_of_heads() -> None:
    made = dense(attention__head_count_kv=[1, 2, 4, 8])
    assert [layer.kv_heads for layer in shape(made).layers] == [1, 2, 4, 8]


def test_lengths_that_are_not_said_follow_from_the_heads() -> None:
    layer = shape(dense(attention__key_length=None, attention__value_length=None)).layers[0]
    assert (layer.key_length, layer.value_length) == (32, 32)  # 256 / 8
    assert shape(dense(attention__head_count_kv=None)).layers[0].kv_heads == 8


def test_a_compressed_key_stands_for_all_heads() -> None:
    layer = shape(latent()).layers[0]
    assert (layer.kv_heads, layer.key_length, layer.value_length) == (1, 576, 0)


def test_experts_are_told_apart() -> None:
    made = experts(count=16, used=4, length=128)
    found = shape(made)
    held = sum(t.bytes for t in made.tensors if t.name.startswith("blk.0.") and "_exps." in t.name)
    assert found.layers[0].expert_bytes == held
    assert 0 < held < found.layers[0].weights_bytes
    assert (found.expert_count, found.expert_used_count, found.expert_feed_forward_length) == (16, 4, 128)


def test_running_states_are_kept_instead_of_keys() -> None:
    layers = shape(hybrid(Sizes(layers=4))).layers
    assert [layer.kv_heads for layer in layers] == [0, 0, 0, 2]
    assert [layer.state_bytes for layer in layers] == [256 * 2 * 4] * 3 + [0]
    assert [layer.inner_length for layer in layers] == [768] * 3 + [0]
    assert {layer.state_bytes for layer in shape(recurrent()).layers} == {4 * (3 * (512 + 2 * 64) + 64 * 512)}


def test_every_fourth_layer_of_qwen3next_attends() -> None:
    values: dict[str, Any] = {
        "ssm__conv_kernel": 4,
        "ssm__inner_size": 512,
        "ssm__state_size": 64,
        "ssm__group_count": 4,
    }
    layers = shape(dense("qwen3next", Sizes(layers=8), **values)).layers
    assert [layer.kv_heads for layer in layers] == [0, 0, 0, 2] * 2
    assert [bool(layer.state_bytes) for layer in layers] == [True, True, True, False] * 2
    layers = shape(dense("falcon-h1", Sizes(layers=2), **values)).layers
    assert all(layer.kv_heads and layer.state_bytes for layer in layers)


def test_layers_that_only_draft_are_not_loaded() -> None:
    found = shape(dense("glm4moe", Sizes(layers=4), nextn_predict_layers=1))
    assert [bool(layer.weights_bytes) for layer in found.layers] == [True, True, True, False]
    assert [bool(layer.kv_heads) for layer in found.layers] == [True, True, True, False]


def test_layers_gone_through_twice_keep_twice_as_much() -> None:
    found = shape(dense("nanbeige", Sizes(layers=2), num_loops=2))
    assert [layer.kv_heads for layer in found.layers] == [2] * 4
    assert [bool(layer.weights_bytes) for layer in found.layers] == [True, True, False, False]


def test_all_parts_of_a_model_are_read(tmp_path: Path) -> None:
    parts = write_parts(tmp_path)
    whole = write_file(small_model(), tmp_path / "whole.gguf")
    assert read_shape(parts[0]) == read_shape(whole)
    parts[1].unlink()
    with pytest.raises(ModelFileError, match="missing"):
        read_shape(parts[0])


def test_an_unknown_architecture_is_counted_in_full_and_doubted() -> None:
    found = shape(dense("marvel", attention__sliding_window=512))
    assert [layer.window for layer in found.layers] == [0] * 4
    assert [layer.kv_heads for layer in found.layers] == [2] * 4
    assert "'marvel' is not known here" in found.doubts[0]


@pytest.mark.parametrize(
    ("values", "doubt"),
    [
        ({"block_count": None}, "how many layers"),
        ({"block_count": 100_000}, "100,000 layers"),
        ({"block_count": 2}, "more than its 2 layers"),
        ({"embedding_length": None}, "'llama.embedding_length'"),
        ({"attention__head_count": None, "attention__key_length": None}, "how long its keys are"),
        ({"attention__head_count_kv": "many"}, "'llama.attention.head_count_kv' is no whole number"),
        ({"attention__head_count_kv": [2, 2]}, "2 numbers for 4 layers"),
    ],
)
def test_what_is_missing_or_contradicts_itself_is_said(values: dict[str, Any], doubt: str) -> None:
    found = shape(dense(**values))
    assert any(doubt in sentence for sentence in found.doubts)
    assert found.weights_bytes == shape(dense()).weights_bytes  # nothing of it is lost


def test_a_tensor_of_an_unknown_type_is_counted_as_the_largest() -> None:
    made = header("llama", Sizes(), {}, [replace(tensor("blk.0.attn_q.weight", (256, 256)), type=99)])
    found = shape(made)
    assert found.layers[0].weights_bytes == 256 * 256 * 4
    assert any("type 99" in sentence for sentence in found.doubts)


def test_an_empty_header_has_a_shape() -> None:
    found = shape(Header({"general.architecture": (ValueType.STRING, "llama")}))
    assert len(found.layers) == 1
    assert found.doubts
