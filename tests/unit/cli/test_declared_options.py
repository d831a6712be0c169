"""Every declared parameter is an option, and what is given reaches the parameters unchanged."""

import math
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from app.cli.declared_options import SectionedCommand, chosen, load_options, sampling_options
from app.core.declared import declarations
from app.core.errors import InvalidParameterError
from app.core.generation import SamplingParameters, TokenBias
from app.core.model import FlashAttention, KvCacheType, LoadParameters, LoraAdapter, RopeScaling, Speculation

MODEL = Path("model.gguf")


def parsed(*arguments: str) -> tuple[LoadParameters, SamplingParameters]:
    """The parameters that a command line asks for."""
    found = []

    @click.command(cls=SectionedCommand)
    @sampling_options
    @load_options
    def command() -> None:
        found.append(
            (
                chosen(LoadParameters).applied_to(LoadParameters(MODEL)),
                chosen(SamplingParameters).applied_to(SamplingParameters()),
            )
        )

    result = CliRunner().invoke(command, arguments, catch_exceptions=False, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return found[0]


def test_every_declared_value_has_an_option_under_its_heading() -> None:
    @click.command(cls=SectionedCommand)
    @sampling_options
    @load_options
    def command() -> None: ...

    shown = CliRunner().invoke(command, ["--help"]).output
    sampling, loading = shown.split("Sampling", 1)[1].split("Loading:", 1)
    for kind, section in ((SamplingParameters, sampling), (LoadParameters, loading)):
        for declaration in declarations(kind):
            assert f"--{declaration.name.replace('_', '-')} " in section.replace("\n", " ")
    assert "--no-mmap" in loading
    assert "--adapter" in loading


def test_nothing_given_changes_nothing() -> None:
    assert parsed() == (LoadParameters(MODEL), SamplingParameters())


def test_sampling_values_arrive() -> None:
    _, sampling = parsed(
        *(
            "--temperature",
            "0.3",
            "--top-k",
            "7",
            "--mirostat",
            "--seed",
            "5",
            "--max-tokens",
            "9",
            "--dry-range",
            "64",
        ),
        *("--stop", "END", "--stop", "\n", "--logit-bias", "42=-2.5", "--logit-bias", " a=b=-inf"),
    )
    assert sampling == SamplingParameters(
        temperature=0.3,
        top_k=7,
        mirostat=True,
        seed=5,
        max_tokens=9,
        dry_range=64,
        stop=("END", "\n"),
        logit_bias=(TokenBias(42, -2.5), TokenBias(" a=b", -math.inf)),
    )


def test_load_values_arrive(tmp_path: Path) -> None:
    odd = tmp_path / "a=0.5"
    odd.touch()
    load, _ = parsed(
        *("--context-length", "512", "--gpu-layers", "3", "--kv-cache-type", "q8_0", "--flash-attention", "on"),
        *("--no-mmap", "--mlock", "--device-split", "3", "--device-split", "1", "--rope-scaling", "yarn"),
        *("--speculation", "off", "--adapter", "style.gguf=0.5", "--adapter", "b.gguf", "--adapter", str(odd)),
        *("--draft-model", "small.gguf"),
    )
    assert load == LoadParameters(
        MODEL,
        context_length=512,
        gpu_layers=3,
        kv_cache_type=KvCacheType.Q8_0,
        flash_attention=FlashAttention.ON,
        mmap=False,
        mlock=True,
        device_split=(3.0, 1.0),
        rope_scaling=RopeScaling.YARN,
        speculation=Speculation.OFF,
        adapters=(LoraAdapter(Path("style.gguf"), 0.5), LoraAdapter(Path("b.gguf")), LoraAdapter(odd)),
        draft_model=Path("small.gguf"),
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("--top-k", "many"),
        ("--kv-cache-type", "q9"),
        ("--logit-bias", "nothing"),
        ("--logit-bias", "5=nan"),
        ("--logit-bias", "5=inf"),
        ("--adapter", "file=strong"),
    ],
)
def test_what_cannot_be_read_is_a_wrong_option(arguments: tuple[str, ...]) -> None:
    with pytest.raises(click.BadParameter) as caught:
        parsed(*arguments)
    assert arguments[0] in caught.value.format_message()


def test_a_value_out_of_bounds_is_named() -> None:
    with pytest.raises(InvalidParameterError, match="Top-p must be"):
        parsed("--top-p", "1.5")
    with pytest.raises(InvalidParameterError, match="Context length must be"):
        parsed("--context-length", "5")
