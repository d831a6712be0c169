"""Writes a reply down while it streams, so that a killed process loses less than a second of it."""

import math
import time

from app.core.conversation import Message
from app.core.errors import GoneError, StorageError
from app.storage.conversations import ConversationStore

JOURNAL_SECONDS = 0.5  # what a killed process may lose, with room to spare below one second
RETRY_SECONDS = 5.0  # after a failure: each try may wait for a locked database, and the answer waits with it


class Journal:
    """Takes text and reasoning after what `message` has of them, and stores them at most every JOURNAL_SECONDS."""

    def __init__(self, conversations: ConversationStore, message: Message) -> None:
        self._conversations = conversations
        self._message_id = message.id
        self._text = [message.text] if message.text else []
        self._reasoning = [message.reasoning] if message.reasoning else []
        self._due_at = 0.0  # so that the first chunk is on disk at once
        self._failing = False

    @property
    def text(self) -> str:
        """The whole answer so far."""
        return "".join(self._text)

    @property
    def reasoning(self) -> str:
        """The whole reasoning so far."""
        return "".join(self._reasoning)

    def add(self, text: str) -> StorageError | None:
        """Take a piece of the answer; the error when writing begins to fail (once, not at every piece)."""
        self._text.append(text)
        return self._store_when_due()

    def add_reasoning(self, text: str) -> StorageError | None:
        """The same for a piece of the reasoning."""
        self._reasoning.append(text)
        return self._store_when_due()

    def _store_when_due(self) -> StorageError | None:
        if time.monotonic() < self._due_at:
            return None
        try:
            self._conversations.journal(self._message_id, self.text, self.reasoning)
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
