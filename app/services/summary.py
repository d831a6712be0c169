"""Lets the model summarise a conversation's oldest turns, so that the summary can take their place."""

import logging
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from app.core.cancel import CancelToken
from app.core.conversation import HistorySummary, Message, Role
from app.core.errors import GenerationError, ModelError
from app.core.generation import Chunk, Finished, SamplingParameters, StopReason
from app.core.model import LoadedModel
from app.core.prompt import GenerationRequest, PromptMessage
from app.services.context_plan import ContextPlan, ContextPlanner, Outline, prompt_messages
from app.services.events import SummaryWriting
from app.services.prompt_cache import PromptCache
from app.storage.conversations import ConversationStore

_log = logging.getLogger(__name__)

INSTRUCTION = (
    "Summarise our conversation up to here, so that it can go on from your summary alone: facts, names, numbers and "
    "decisions, what I asked for, and what is still open. Keep what an earlier summary says. Write the summary only, "
    "in the language of the conversation, in at most 200 words."
)
_MOST_TOKENS = 400
_FEWEST_CHARACTERS = 200  # to which a message is shortened at most, where it is too long for its own summary


@dataclass(frozen=True, slots=True)
class SummaryPlan:
    """Whether the conversation fits with what is summarised already; `plan` is without the turns that do not fit.

    `covered` is how many messages of the history the `summary` so far stands for.
    """

    plan: ContextPlan
    is_ready: bool
    covered: int = 0
    summary: str = ""


class Summariser:
    """Summarises for one model. Called on the engine's thread only."""

    def __init__(self, cache: PromptCache, conversations: ConversationStore, model: LoadedModel) -> None:
        self._cache = cache
        self._conversations = conversations
        self._model = model
        self.tokens = min(_MOST_TOKENS, model.info.context_length // 8)

    def plan(
        self, planner: ContextPlanner, outline: Outline, known: Sequence[HistorySummary], *, is_full: bool
    ) -> SummaryPlan:
        """How the conversation fits: whole, with the newest summary that is known, or only with one still to write.

        `is_full` says that the whole is known not to fit. Raises PromptTooLongError, ContextFullError.
        """
        covered, summary = _newest(known, outline.history)
        if covered == 0:
            plan = planner.trimmed(outline, is_full=is_full, spare=self.tokens)
            return SummaryPlan(plan, is_ready=not plan.left_out)
        if not is_full and planner.fits(whole := planner.beginning_at(outline, 0)):
            return SummaryPlan(whole, is_ready=True)
        if covered in outline.starts and planner.fits(kept := planner.beginning_at(outline, covered, summary)):
            return SummaryPlan(kept, is_ready=True)
        after = covered if any(s > covered for s in outline.starts) else outline.starts[-1] - 1
        plan = planner.trimmed(outline, after=after, spare=self.tokens)
        return SummaryPlan(plan, False, covered, summary)

    def summarised(
        self,
        planner: ContextPlanner,
        outline: Outline,
        planned: SummaryPlan,
        conversation_id: int,
        cancel: CancelToken,
    ) -> Generator[SummaryWriting, None, ContextPlan]:
        """Summarise what `planned` leaves out and store that; returns the plan with the summary in it.

        The plan without a summary comes back when it was cancelled, or when the model could not write one.
        """
        plan = planned.plan
        if plan.left_out_characters:  # even the newest turn does not fit whole: there is no room for a summary
            return plan
        try:
            text = yield from self._written(planner, outline, planned, cancel)
        except ModelError:
            raise
        except GenerationError as error:
            _log.warning("the oldest turns are left out without a summary: %s", error.logged)
            return plan
        if not text:
            return plan
        with_summary = planner.beginning_at(outline, plan.first_seen, text)
        if not planner.fits(with_summary):
            return plan
        last = outline.history[plan.first_seen - 1].id
        self._conversations.add_summary(conversation_id, last, text, self._model.name)
        return with_summary

    def _written(
        self, planner: ContextPlanner, outline: Outline, planned: SummaryPlan, cancel: CancelToken
    ) -> Generator[SummaryWriting, None, str]:
        """The summary of everything before the plan's first message, in as many steps as the context asks for."""
        begin, end = planned.covered, planned.plan.first_seen
        summary = planned.summary
        while begin < end:
            part = self._part(planner, outline, begin, end, summary)
            text = ""
            thinking = False if self._model.info.has_thinking_switch else None
            request = GenerationRequest(part.messages, self._sampling(), thinking=thinking)
            yield SummaryWriting(planned.plan.left_out, "")
            for event in self._cache.generate(request, cancel):
                if isinstance(event, Chunk):
                    text += event.text
                    yield SummaryWriting(planned.plan.left_out, text)
                elif isinstance(event, Finished) and event.stop_reason is StopReason.CANCELLED:
                    return ""
            if not (summary := text.strip()):
                _log.info("the model wrote an empty summary")
                return ""
            begin = part.end
        return summary

    def _part(self, planner: ContextPlanner, outline: Outline, begin: int, end: int, summary: str) -> "_Part":
        """The prompt that summarises as many messages from `begin` on as fit, at most up to `end`.

        It is the conversation as the model saw it, with the instruction after it: the KV cache has most of it already.
        """
        room = self._model.info.context_length - self.tokens
        longest: int | None = None
        while True:
            history = [m if longest is None else replace(m, text=m.text[:longest]) for m in outline.history[:end]]
            asked = Outline(outline.system_prompt, history, PromptMessage(Role.USER, INSTRUCTION))
            tokens = planner.beginning_at(asked, begin, summary).prompt_tokens
            if tokens <= room:
                return _Part(tuple(prompt_messages(asked, begin, summary)), end)
            if end - begin > 1:
                end = begin + max(1, min(end - begin - 1, int((end - begin) * room / tokens * 0.9)))
            else:
                longest = int((longest or len(history[begin].text)) * room / tokens * 0.8)
                if longest < _FEWEST_CHARACTERS:
                    raise GenerationError("The context is too small for a summary.")

    def _sampling(self) -> SamplingParameters:
        return replace(self._model.sampling, max_tokens=self.tokens, stop=())


@dataclass(frozen=True, slots=True)
class _Part:
    messages: tuple[PromptMessage, ...]
    end: int


def _newest(known: Sequence[HistorySummary], history: Sequence[Message]) -> tuple[int, str]:
    """How many messages of the history the newest summary covers, and its text; 0 and "" when there is none."""
    places = {message.id: place for place, message in enumerate(history, start=1)}
    covering = [(places[s.last_message_id], s.text) for s in known if s.last_message_id in places]
    return max(covering, key=lambda pair: pair[0], default=(0, ""))
