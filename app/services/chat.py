"""What happens in a chat: a message is saved, the history fitted, the reply streamed, and an answer written on."""

import logging
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace

from app.core.cancel import CancelToken
from app.core.conversation import Message, MessageState, Role, title_from
from app.core.errors import InvalidParameterError, NoModelError, StorageError
from app.core.generation import OutputFormat, OutputKind, SamplingParameters, StopReason
from app.core.model import LoadedModel
from app.core.prompt import GenerationRequest, PromptMessage
from app.core.provenance import Provenance
from app.core.settings import OverflowPolicy
from app.engine.base import Engine
from app.services.context_plan import ContextPlan, ContextPlanner, Outline
from app.services.events import ChatEvent, HistorySummarised, HistoryTrimmed, MessageSaved
from app.services.models import ModelService
from app.services.prompt_cache import PromptCache
from app.services.reply import ReplyWriter
from app.services.structured import require_valid_schema
from app.services.summary import Summariser, SummaryPlan
from app.storage.conversations import ConversationStore
from app.storage.settings import SettingsStore

_log = logging.getLogger(__name__)


class ChatService:
    """Sends messages and streams replies; called on the engine's thread only.

    Without `settings` the oldest turns are left out when the context is full; without `cache` no state is saved.
    """

    def __init__(
        self,
        engine: Engine,
        models: ModelService,
        conversations: ConversationStore,
        settings: SettingsStore | None = None,
        cache: PromptCache | None = None,
    ) -> None:
        self._engine = engine
        self._models = models
        self._conversations = conversations
        self._settings = settings
        self._cache = cache or PromptCache(engine, None)
        self._writer = ReplyWriter(engine, conversations)

    def send(
        self,
        text: str,
        cancel: CancelToken,
        *,
        conversation_id: int | None = None,
        system_prompt: str = "",
        sampling: SamplingParameters | None = None,
        output: OutputFormat = OutputFormat(),
        thinking: bool | None = None,
        overflow: OverflowPolicy | None = None,
    ) -> Iterator[ChatEvent]:
        """Save `text` as the user's next message and stream the model's reply.

        Without `conversation_id` a new conversation is begun, with `system_prompt`. `sampling` None means what suits
        the model, `overflow` None what the settings say; `thinking` is the template's switch. Raises
        InvalidParameterError for a blank text, OutputFormatError, NoModelError, ChatTemplateError, PromptTooLongError,
        ContextFullError and StorageError before anything is saved; GenerationError after the part so far was saved as
        interrupted.
        """
        if not text.strip():
            raise InvalidParameterError("The message is empty. Write something first.")
        turn = self._turn(time.perf_counter(), sampling, output, thinking, overflow)
        require_valid_schema(output)
        self._engine.check_output(output)
        history: list[Message] = []
        if conversation_id is not None:
            system_prompt = self._conversations.get(conversation_id).system_prompt
            history = self._conversations.messages(conversation_id)
        outline = Outline(system_prompt, history, PromptMessage(Role.USER, text))
        planned = self._plan(turn, outline, conversation_id)
        if conversation_id is None:
            conversation_id = self._conversations.create(title_from(text), system_prompt).id
        question = self._conversations.add_message(conversation_id, Role.USER, text)
        yield MessageSaved(self._conversations.get(conversation_id), question)
        self._cache.switch_to(conversation_id)
        try:
            plan = yield from self._settled(turn, outline, planned, conversation_id, cancel)
            begins = plan.first_seen_message_id or question.id
            yield from _remembered(plan, begins)
            message = self._conversations.add_message(
                conversation_id, Role.ASSISTANT, "", MessageState.STREAMING, model_name=turn.model.name
            )
            message = turn.applied_to(message, begins if plan.left_out else None)
            seconds = time.perf_counter() - turn.started
            yield from self._writer.write(message, turn.request(plan), cancel, prepared_seconds=seconds)
        finally:
            self._cache.note_use()

    def continue_reply(
        self,
        message_id: int,
        cancel: CancelToken,
        *,
        sampling: SamplingParameters | None = None,
        thinking: bool | None = None,
        overflow: OverflowPolicy | None = None,
    ) -> Iterator[ChatEvent]:
        """Write on the conversation's last answer, which the context, a limit, the user or a crash had ended.

        `sampling` None means what the answer was made with, with a new seed. STOP counts as TRIM here, because whoever
        asks for this wants more; where no turn is left to leave out, the answer's own beginning is. The stored figures
        are afterwards those of this completion (see GenerationStatistics.earlier_tokens). Raises InvalidParameterError
        for an answer that cannot be written on, and otherwise what send() raises.
        """
        started = time.perf_counter()
        self.retry_unsaved()
        before = self._conversations.message(message_id)
        conversation = self._conversations.get(before.conversation_id)
        messages = self._conversations.messages(conversation.id)
        _require_continuable(before, messages[-1].id == message_id)
        turn = self._turn(started, sampling or _sampling_for_more(before), OutputFormat(), thinking, overflow)
        if turn.policy is OverflowPolicy.STOP:
            turn = replace(turn, policy=OverflowPolicy.TRIM)
        outline = _outline_for_more(conversation.system_prompt, messages)
        planned = self._plan(turn, outline, conversation.id)
        self._cache.switch_to(conversation.id)
        try:
            plan = yield from self._settled(turn, outline, planned, conversation.id, cancel)
            begins = plan.first_seen_message_id
            yield from _remembered(plan, begins)
            message = self._conversations.write_on(message_id, turn.model.name)
            message = turn.applied_to(message, begins if plan.left_out else None)
            request = replace(turn.request(plan), continues=outline.continues)
            seconds = time.perf_counter() - started
            yield from self._writer.write(message, request, cancel, prepared_seconds=seconds, before=before)
        finally:
            self._cache.note_use()

    def retry_unsaved(self) -> list[Message]:
        """Save the replies that could not be saved when they ended; raises StorageError when that fails again."""
        return self._writer.retry_unsaved()

    def _turn(
        self,
        started: float,
        sampling: SamplingParameters | None,
        output: OutputFormat,
        thinking: bool | None,
        overflow: OverflowPolicy | None,
    ) -> "_Turn":
        model = self._models.current
        if model is None:
            raise NoModelError
        chosen = (sampling or model.sampling).seeded()
        return _Turn(started, model, chosen, output, thinking, overflow or self._chosen_policy())

    def _chosen_policy(self) -> OverflowPolicy:
        if self._settings is None:
            return OverflowPolicy.TRIM
        try:
            return self._settings.load().overflow
        except StorageError as error:
            _log.info("the oldest turns are left out, as by default: %s", error.detail)
            return OverflowPolicy.TRIM

    def _planner(self, turn: "_Turn") -> ContextPlanner:
        return ContextPlanner(
            lambda messages: self._engine.count_prompt_tokens(messages, turn.thinking), turn.model.info.context_length
        )

    def _plan(self, turn: "_Turn", outline: Outline, conversation_id: int | None) -> SummaryPlan:
        planner = self._planner(turn)
        if turn.policy is OverflowPolicy.STOP:
            return SummaryPlan(planner.whole(outline), is_ready=True)
        remembered, is_full = _memory_at_last_answer(outline.history, turn.model)
        if turn.policy is not OverflowPolicy.SUMMARY:
            return SummaryPlan(planner.trimmed(outline, remembered, is_full=is_full), is_ready=True)
        known = self._conversations.summaries(conversation_id) if conversation_id is not None else []
        return self._summariser(turn).plan(planner, outline, known, is_full=is_full)

    def _settled(
        self, turn: "_Turn", outline: Outline, planned: SummaryPlan, conversation_id: int, cancel: CancelToken
    ) -> Generator[ChatEvent, None, ContextPlan]:
        """The plan to generate with; a summary that it needs is written first."""
        if planned.is_ready:
            return planned.plan
        return (
            yield from self._summariser(turn).summarised(self._planner(turn), outline, planned, conversation_id, cancel)
        )

    def _summariser(self, turn: "_Turn") -> Summariser:
        return Summariser(self._engine, self._conversations, turn.model)


@dataclass(frozen=True, slots=True)
class _Turn:
    """What one reply is to be made with; `started` is the perf_counter time of the press of Send."""

    started: float
    model: LoadedModel
    sampling: SamplingParameters
    output: OutputFormat
    thinking: bool | None
    policy: OverflowPolicy

    def applied_to(self, message: Message, memory_begins: int | None) -> Message:
        """The message with what it is being made with."""
        info = self.model.info
        provenance = Provenance(
            model_name=self.model.name,
            file_name=info.path.name,
            size_bytes=info.size_bytes,
            sha256=self.model.sha256,
            quantization=info.quantization,
            engine_version=info.engine_version,
            device=info.device,
            load=info.load,
            sampling=self.sampling,
            output=self.output,
        )
        return replace(message, provenance=provenance, memory_begins=memory_begins)

    def request(self, plan: ContextPlan) -> GenerationRequest:
        shifts = self.policy is OverflowPolicy.SHIFT and self.model.info.can_shift
        return GenerationRequest(
            plan.messages, self.sampling, self.output, thinking=self.thinking, shifts_context=shifts
        )


def _remembered(plan: ContextPlan, first_seen_message_id: int | None) -> Iterator[ChatEvent]:
    """What is said when the model does not see everything."""
    if plan.summary:
        yield HistorySummarised(plan.left_out, plan.summary, first_seen_message_id, plan.left_out_characters)
    elif plan.left_out or plan.left_out_characters:
        yield HistoryTrimmed(plan.left_out, first_seen_message_id, plan.left_out_characters)


def _memory_at_last_answer(history: Sequence[Message], model: LoadedModel) -> tuple[int | None, bool]:
    """The index at which the memory began at the last answer, and whether all is known not to fit now.

    It cannot fit when a part of it did not then, with this model and as long a context.
    """
    last = next((m for m in reversed(history) if m.role is Role.ASSISTANT and m.provenance is not None), None)
    if last is None or last.provenance is None or last.memory_begins is None:
        return None, False
    place = next((i for i, m in enumerate(history) if m.id == last.memory_begins), None)
    then, now = last.provenance, model.info
    same_model = (then.file_name, then.size_bytes) == (now.path.name, now.size_bytes)
    return place, same_model and then.load.context_length >= now.context_length


def _require_continuable(message: Message, is_last: bool) -> None:
    if message.role is not Role.ASSISTANT or not is_last:
        raise InvalidParameterError("Only the last answer of a conversation can be continued.")
    if message.state is MessageState.STREAMING:
        raise InvalidParameterError("This answer is still being written in another window.")
    if message.provenance is not None and message.provenance.output.kind is not OutputKind.TEXT:
        raise InvalidParameterError("An answer in a fixed form cannot be continued. Ask again for a shorter one.")
    if not message.is_cut_short:
        raise InvalidParameterError("This answer is complete. Ask for more in a new message.")


def _sampling_for_more(before: Message) -> SamplingParameters | None:
    """What the answer was made with, and a new seed; the string that stopped it stops it no more."""
    if before.provenance is None:
        return None
    sampling = replace(before.provenance.sampling, seed=None)
    return replace(sampling, stop=()) if before.stop_reason is StopReason.STOP_STRING else sampling


def _outline_for_more(system_prompt: str, messages: Sequence[Message]) -> Outline:
    """The conversation up to its last answer; one that has no text yet is begun anew from its question."""
    answer, history = messages[-1], messages[:-1]
    if answer.text or answer.reasoning or not history or history[-1].role is not Role.USER:
        last = PromptMessage(Role.ASSISTANT, answer.text, answer.reasoning)
        return Outline(system_prompt, history, last, continues=True, last_id=answer.id)
    question = history[-1]
    return Outline(system_prompt, history[:-1], PromptMessage(Role.USER, question.text), last_id=question.id)
