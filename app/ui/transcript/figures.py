"""Puts a reply's figures and its end into words."""

from app.core.conversation import Message, MessageState
from app.core.wording import figures, stop_reason_note

INTERRUPTED = "Interrupted: Inglenook closed or failed while this was being written"
ELSEWHERE = "Being written in another window"


def figures_line(message: Message) -> str:
    """Tokens per second, time to first token and tokens; empty when nothing was measured."""
    return figures(message.statistics) if message.statistics else ""


def ending_in_words(message: Message) -> str:
    """Why an answer ended, when that is worth a word: empty for one that came to its own end."""
    if message.state is MessageState.INTERRUPTED:
        return INTERRUPTED
    if message.state is MessageState.STREAMING:
        return ELSEWHERE
    return stop_reason_note(message.stop_reason) if message.stop_reason else ""


def thought_in_words(seconds: float | None) -> str:
    """For example "Thought for 2.1 s"; None when nobody measured it."""
    return "Thought" if seconds is None else f"Thought for {seconds:.1f} s"


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
