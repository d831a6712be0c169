"""Puts a reply's figures and its end into words."""

from app.core.conversation import Message, MessageState
from app.core.wording import figures, stop_reason_note

INTERRUPTED = "Interrupted: Inglenook closed or failed while this was being written"
ELSEWHERE = "Being written in another window"


def figures_line(message: Message) -> str:
    """Tokens per second, time to first token and tokens; empty when nothing was measured."""
    return figures(message.statistics) if message.statistics else ""


def figures_explained(message: Message) -> str:
    """How the figures came about, for the tooltip."""
    statistics = message.statistics
    if statistics is None:
        return ""
    lines = [
        f"Written by {message.model_name}" if message.model_name else "",
        f"Prompt: {statistics.prompt_tokens:,} tokens, {statistics.reused_tokens:,} of them reused",
    ]
    if statistics.prompt_tokens_per_second > 0:
        lines.append(f"Prompt processing: {statistics.prompt_tokens_per_second:,.0f} tokens per second")
    lines.append("tok/s counts from the first token of the answer to the last")
    return "\n".join(line for line in lines if line)


def ending_in_words(message: Message) -> str:
    """Why an answer ended, when that is worth a word: empty for one that came to its own end."""
    if message.state is MessageState.INTERRUPTED:
        return INTERRUPTED
    if message.state is MessageState.STREAMING:
        return ELSEWHERE
    return stop_reason_note(message.stop_reason) if message.stop_reason else ""


def trimmed_in_words(left_out: int) -> str:
    """What the reader is told when the oldest messages no longer fit into the context."""
    messages = "oldest message" if left_out == 1 else f"{left_out:,} oldest messages"
    return f"The model no longer sees the {messages}: the context is full."


def counted(count: int, noun: str) -> str:
    """A number with its noun, in the plural unless it is one."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
