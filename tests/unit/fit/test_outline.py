"""A model's card and a file's size give a shape that adds up, and a KV cache that is the model's own."""

from dataclasses import replace

import pytest

from app.core.shape import ModelOutline, ModelShape
from app.fit.outline import shape_of_outline
from tests.included import catalog


def outline(model: str) -> ModelOutline:
    found = catalog().offer(model)
    assert found is not None
    assert found.outline is not None
    return found.outline


def cache_bytes(shape: ModelShape, tokens: int) -> int:
    """The KV cache in f16, without what a window takes beside it."""
    return sum(
        2 * layer.kv_heads * (layer.key_length + layer.value_length) * min(tokens, layer.window or tokens)
        for layer in shape.layers
    )


def test_the_parts_of_every_file_of_the_catalogue_add_up_to_its_size() -> None:
    for offer in catalog().offers:
        for file in offer.files if offer.outline else ():
            assert offer.outline is not None
            shape = shape_of_outline(offer.outline, file.size_bytes, file.quantization)
            assert len(shape.layers) == offer.outline.layer_count
            assert shape.doubts == ()
            assert not shape.exact
            assert shape.weights_bytes == file.size_bytes - 40 * offer.outline.vocabulary_size


def test_the_cache_of_the_24_b_shape_is_what_llama_cpp_takes() -> None:
    shape = shape_of_outline(outline("mistral-small-24b-2501"), 14_333_908_672, "Q4_K_M")
    assert cache_bytes(shape, 1) == 163_840
    assert cache_bytes(shape, 8192) == 1280 * 2**20
    assert cache_bytes(shape, 32768) == 5120 * 2**20


@pytest.mark.parametrize(
    ("model", "size", "quantization", "mebibytes"),
    [("gpt-oss-20b", 12_109_565_632, "MXFP4", 586.82), ("qwen3.6-27b", 17_000_000_000, "Q4_K_M", 682.03)],
)
def test_the_embeddings_take_what_llama_cpp_s_log_says(
    model: str, size: int, quantization: str, mebibytes: float
) -> None:
    shape = shape_of_outline(outline(model), size, quantization)
    assert shape.input_bytes / 2**20 == pytest.approx(mebibytes, abs=0.01)


def test_embeddings_that_are_the_output_too_are_counted_once_and_stored_as_an_output() -> None:
    tied = shape_of_outline(outline("llama-3.2-3b"), 2_019_377_696, "Q4_K_M")
    assert tied.tied_output
    assert tied.input_bytes == tied.output_bytes == 128_256 * 3072 * 210 // 256
    whole = sum(layer.weights_bytes for layer in tied.layers) + tied.input_bytes
    assert whole == tied.weights_bytes


def test_windows_and_the_heads_of_layers_that_see_everything_are_kept_apart() -> None:
    gemma = shape_of_outline(outline("gemma-4-31b"), 18_323_733_440, "Q4_K_M")
    whole = [number for number, layer in enumerate(gemma.layers) if not layer.window]
    assert whole == list(range(5, 60, 6))
    assert {(layer.kv_heads, layer.key_length, layer.window) for layer in gemma.layers} == {
        (4, 512, 0),
        (16, 256, 1024),
    }


def test_layers_that_read_another_one_s_cache_have_none() -> None:
    small = shape_of_outline(outline("gemma-4-e4b"), 5_000_000_000, "Q4_K_M")
    caching = [number for number, layer in enumerate(small.layers) if layer.kv_heads]
    assert caching == list(range(24))
    assert [number for number in caching if not small.layers[number].window] == [5, 11, 17, 23]
    assert small.input_bytes > 3 * small.output_bytes  # the embeddings of each layer stand beside the others


def test_recurrent_layers_keep_a_state_and_no_keys() -> None:
    hybrid = shape_of_outline(outline("qwen3.6-27b"), 17_000_000_000, "Q4_K_M")
    caching = [number for number, layer in enumerate(hybrid.layers) if layer.kv_heads]
    assert caching == list(range(3, 64, 4))
    assert cache_bytes(hybrid, 1) == 65_536
    # llama.cpp's log: 3 MiB of state and 0.117 MiB of convolution in each of 48 layers.
    assert sum(layer.state_bytes for layer in hybrid.layers) == pytest.approx(598.5 / 4 * 2**20)


def test_a_latent_cache_has_keys_alone() -> None:
    latent = shape_of_outline(outline("glm-4.7-flash"), 18_132_721_120, "Q4_K_M")
    assert {(layer.kv_heads, layer.key_length, layer.value_length) for layer in latent.layers} == {(1, 576, 0)}


@pytest.mark.parametrize(
    ("model", "size", "quantization", "parameters_in_experts"),
    [
        ("qwen3-coder-30b-a3b", 18_556_689_568, "Q4_K_M", 48 * 128 * 3 * 2048 * 768),
        ("gpt-oss-20b", 12_109_565_632, "MXFP4", 24 * 32 * 3 * 2880 * 2880),
    ],
)
def test_the_experts_part_is_that_of_their_parameters(
    model: str, size: int, quantization: str, parameters_in_experts: int
) -> None:
    shape = shape_of_outline(outline(model), size, quantization)
    experts = sum(layer.expert_bytes for layer in shape.layers)
    bits = 4.25 if quantization == "MXFP4" else 8 * size / 30.5e9
    assert experts == pytest.approx(parameters_in_experts * bits / 8, rel=0.01)
    assert all(layer.expert_bytes < layer.weights_bytes for layer in shape.layers)


def test_what_cannot_be_told_is_said_and_still_adds_up() -> None:
    known = outline("mistral-small-24b-2501")
    for size, quantization in ((14_333_908_672, "NVFP4"), (14_333_908_672, ""), (100_000_000, "Q4_K_M")):
        shape = shape_of_outline(known, size, quantization)
        assert shape.input_bytes == shape.output_bytes == 0
        assert shape.weights_bytes == size - 40 * 131_072
        assert "is not known" in shape.doubts[0]


def test_dynamic_quantizations_store_their_embeddings_as_the_plain_ones() -> None:
    known = outline("qwen3.8-27b")
    assert shape_of_outline(known, 17_000_000_000, "UD-Q4_K_XL") == shape_of_outline(known, 17_000_000_000, "Q4_K_M")


@pytest.mark.parametrize(
    "change",
    [{"layer_count": 0}, {"vocabulary_size": 0}, {"embedding_length": 0}, {"kv_head_count": 0}, {"head_length": -1}],
)
def test_an_outline_that_says_nothing_is_refused(change: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="cannot be described"):
        shape_of_outline(replace(outline("llama-3.1-8b"), **change), 4_920_739_232, "Q4_K_M")  # type: ignore[arg-type]


def test_a_file_smaller_than_its_header_is_refused() -> None:
    for size in (-1, 0, 40 * 128_256):
        with pytest.raises(ValueError, match=f"file of {size} bytes"):
            shape_of_outline(outline("llama-3.1-8b"), size, "Q4_K_M")
