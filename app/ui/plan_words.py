"""What a verdict and an expected speed are called on screen, and in which of the meanings' colours."""

from app.core import plan_wording
from app.core.plan import LoadPlan, SpeedRange, Verdict
from app.ui.chat.context_bar import short_count


def verdict_words(plan: LoadPlan, context_length: int, gpu_layers: int | None) -> str:
    """The verdict of a load with this context and so many GPU layers (None: all)."""
    match plan.verdict:
        case Verdict.ALL_ON_GPU:
            return f"all on GPU · {short_count(context_length)} context"
        case Verdict.SHORTER_CONTEXT:
            return "fits with a shorter context"
        case Verdict.PARTLY_ON_GPU:
            known = gpu_layers is not None and 0 < gpu_layers < plan.layer_count
            return f"{gpu_layers} of {plan.layer_count} layers on GPU" if known else "partly on GPU"
        case Verdict.PROCESSOR:
            return f"on the processor · {short_count(context_length)} context"
        case Verdict.TOO_LARGE:
            return "too large"
        case Verdict.UNKNOWN:
            return "cannot tell"


def verdict_kind(verdict: Verdict, fits: bool) -> str:
    """The style's kind of a verdict's label."""
    if verdict is Verdict.UNKNOWN:
        return "verdict-none"
    if verdict is Verdict.SHORTER_CONTEXT:
        return "verdict-warn"
    if verdict is Verdict.TOO_LARGE or not fits:
        return "verdict-bad"
    if verdict is Verdict.ALL_ON_GPU:
        return "verdict-good"
    return "verdict-info" if verdict is Verdict.PROCESSOR else "verdict-warn"


def speed_words(speed: SpeedRange | None) -> str:
    """An expected speed: "≈ 47–58 tok/s"; empty when it is not known."""
    if speed is None:
        return ""
    return f"≈ {plan_wording.speed_words(speed)} tok/s"


def speed_explanation(speed: SpeedRange | None) -> str:
    """Where an expected speed is from."""
    if speed is None:
        return "How fast it will write is not known"
    return (
        "Expected while it writes, going by what was measured on this computer"
        if speed.measured
        else "Expected while it writes, worked out from how fast this computer reads its memory; not measured yet"
    )
