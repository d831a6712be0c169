"""How much of a model's quality a precision keeps, by what was measured of models of two sizes."""

from app.core.plan import Quality
from app.fit.quality_figures import FULL_PERPLEXITY, FULL_PRECISION, LLAMA_2_70B_INCREASE, LLAMA_3_8B, SOURCE

_LARGE = 60_000_000_000
"""From how many parameters a model is like the 70B one rather than the 8B one."""

_WORDS = (
    (0.001, "near lossless"),
    (0.01, "excellent"),
    (0.04, "very good"),
    (0.075, "good"),
    (0.25, "noticeable loss"),
)
"""Up to which rise of the perplexity which word is said. Beyond the last the 8B model takes another word than the full
one for every fourth token or more (Q2_K agrees with it in 71 %, Q4_K_M in 92 %, by the same source)."""


def quality_of(quantization: str, parameter_count: int) -> Quality | None:
    """What is known of a quantization such as "Q4_K_M" for a model of so many parameters (0: not known).

    None when nobody has published figures for it: dynamic quantizations ("UD-…") and MXFP4 among them, and what a name
    does not say. The share is the perplexity of the full precision divided by that of this one: which part of the
    right next word's probability is kept, as a geometric mean over the text.
    """
    if quantization in FULL_PRECISION:
        return Quality(1.0, "full precision", "Not quantized: nothing is lost.")
    increase = LLAMA_2_70B_INCREASE.get(quantization) if parameter_count >= _LARGE else None
    if increase is not None:
        figures = f"Perplexity of LLaMA 2 70B rises by {_percent(increase)} (WikiText-2). Source: {SOURCE}."
        return Quality(1 / (1 + increase), _word(increase), figures)
    measured = LLAMA_3_8B.get(quantization)
    if measured is None:
        return None
    increase = measured.perplexity / FULL_PERPLEXITY - 1
    figures = (
        f"Llama 3 8B on WikiText-2: perplexity {measured.perplexity:.2f} against {FULL_PERPLEXITY:.2f} in full"
        f" precision (+{_percent(increase)}), mean KL divergence {measured.divergence:.3f}."
        f" Larger models lose less, smaller ones more. Source: {SOURCE}."
    )
    return Quality(FULL_PERPLEXITY / measured.perplexity, _word(increase), figures)


def _word(increase: float) -> str:
    return next((word for limit, word in _WORDS if increase <= limit), "heavy loss")


def _percent(part: float) -> str:
    return f"{100 * part:.2f} %" if part < 0.01 else f"{100 * part:.1f} %"
