"""Chooses which of a conversation's messages the model sees, so that prompt and answer fit into its context."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from app.core.conversation import Message, Role
from app.core.errors import ContextFullError, PromptTooLongError
from app.core.prompt import PromptMessage, turns_joined

REPLY_RESERVE = 256  # tokens of the context kept free for an answer, in a small context a quarter of it
SUMMARY_HEADING = "Summary of the conversation before this:"
# When turns must go, as many go as leave a fifth of the room free. With one turn less at a time, the prompt would
# begin differently at every message, and nothing of the KV cache could be used again.
_COMFORT = 0.8
_MESSAGE_WEIGHT = 24  # what the template writes around a message, in characters
_FEWEST_CHARACTERS = 200  # of an answer that is written on

Count = Callable[[Sequence[PromptMessage]], int]


@dataclass(frozen=True, slots=True)
class Outline:
    """What a prompt is made of: `last` is the question, or with `continues` the answer that is written on.

    `last_id` is its message's id, if it has one already.
    """

    system_prompt: str
    history: Sequence[Message]
    last: PromptMessage
    continues: bool = False
    last_id: int | None = None

    @property
    def starts(self) -> list[int]:
        """Where the model's memory may begin: at the first message or at one of the user's; or with `last` alone."""
        turns = [i for i, m in enumerate(self.history) if i and m.role is Role.USER and m.text]
        alone = [] if self.continues or not self.history else [len(self.history)]
        return [0, *turns, *alone]


@dataclass(frozen=True, slots=True)
class ContextPlan:
    """What the model sees: `messages`, which are `prompt_tokens` long by its own template.

    `first_seen` is the index in the history of the first message seen, and `left_out` are before it (those without
    text not counted). `first_seen_message_id` is None when only a new question is seen, which has no id yet. `summary`
    stands in for what is left out. `left_out_characters` are missing at the start of the answer that is written on.
    """

    messages: tuple[PromptMessage, ...]
    first_seen: int
    left_out: int
    first_seen_message_id: int | None
    prompt_tokens: int
    summary: str = ""
    left_out_characters: int = 0


class ContextPlanner:
    """Plans for one model: `count` gives a prompt's length in tokens, of which the context holds `context_length`."""

    def __init__(self, count: Count, context_length: int) -> None:
        self._count = count
        self._context_length = context_length

    @property
    def room(self) -> int:
        """How many tokens a prompt may have, so that an answer has some room too."""
        return self._context_length - min(REPLY_RESERVE, self._context_length // 4)

    def fits(self, plan: ContextPlan) -> bool:
        """Whether the prompt leaves room for an answer."""
        return plan.prompt_tokens <= self.room

    def beginning_at(self, outline: Outline, start: int, summary: str = "") -> ContextPlan:
        """The plan whose memory begins at the message with index `start`, whether it fits or not; counts once."""
        messages = tuple(prompt_messages(outline, start, summary))
        seen = outline.history[start].id if start < len(outline.history) else outline.last_id
        left_out = sum(bool(m.text) for m in outline.history[:start])
        return ContextPlan(messages, start, left_out, seen, self._count(messages), summary)

    def whole(self, outline: Outline) -> ContextPlan:
        """The plan without anything left out. Raises ContextFullError or PromptTooLongError when it does not fit."""
        plan = self.beginning_at(outline, 0)
        if self.fits(plan):
            return plan
        if self.fits(self.beginning_at(outline, outline.starts[-1])):
            raise ContextFullError(
                f"The conversation is full: with this message it has {plan.prompt_tokens:,} tokens, and there is room "
                f"for {self.room:,}. Start a new chat, load the model with a longer context, or choose in the settings "
                "that the oldest turns are left out."
            )
        raise self._too_long(plan.prompt_tokens)

    def trimmed(
        self, outline: Outline, remembered: int | None = None, *, is_full: bool = False, after: int = 0, spare: int = 0
    ) -> ContextPlan:
        """The plan in which whole oldest turns are left out where they do not fit.

        `remembered` is where the memory began at the last answer: it begins there again while that fits, so that the
        KV cache is used. `is_full` says that the whole is known not to fit; then, and when it all fits, one count is
        enough. The memory begins after the index `after`, where that is not 0, and `spare` tokens more are kept free.
        Raises PromptTooLongError when the last message alone is too long, ContextFullError for an answer.
        """
        starts = [s for s in outline.starts if s > after or not after]
        tried: ContextPlan | None = None
        if not (is_full or after):
            tried = self.beginning_at(outline, 0)
            if self.fits(tried):
                return tried
        if remembered is not None and remembered in starts[1:]:
            kept = self.beginning_at(outline, remembered)
            if self.room // 2 <= kept.prompt_tokens <= self.room - spare:
                return kept
            if not self.fits(kept):
                tried = kept
        tried = tried or self.beginning_at(outline, starts[0])
        return self._found(outline, starts, tried, self.room - spare)

    def shortened(self, outline: Outline) -> ContextPlan:
        """The plan with only the question and the end of the answer that is written on. Raises ContextFullError."""
        start, last = outline.starts[-1], outline.last
        name = "text" if len(last.text) >= len(last.reasoning) else "reasoning"
        whole: str = getattr(last, name)
        plan = self.beginning_at(outline, start)
        kept = len(whole)
        while not self.fits(plan):
            kept = int(kept * min(self.room * _COMFORT / plan.prompt_tokens, 0.9))
            if kept < _FEWEST_CHARACTERS:
                raise ContextFullError(
                    "This answer cannot be continued: its question alone fills the context of "
                    f"{self._context_length:,} tokens. Load the model with a longer context, or start a new chat."
                )
            ending = _from_line_start(whole[-kept:])
            cut = (
                PromptMessage(last.role, last.text, ending) if name == "reasoning" else PromptMessage(last.role, ending)
            )
            missing = len(last.text) + len(last.reasoning) - len(cut.text) - len(cut.reasoning)
            plan = replace(self.beginning_at(replace(outline, last=cut), start), left_out_characters=missing)
        return plan

    def _found(self, outline: Outline, starts: list[int], tried: ContextPlan, room: int) -> ContextPlan:
        """Search from a plan that is too long, guided by the messages' lengths: two counts mostly."""
        weights = _weights_from(outline)
        target = room * _COMFORT
        too_long = tried
        while tried.prompt_tokens > room:
            too_long = tried
            later = [s for s in starts if s > tried.first_seen]
            if not later:
                if outline.continues:
                    return self.shortened(outline)
                raise self._too_long(tried.prompt_tokens)
            rate = tried.prompt_tokens / weights[tried.first_seen]
            tried = self.beginning_at(outline, next((s for s in later if weights[s] * rate <= target), later[-1]))
        if tried.prompt_tokens <= target / 2:  # the lengths misled, or the turns are few and long
            between = [s for s in starts if too_long.first_seen < s < tried.first_seen]
            return self._bisected(outline, between, too_long, tried, room)
        return tried

    def _bisected(
        self, outline: Outline, between: list[int], longer: ContextPlan, best: ContextPlan, room: int
    ) -> ContextPlan:
        """The longest comfortable plan from `best` up to `longer`; where that is little, the next longer that fits."""
        target = room * _COMFORT
        while between:
            middle = len(between) // 2
            plan = self.beginning_at(outline, between[middle])
            if plan.prompt_tokens <= target:
                best, between = plan, between[:middle]
            else:
                longer, between = plan, between[middle + 1 :]
        return longer if best.prompt_tokens <= target / 2 and longer.prompt_tokens <= room else best

    def _too_long(self, tokens: int) -> PromptTooLongError:
        return PromptTooLongError(
            f"This message is too long for the model: it needs {tokens:,} tokens and there is room for {self.room:,}. "
            "Shorten it or send it in parts."
        )


def prompt_messages(outline: Outline, start: int, summary: str = "") -> list[PromptMessage]:
    """The system prompt with the summary, then the history from `start` on, then the last message."""
    parts = [outline.system_prompt] if outline.system_prompt else []
    if summary:
        parts.append(f"{SUMMARY_HEADING}\n{summary}")
    system = [PromptMessage(Role.SYSTEM, "\n\n".join(parts))] if parts else []
    turns = [PromptMessage(m.role, m.text, m.reasoning) for m in outline.history[start:] if m.text]
    # An answer that never came leaves two questions in a row.
    return [*system, *turns_joined([*turns, outline.last])]


def _weights_from(outline: Outline) -> list[int]:
    """For each index of the history and the one after it: about how many characters a prompt from there on has."""
    fixed = len(outline.system_prompt) + len(outline.last.text) + 2 * _MESSAGE_WEIGHT
    lengths = (len(m.text) + _MESSAGE_WEIGHT for m in reversed(outline.history))
    return [*accumulate(lengths, initial=fixed)][::-1]


def _from_line_start(text: str) -> str:
    """The text without the rest of a line or word that it begins with, where a whole one follows soon."""
    for separator in ("\n", " "):
        rest = text.partition(separator)[2]
        if len(rest) > len(text) * 0.8:
            return rest
    return text
