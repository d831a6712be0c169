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
