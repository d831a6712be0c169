"""Names of GGUF files, as they are on the hub, are read for what they say."""

import pytest

from app.core.file_names import FileGroup, grouped, is_model, quantization_of


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Mistral-Small-24B-Instruct-2501-Q4_K_M.gguf", "Q4_K_M"),
        ("Qwen3.8-27B-UD-Q4_K_XL.gguf", "UD-Q4_K_XL"),
        ("model.ud_iq3_xxs.gguf", "UD-IQ3_XXS"),
        ("gpt-oss-20b-MXFP4.gguf", "MXFP4"),
        ("gpt-oss-20b-mxfp4_moe.GGUF", "MXFP4_MOE"),
        ("ggml-model-q8_0.gguf", "Q8_0"),
        ("m.i1-IQ4_XS.gguf", "IQ4_XS"),
        ("Ministral-3-8B-Instruct-2512-BF16.gguf", "BF16"),
        ("model-fp16.gguf", "F16"),
        ("x-Q4_0_4_4.gguf", "Q4_0_4_4"),
        ("x-Q6_K_L.gguf", "Q6_K_L"),
        ("TQ1_0-model-TQ2_0.gguf", "TQ2_0"),
        ("BF16/Qwen3-Coder-30B-A3B-Instruct-BF16-00001-of-00002.gguf", "BF16"),
        ("Q4_K_M/Foo-00001-of-00003.gguf", "Q4_K_M"),
        ("F16/Foo-Q8_0.gguf", "Q8_0"),
        ("Q4_K_M", "Q4_K_M"),
        ("devstralQ4_K_M.gguf", ""),
        ("model.gguf", ""),
        ("", ""),
    ],
)
def test_the_quantization_is_the_last_word_that_names_one(path: str, expected: str) -> None:
    assert quantization_of(path) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Mistral-Small-24B-Instruct-2501-Q4_K_M.gguf", True),
        ("BF16/model-00001-of-00002.gguf", True),
        ("model-imatrix-Q4_K_M.gguf", True),
        ("Qwen3.6-27B-MTP-Q4_K_M.gguf", True),
        ("Florabella-7B-Q4_K_M.gguf", True),
        ("smtp-7b-Q8_0.GGUF", True),
        ("mmproj-BF16.gguf", False),
        ("Ministral-3-8B-Instruct-2512-BF16-mmproj.gguf", False),
        ("Mistral-Small-24B-Instruct-2501.imatrix", False),
        ("imatrix_unsloth.gguf", False),
        ("mtp-Qwen3.8-27B-Q4_0.gguf", False),
        ("MTP/gemma-4-E4B-it-BF16.gguf", False),
        ("Muse-Glimmer-30B-DFlash-kquant.gguf", False),
        ("draft/model-Q4_0.gguf", False),
        ("my-lora-f16.gguf", False),
        ("config.json", False),
    ],
)
def test_projectors_matrices_drafts_and_adapters_are_no_models(path: str, expected: bool) -> None:
    assert is_model(path) is expected


def test_parts_of_a_split_file_are_one_model() -> None:
    first, second = "BF16/m-00001-of-00002.gguf", "BF16/m-00002-of-00002.gguf"
    groups = grouped([second, "m-Q8_0.gguf", first, second, "F16/m-00001-of-00002.gguf"])
    assert groups == (
        FileGroup((first, second), 2),
        FileGroup(("m-Q8_0.gguf",)),
        FileGroup(("F16/m-00001-of-00002.gguf",), 2),
    )
    assert groups[0].name == first
    assert [group.complete for group in groups] == [True, True, False]
