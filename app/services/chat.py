"""What happens in a chat: a message is saved, the history fitted, the reply streamed, written on or written anew."""

import logging
import time
from collections.abc import Generator, Iterator
from dataclasses import replace

from app.core.cancel import CancelToken
from app.core.conversation import Message, MessageState, Role, title_from
from app.core.errors import InvalidParameterError, NoModelError, StorageError
from app.core.generation import OutputFormat, SamplingParameters
from app.core.prompt import PromptMessage
from app.core.settings import OverflowPolicy
from app.engine.base import Engine
from app.services.context_plan import ContextPlan, ContextPlanner, Outline
from app.services.continuation import outline_for_more, require_continuable, sampling_for_more
from app.services.events import ChatEvent, HistorySummarised, HistoryTrimmed, MessageSaved
from app.services.models import ModelService
from app.services.prompt_cache import PromptCache
from app.services.reply import ReplyWriter
from app.services.structured import require_valid_schema
from app.services.summary import Summariser, SummaryPlan
from app.services.turn import Turn, memory_at_last_answer
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
        self._writer = ReplyWriter(self._cache, conversations)

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
        _require_text(text)
        turn = self._turn(time.perf_counter(), sampling, output, thinking, overflow)
        history: list[Message] = []
        if conversation_id is not None:
            system_prompt = self._conversations.get(conversation_id).system_prompt
            history = self._conversations.messages(conversation_id)
        outline = Outline(system_prompt, history, PromptMessage(Role.USER, text))
        planned = self._plan(turn, outline, conversation_id)
        if conversation_id is None:
            conversation_id = self._conversations.create(title_from(text), system_prompt).id
        parent = history[-1].id if history else None
        question = self._conversations.add_message(conversation_id, Role.USER, text, parent=parent)
        yield MessageSaved(self._conversations.get(conversation_id), question)
        yield from self._reply(turn, outline, planned, question, cancel)

    def retry(
        self,
        message_id: int,
        cancel: CancelToken,
        *,
        sampling: SamplingParameters | None = None,
        thinking: bool | None = None,
        overflow: OverflowPolicy | None = None,
    ) -> Iterator[ChatEvent]:
        """Write another version of an answer, in the same form and with a new seed; the old one stays beside it.

        `message_id` may also name the question. Raises InvalidParameterError for an answer without a question or one
        that is still being written, GoneError, and otherwise what send() raises.
        """
        started = time.perf_counter()
        path = self._conversations.path_to(message_id)
        before = path.pop() if path[-1].role is Role.ASSISTANT else None
        if not path or path[-1].role is not Role.USER:
            raise InvalidParameterError("This answer has no question before it. Ask in a new message.")
        if before is not None and before.state is MessageState.STREAMING:
            raise InvalidParameterError("This answer is still being written.")
        output = before.provenance.output if before is not None and before.provenance is not None else OutputFormat()
        turn = self._turn(started, sampling, output, thinking, overflow)
        turn = replace(turn, sampling=replace(turn.sampling, seed=None).seeded())
        *history, question = path
        conversation = self._conversations.get(question.conversation_id)
        last = PromptMessage(Role.USER, question.text)
        outline = Outline(conversation.system_prompt, history, last, last_id=question.id)
        planned = self._plan(turn, outline, conversation.id)
        yield from self._reply(turn, outline, planned, question, cancel)

    def edit(
        self,
        message_id: int,
        text: str,
        cancel: CancelToken,
        *,
        sampling: SamplingParameters | None = None,
        output: OutputFormat = OutputFormat(),
        thinking: bool | None = None,
        overflow: OverflowPolicy | None = None,
    ) -> Iterator[ChatEvent]:
        """Save `text` as another version of a message of the user's, and stream the model's reply to it.

        The old version stays, with all that follows it. Raises InvalidParameterError also for what the user did not
        write, GoneError, and otherwise what send() raises.
        """
        _require_text(text)
        started = time.perf_counter()
        *history, before = self._conversations.path_to(message_id)
        if before.role is not Role.USER:
            raise InvalidParameterError(
                "Only what you wrote yourself can be edited. Let the model answer again instead."
            )
        turn = self._turn(started, sampling, output, thinking, overflow)
        conversation = self._conversations.get(before.conversation_id)
        outline = Outline(conversation.system_prompt, history, PromptMessage(Role.USER, text))
        planned = self._plan(turn, outline, conversation.id)
        question = self._conversations.add_version(message_id, text)
        yield MessageSaved(self._conversations.get(conversation.id), question)
        yield from self._reply(turn, outline, planned, question, cancel)

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
        require_continuable(before, messages[-1].id == message_id)
        turn = self._turn(started, sampling or sampling_for_more(before), OutputFormat(), thinking, overflow)
        if turn.policy is OverflowPolicy.STOP:
            turn = replace(turn, policy=OverflowPolicy.TRIM)
        outline = outline_for_more(conversation.system_prompt, messages)
        planned = self._plan(turn, outline, conversation.id)
        self._cache.switch_to(conversation.id)
        plan = yield from self._settled(turn, outline, planned, conversation.id, cancel)
        begins = plan.first_seen_message_id
        yield from _remembered(plan, begins)
        message = self._conversations.write_on(message_id, turn.model.name)
        message = turn.applied_to(message, begins if plan.left_out else None)
        request = replace(turn.request(plan), continues=outline.continues)
        seconds = time.perf_counter() - started
        yield from self._writer.write(message, request, cancel, prepared_seconds=seconds, before=before)

    def retry_unsaved(self) -> list[Message]:
        """Save the replies that could not be saved when they ended; raises StorageError when that fails again."""
        return self._writer.retry_unsaved()

    def forget(self, conversation_id: int) -> None:
        """A temporary chat is over: the model's memory keeps nothing of it either."""
        self._cache.forget(conversation_id)

    def _turn(
        self,
        started: float,
        sampling: SamplingParameters | None,
        output: OutputFormat,
        thinking: bool | None,
        overflow: OverflowPolicy | None,
    ) -> Turn:
        model = self._models.current
        if model is None:
            raise NoModelError
        require_valid_schema(output)
        self._engine.check_output(output)
        chosen = (sampling or model.sampling).seeded()
        return Turn(started, model, chosen, output, thinking, overflow or self._chosen_policy())

    def _reply(
        self, turn: Turn, outline: Outline, planned: SummaryPlan, question: Message, cancel: CancelToken
    ) -> Iterator[ChatEvent]:
        """Write an answer to the question, which is stored; where it has answers already, another version of them."""
        conversation_id = question.conversation_id
        self._cache.switch_to(conversation_id)
        plan = yield from self._settled(turn, outline, planned, conversation_id, cancel)
        begins = plan.first_seen_message_id or question.id
        yield from _remembered(plan, begins)
        message = self._conversations.add_message(
            *(conversation_id, Role.ASSISTANT, "", MessageState.STREAMING, turn.model.name), parent=question.id
        )
        message = turn.applied_to(message, begins if plan.left_out else None)
        seconds = time.perf_counter() - turn.started
        yield from self._writer.write(message, turn.request(plan), cancel, prepared_seconds=seconds)

    def _chosen_policy(self) -> OverflowPolicy:
        if self._settings is None:
            return OverflowPolicy.TRIM
        try:
            return self._settings.load().overflow
        except StorageError as error:
            _log.info("the oldest turns are left out, as by default: %s", error.detail)
            return OverflowPolicy.TRIM

    def _planner(self, turn: Turn) -> ContextPlanner:
        return ContextPlanner(
            lambda messages: self._engine.count_prompt_tokens(messages, turn.thinking), turn.model.info.context_length
        )

    def _plan(self, turn: Turn, outline: Outline, conversation_id: int | None) -> SummaryPlan:
        planner = self._planner(turn)
        if turn.policy is OverflowPolicy.STOP:
            return SummaryPlan(planner.whole(outline), is_ready=True)
        remembered, is_full = memory_at_last_answer(outline.history, turn.model)
        if turn.policy is not OverflowPolicy.SUMMARY:
            return SummaryPlan(planner.trimmed(outline, remembered, is_full=is_full), is_ready=True)
        known = self._conversations.summaries(conversation_id) if conversation_id is not None else []
        return self._summariser(turn).plan(planner, outline, known, is_full=is_full)

    def _settled(
        self, turn: Turn, outline: Outline, planned: SummaryPlan, conversation_id: int, cancel: CancelToken
    ) -> Generator[ChatEvent, None, ContextPlan]:
        """The plan to generate with; a summary that it needs is written first."""
        if planned.is_ready:
            return planned.plan
        return (
            yield from self._summariser(turn).summarised(self._planner(turn), outline, planned, conversation_id, cancel)
        )

    def _summariser(self, turn: Turn) -> Summariser:
        return Summariser(self._cache, self._conversations, turn.model)


def _remembered(plan: ContextPlan, first_seen_message_id: int | None) -> Iterator[ChatEvent]:
    """What is said when the model does not see everything."""
    if plan.summary:
        yield HistorySummarised(plan.left_out, plan.summary, first_seen_message_id, plan.left_out_characters)
    elif plan.left_out or plan.left_out_characters:
        yield HistoryTrimmed(plan.left_out, first_seen_message_id, plan.left_out_characters)


def _require_text(text: str) -> None:
    if not text.strip():
        raise InvalidParameterError("The message is empty. Write something first.")
