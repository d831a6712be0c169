"""The quality of a precision is what was published of it, in a word that does not flatter."""

import pytest

from app.fit.quality import quality_of
from app.fit.quality_figures import LLAMA_3_8B

LADDER = ("F16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "IQ4_XS", "Q3_K_M", "Q2_K")
SMALL, LARGE = 8_030_261_248, 70_553_706_496


@pytest.mark.parametrize(
    ("quantization", "word", "share"),
    [
        ("BF16", "full precision", 1.0),
        ("Q8_0", "near lossless", 0.9998),
        ("Q6_K", "excellent", 0.9968),
        ("Q5_K_M", "excellent", 0.9912),
        ("Q4_K_M", "very good", 0.9765),
        ("IQ4_XS", "very good", 0.9649),
        ("Q4_0", "good", 0.9303),
        ("Q3_K_M", "noticeable loss", 0.9256),
        ("Q2_K", "heavy loss", 0.7208),
        ("IQ2_XXS", "heavy loss", 0.4423),
    ],
)
def test_each_precision_has_its_word_and_its_share(quantization: str, word: str, share: float) -> None:
    quality = quality_of(quantization, SMALL)
    assert quality is not None
    assert quality.word == word
    assert quality.share == pytest.approx(share, abs=0.0001)


def test_fewer_bits_are_never_better() -> None:
    for parameters in (0, SMALL, LARGE):
        shares = [quality.share for name in LADDER if (quality := quality_of(name, parameters))]
        assert len(shares) == len(LADDER)
        if parameters != LARGE:  # IQ4_XS was measured on the small model alone
            assert shares == sorted(shares, reverse=True)


def test_the_figures_name_perplexity_divergence_and_source() -> None:
    quality = quality_of("Q4_K_M", SMALL)
    assert quality is not None
    assert quality.figures == (
        "Llama 3 8B on WikiText-2: perplexity 6.38 against 6.23 in full precision (+2.4 %), mean KL divergence 0.028."
        " Larger models lose less, smaller ones more. Source: llama.cpp, tools/perplexity/README.md."
    )


def test_large_models_are_judged_by_a_large_one() -> None:
    for name, word in (("Q4_K_M", "very good"), ("Q3_K_M", "good"), ("Q2_K", "noticeable loss")):
        large, small = quality_of(name, LARGE), quality_of(name, SMALL)
        assert large is not None
        assert small is not None
        assert large.word == word
        assert large.share > small.share
        assert "LLaMA 2 70B" in large.figures
    assert quality_of("IQ4_XS", LARGE) == quality_of("IQ4_XS", SMALL)


@pytest.mark.parametrize("quantization", ["", "MXFP4", "UD-Q4_K_XL", "UD-Q4_K_M", "Q4_K_L", "NVFP4", "nonsense"])
def test_what_nobody_measured_is_not_known(quantization: str) -> None:
    assert quality_of(quantization, SMALL) is None


def test_below_q2_k_there_is_little_left_of_a_model() -> None:
    """Why the catalogue offers nothing smaller."""
    worse = [name for name, measured in LLAMA_3_8B.items() if measured.divergence > LLAMA_3_8B["Q2_K"].divergence]
    assert worse == ["IQ2_S", "IQ2_XS", "IQ2_XXS"]
