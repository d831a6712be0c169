"""Streams one reply from the engine into its stored message, and keeps what could not be stored."""

import logging
from collections.abc import Iterator
from dataclasses import replace

from app.core.cancel import CancelToken
from app.core.conversation import Message, MessageState
from app.core.errors import GoneError, StorageError
from app.core.generation import Chunk, Finished, GenerationStatistics, ReasoningChunk
from app.core.prompt import GenerationRequest
from app.services.events import ChatEvent, ReplyFinished, ReplyStarted, SaveFailed
from app.services.journal import Journal
from app.services.prompt_cache import PromptCache
from app.storage.conversations import ConversationStore

_log = logging.getLogger(__name__)


class ReplyWriter:
    """Writes replies; called on the engine's thread only."""

    def __init__(self, cache: PromptCache, conversations: ConversationStore) -> None:
        self._cache = cache
        self._conversations = conversations
        self._unsaved: dict[int, Message] = {}

    def write(
        self,
        message: Message,
        request: GenerationRequest,
        cancel: CancelToken,
        *,
        prepared_seconds: float = 0.0,
        before: Message | None = None,
    ) -> Iterator[ChatEvent]:
        """Stream the reply into `message`, which is stored as STREAMING; text that it has already is kept in front.

        `prepared_seconds` passed between the press of Send and now; they are part of the time to the first token.
        `before` is the message as it was, when it is written on: it comes back when nothing is added to it. Raises what
        Engine.generate raises, after the part so far was saved as interrupted.
        """
        journal = Journal(self._conversations, message)
        ended = False
        try:
            yield ReplyStarted(message)
            for event in self._cache.generate(request, cancel):
                if isinstance(event, Finished):
                    ended = True
                    statistics = _figures(event.statistics, before, prepared_seconds)
                    yield from self._finish(
                        replace(
                            _with_text(message, journal),
                            state=MessageState.COMPLETE,
                            stop_reason=event.stop_reason,
                            statistics=statistics,
                        )
                    )
                else:
                    yield event
                    failure = None
                    if isinstance(event, Chunk):
                        failure = journal.add(event.text)
                    elif isinstance(event, ReasoningChunk):
                        failure = journal.add_reasoning(event.text)
                    if failure is not None:
                        yield SaveFailed(failure)
        finally:
            # The engine failed, or the reader went away: what there is stays, marked for what it is.
            if not ended:
                broken_off = replace(_with_text(message, journal), state=MessageState.INTERRUPTED)
                nothing_new = (broken_off.text, broken_off.reasoning) == (message.text, message.reasoning)
                self._keep(before if before is not None and nothing_new else broken_off)

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
            provenance=message.provenance,
            memory_begins=message.memory_begins,
        )


def _with_text(message: Message, journal: Journal) -> Message:
    return replace(message, text=journal.text, reasoning=journal.reasoning)


def _figures(statistics: GenerationStatistics, before: Message | None, prepared_seconds: float) -> GenerationStatistics:
    """The completion's figures as they are stored: from the press of Send, and with what came before it.

    Of an answer that is written on, rate, prompt and times stay those of this completion, because sums of them would
    be rates that nobody measured; the tokens before it are told apart, and the reasoning, which is shown as one, is
    added up.
    """
    if statistics.completion_tokens:
        statistics = replace(statistics, time_to_first_token=statistics.time_to_first_token + prepared_seconds)
    earlier = before.statistics if before is not None else None
    if earlier is None:
        return statistics
    return replace(
        statistics,
        earlier_tokens=earlier.earlier_tokens + earlier.completion_tokens,
        reasoning_tokens=earlier.reasoning_tokens + statistics.reasoning_tokens,
        reasoning_seconds=earlier.reasoning_seconds + statistics.reasoning_seconds,
    )
