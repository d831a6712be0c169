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
    parts.append(counted(written + statistics.earlier_tokens, "token"))
    return "  ".join(parts)


def stop_reason_note(reason: StopReason) -> str:
    """Why an answer ended, in a few words; empty when the model simply finished."""
    return _STOP_REASONS[reason]


def trimmed_in_words(left_out: int) -> str:
    """What the reader is told when the oldest messages did not fit into the context."""
    return f"The context is full: the model no longer sees {_oldest(left_out)}."


def summarised_in_words(left_out: int) -> str:
    """What the reader is told when a summary took the place of the oldest messages."""
    return f"The context is full: the model sees {_oldest(left_out)} as a summary."


def shifted_in_words(discarded_tokens: int) -> str:
    """What the reader is told when the context was full in mid-answer and writing went on."""
    return (
        f"The context was full while this was written: the oldest {counted(discarded_tokens, 'token')} of the "
        "conversation were forgotten."
    )


def start_left_out_in_words(characters: int) -> str:
    """What the reader is told when an answer is written on of which the context does not hold the beginning."""
    return (
        "This answer is longer than the context: the model wrote on without seeing its first "
        f"{counted(characters, 'character')}."
    )


def counted(count: int, noun: str) -> str:
    """A number with its noun, in the plural unless it is one."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _oldest(messages: int) -> str:
    return "the oldest message" if messages == 1 else f"the {messages:,} oldest messages"
