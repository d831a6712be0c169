"""Puts plans into the few words that stand in tables and pills."""

from app.core.plan import FilePlan, SpeedRange, Verdict


def context_words(length: int) -> str:
    """A context length as people say it: 32768 is "32k"."""
    return f"{length // 1024}k" if length >= 1024 and length % 1024 == 0 else f"{length:,}"


def a_context(length: int) -> str:
    """The same with its article: "a 32k context", "an 8k context"."""
    words = context_words(length)
    return f"{'an' if words.startswith('8') or words in ('11k', '18k') else 'a'} {words} context"


def verdict_words(plan: FilePlan) -> str:
    """Where a file runs: "all on GPU", "31 of 40 layers on GPU"."""
    match plan.verdict:
        case Verdict.ALL_ON_GPU:
            return "all on GPU"
        case Verdict.SHORTER_CONTEXT:
            return f"fits at {context_words(plan.context_length)} context"
        case Verdict.PARTLY_ON_GPU if plan.placement.expert_layers_on_cpu:
            return f"GPU, experts of {plan.placement.expert_layers_on_cpu} layers on processor"
        case Verdict.PARTLY_ON_GPU:
            return f"{plan.gpu_layers} of {plan.layer_count} layers on GPU"
        case Verdict.PROCESSOR:
            return "on the processor"
        case Verdict.TOO_LARGE:
            return "too large"
        case Verdict.UNKNOWN:
            return "cannot be told"


def speed_words(speed: SpeedRange | None) -> str:
    """A range in tokens per second: "47–58", "6.1–9.2"; a dash when it is not known."""
    if speed is None:
        return "–"
    low, high = (_rate(rate, speed.high) for rate in (speed.low, speed.high))
    return low if low == high else f"{low}–{high}"


def _rate(rate: float, largest: float) -> str:
    return f"{rate:,.0f}" if largest >= 10 else f"{rate:.1f}"
