"""What happens in a chat: a message is saved, the history fitted, the reply streamed and journalled."""

import logging
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from app.core.cancel import CancelToken
from app.core.conversation import Message, MessageState, Role, title_from
from app.core.errors import GoneError, InvalidParameterError, NoModelError, PromptTooLongError, StorageError
from app.core.generation import (
    Chunk,
    Finished,
    OutputFormat,
    ReasoningChunk,
    SamplingParameters,
)
from app.core.prompt import GenerationRequest, PromptMessage
from app.core.settings import OverflowPolicy
from app.engine.base import Engine
from app.services.events import ChatEvent, HistoryTrimmed, MessageSaved, ReplyFinished, ReplyStarted, SaveFailed
from app.services.models import ModelService
from app.storage.conversations import ConversationStore

_log = logging.getLogger(__name__)

JOURNAL_SECONDS = 0.5  # what a killed process may lose, with room to spare below one second
RETRY_SECONDS = 5.0  # after a failure: each try may wait for a locked database, and the answer waits with it
REPLY_RESERVE = 256  # tokens of the context kept free for an answer when the history is fitted


class ChatService:
    """Sends messages and streams replies; called on the engine's thread only."""

    def __init__(self, engine: Engine, models: ModelService, conversations: ConversationStore) -> None:
        self._engine = engine
        self._models = models
        self._conversations = conversations
        self._unsaved: dict[int, Message] = {}

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
        the model. Raises InvalidParameterError for a blank text, NoModelError, ChatTemplateError, PromptTooLongError
        and StorageError before anything is saved; GenerationError in mid-answer, after the part so far was saved as
        interrupted.
        """
        if not text.strip():
            raise InvalidParameterError("The message is empty. Write something first.")
        model = self._models.current
        if model is None:
            raise NoModelError
        history: list[Message] = []
        if conversation_id is not None:
            conversation = self._conversations.get(conversation_id)
            system_prompt = conversation.system_prompt
            history = self._conversations.messages(conversation_id)
        prompt, left_out = self._fit(system_prompt, history, text)
        if conversation_id is None:
            conversation = self._conversations.create(title_from(text), system_prompt)
        message = self._conversations.add_message(conversation.id, Role.USER, text)
        yield MessageSaved(self._conversations.get(conversation.id), message)
        begins = [*[m for m in history if m.text], message][left_out].id if left_out else None
        if begins is not None:
            yield HistoryTrimmed(left_out, begins)
        reply = self._conversations.add_message(
            conversation.id, Role.ASSISTANT, "", MessageState.STREAMING, model_name=model.name
        )
        reply = replace(reply, memory_begins=begins)
        request = GenerationRequest(tuple(prompt), sampling or model.sampling, output, thinking)
        yield from self._reply(reply, request, cancel)

    def continue_reply(
        self,
        message_id: int,
        cancel: CancelToken,
        *,
        sampling: SamplingParameters | None = None,
        thinking: bool | None = None,
        overflow: OverflowPolicy | None = None,
    ) -> Iterator[ChatEvent]:
        """Write on at the end of an answer."""
        model = self._models.current
        if model is None:
            raise NoModelError
        conversation = next(
            c for c in self._conversations.list() if any(m.id == message_id for m in self._conversations.messages(c.id))
        )
        history = self._conversations.messages(conversation.id)
        prompt = tuple(PromptMessage(m.role, m.text) for m in history)
        request = GenerationRequest(prompt, sampling or model.sampling, thinking=thinking, continues=True)
        yield from self._reply(history[-1], request, cancel)

    def retry_unsaved(self) -> list[Message]:
        """Save the replies that could not be saved when they ended; raises StorageError when that fails again."""
        saved = []
        for message in list(self._unsaved.values()):
            try:
                saved.append(self._store(message))
            except GoneError:
                _log.info("the reply %d is dropped: its conversation was deleted", message.id)
            del self._unsaved[message.id]
        return saved

    def _fit(self, system_prompt: str, history: Sequence[Message], text: str) -> tuple[list[PromptMessage], int]:
        """The prompt's messages, without the oldest turns that the context has no room for, and how many those are."""
        system = [PromptMessage(Role.SYSTEM, system_prompt)] if system_prompt else []
        turns = [PromptMessage(m.role, m.text) for m in history if m.text]
        question = PromptMessage(Role.USER, text)
        model = self._engine.model
        if model is None:
            raise NoModelError
        room = model.context_length - min(REPLY_RESERVE, model.context_length // 4)
        starts = [i for i, turn in enumerate(turns) if turn.role is Role.USER]
        for start in [0, *(s for s in starts if s > 0), len(turns)]:
            prompt = [*system, *_alternating([*turns[start:], question])]
            needed = self._engine.count_prompt_tokens(prompt)
            if needed <= room:
                return prompt, start
        raise PromptTooLongError(
            f"This message is too long for the model: it needs {needed:,} tokens and there is room for {room:,}. "
            "Shorten it or send it in parts."
        )

    def _reply(self, message: Message, request: GenerationRequest, cancel: CancelToken) -> Iterator[ChatEvent]:
        yield ReplyStarted(message)
        journal = _Journal(self._conversations, message)
        reasoning = message.reasoning
        if message.text:
            journal.add(message.text)
        ended = False
        try:
            for event in self._engine.generate(request, cancel):
                if isinstance(event, Finished):
                    ended = True
                    final = replace(
                        message,
                        text=journal.text,
                        state=MessageState.COMPLETE,
                        stop_reason=event.stop_reason,
                        statistics=event.statistics,
                        reasoning=reasoning,
                    )
                    yield from self._finish(final)
                elif isinstance(event, Chunk):
                    yield event
                    failure = journal.add(event.text)
                    if failure is not None:
                        yield SaveFailed(failure)
                else:
                    if isinstance(event, ReasoningChunk):
                        reasoning += event.text
                    yield event
        finally:
            # The engine failed, or the reader went away: what there is stays, marked for what it is.
            if not ended:
                self._keep(replace(message, text=journal.text, state=MessageState.INTERRUPTED))

    def _finish(self, message: Message) -> Iterator[ChatEvent]:
        failure = self._keep(message)
        if failure is not None:
            yield SaveFailed(failure)
        yield ReplyFinished(message)

    def _keep(self, message: Message) -> StorageError | None:
        """Save a reply as it ended; what cannot be saved is held for retry_unsaved, and the error returned."""
        try:
            self._store(message)
        except GoneError:
            _log.info("the reply %d is not saved: its conversation was deleted", message.id)
        except StorageError as error:
            _log.error("the reply %d is not saved yet: %s (%s)", message.id, error.sentence, error.detail)
            self._unsaved[message.id] = message
            return error
        return None

    def _store(self, message: Message) -> Message:
        return self._conversations.finish(
            message.id,
            message.text,
            message.state,
            message.stop_reason,
            message.statistics,
            reasoning=message.reasoning,
            memory_begins=message.memory_begins,
        )


class _Journal:
    """Writes a reply's text down while it streams, at most every JOURNAL_SECONDS."""

    def __init__(self, conversations: ConversationStore, message: Message) -> None:
        self._conversations = conversations
        self._message = message
        self._parts: list[str] = []
        self._due_at = 0.0  # so that the first chunk is on disk at once
        self._failing = False

    @property
    def text(self) -> str:
        """Everything so far."""
        return "".join(self._parts)

    def add(self, text: str) -> StorageError | None:
        """Take a chunk; the error when writing begins to fail (once, not at every chunk)."""
        self._parts.append(text)
        if time.monotonic() < self._due_at:
            return None
        try:
            self._conversations.journal(self._message.id, self.text)
        except GoneError:
            self._due_at = math.inf  # deleted while it was written: there is nothing to keep
            return None
        except StorageError as error:
            first, self._failing = not self._failing, True
            self._due_at = time.monotonic() + RETRY_SECONDS
            return error if first else None
        self._failing = False
        self._due_at = time.monotonic() + JOURNAL_SECONDS
        return None


def _alternating(messages: Sequence[PromptMessage]) -> list[PromptMessage]:
    """The messages with neighbours of one role joined: an answer that never came leaves two questions in a row."""
    joined: list[PromptMessage] = []
    for message in messages:
        if joined and joined[-1].role is message.role:
            joined[-1] = PromptMessage(message.role, joined[-1].text + "\n\n" + message.text)
        else:
            joined.append(message)
    return joined
