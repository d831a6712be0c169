"""How figures and reasons are put into words, the same in the window and on the terminal."""

from app.core.generation import GenerationStatistics, StopReason

_STOP_REASONS = {
    StopReason.END_OF_TURN: "",
    StopReason.MAX_TOKENS: "Ended at the token limit",
    StopReason.STOP_STRING: "Ended at a stop string",
    StopReason.CONTEXT_FULL: "The context is full",
    StopReason.CANCELLED: "Stopped",
}


def figures(statistics: GenerationStatistics) -> str:
    """For example "71.8 tok/s  0.42 s to first token  318 tokens"; a rate needs at least two tokens.

    The tokens are those of the whole answer, the rate and the time those of its last completion.
    """
    written = statistics.completion_tokens
    parts = [f"{statistics.tokens_per_second:.1f} tok/s"] if written > 1 else []
    if written:
        parts.append(f"{statistics.time_to_first_token:.2f} s to first token")
    count = written + statistics.earlier_tokens
    parts.append(f"{count:,} token" + ("" if count == 1 else "s"))
    return "  ".join(parts)


def stop_reason_note(reason: StopReason) -> str:
    """Why an answer ended, in a few words; empty when the model simply finished."""
    return _STOP_REASONS[reason]
