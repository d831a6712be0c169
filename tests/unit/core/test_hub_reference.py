"""What people paste to name a model at the hub is understood, and what is something else is left alone."""

import pytest

from app.core.hub_reference import HubReference, parse_reference

REPOSITORY = "bartowski/Mistral-Small-24B-Instruct-2501-GGUF"


@pytest.mark.parametrize(
    "text",
    [
        REPOSITORY,
        f"  {REPOSITORY}\n",
        f"hf.co/{REPOSITORY}",
        f"HF.co/{REPOSITORY}",
        f"huggingface.co/{REPOSITORY}",
        f"https://huggingface.co/{REPOSITORY}",
        f"https://www.huggingface.co/{REPOSITORY}/",
        f"HTTPS://huggingface.co/{REPOSITORY}?library=llama-cpp#files",
        f"https://huggingface.co/{REPOSITORY}/tree/main",
        f"https://huggingface.co/{REPOSITORY}/discussions/3",
        f"hf://{REPOSITORY}",
        f"hf.co/{REPOSITORY}:latest",
    ],
)
def test_a_repository_is_understood_however_it_is_written(text: str) -> None:
    assert parse_reference(text) == HubReference(REPOSITORY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{REPOSITORY}:Q4_K_M", HubReference(REPOSITORY, "Q4_K_M")),
        (f"hf.co/{REPOSITORY}:q4_k_m", HubReference(REPOSITORY, "Q4_K_M")),
        (f"https://hf.co/{REPOSITORY}:UD-Q4_K_XL", HubReference(REPOSITORY, "UD-Q4_K_XL")),
        (f"{REPOSITORY}:model-Q8_0.gguf", HubReference(REPOSITORY, file="model-Q8_0.gguf")),
        (
            f"https://huggingface.co/{REPOSITORY}/blob/main/BF16/a%20b-00001-of-00002.gguf",
            HubReference(REPOSITORY, file="BF16/a b-00001-of-00002.gguf"),
        ),
        (
            f"https://huggingface.co/{REPOSITORY}/resolve/5e4f3a/x.gguf?download=true",
            HubReference(REPOSITORY, file="x.gguf", revision="5e4f3a"),
        ),
        (f"https://huggingface.co/{REPOSITORY}/tree/5e4f3a/BF16", HubReference(REPOSITORY, revision="5e4f3a")),
    ],
)
def test_what_is_said_beyond_the_repository_is_kept(text: str, expected: HubReference) -> None:
    assert parse_reference(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mistral",
        "a/",
        "/b",
        "/home/somebody/model.gguf",
        "models/mistral.gguf",
        "folder/sub/model.gguf",
        "./models/x",
        "../models",
        "C:/models/x.gguf",
        "C:\\models\\x.gguf",
        "a--b/c",
        "-a/b",
        "a/b.",
        "a/b.git",
        "a/b c",
        "a/b:",
        "a/b:Q4 K",
        "a/b\x00c",
        "a/" + "b" * 96,
        "a/b" * 2000,
        "https://huggingface.co/",
        "https://huggingface.co/mistral",
        "https://huggingface.co/datasets/somebody/words",
        "https://huggingface.co/spaces/somebody/demo",
        "https://example.com/somebody/model",
        "https://huggingface.co.example.com/somebody/model",
        "https://huggingface.co@example.com/somebody/model",
        "ftp://huggingface.co/somebody/model",
        "https://huggingface.co/%2e%2e/%2e%2e",
        "https://[/a/b",
    ],
)
def test_what_names_no_model_at_the_hub_is_left_alone(text: str) -> None:
    assert parse_reference(text) is None


def test_a_mirror_s_addresses_are_understood_when_it_is_in_use() -> None:
    address = "https://mirror.example/a/b:Q8_0"
    assert parse_reference(address) is None
    assert parse_reference(address, ("mirror.example",)) == HubReference("a/b", "Q8_0")
