"""Saves and restores the KV cache when the conversation changes, so that reopening one need not read it anew."""

import hashlib
import logging
from collections.abc import Callable, Collection, Iterator

from app.core.cancel import CancelToken
from app.core.conversation import is_temporary
from app.core.errors import ModelError, StateFileError, StorageError
from app.core.generation import GenerationEvent
from app.core.model import ModelInfo
from app.core.prompt import GenerationRequest
from app.engine.base import Engine
from app.storage.state_files import StateFiles

_log = logging.getLogger(__name__)

FEWEST_TOKENS = 65  # a shorter conversation is read about as fast as its state


class PromptCache:
    """Knows whose tokens the engine's KV cache holds. `files` None saves nothing, as temporary chats want it.

    `limit` gives how many bytes the files may fill now; 0 saves none and deletes what there is. No failure of the
    cache reaches its callers: what cannot be restored is read anew. Called on the engine's thread only.
    """

    def __init__(self, engine: Engine, files: StateFiles | None, limit: Callable[[], int] = lambda: 0) -> None:
        self._engine = engine
        self._files = files
        self._limit = limit
        self._owner: tuple[int, str] | None = None  # the conversation, and the key of the model
        self._tokens = 0
        self._unsaved = False
        self._bytes_per_token: dict[str, float] = {}

    def switch_to(self, conversation_id: int) -> None:
        """A prompt of this conversation comes next: save the other's state, and restore what is saved of this one."""
        model = self._engine.model
        if model is None:
            return
        owner = (conversation_id, model_key(model))
        if self._known_owner() == owner:
            return
        self.save()
        if self._owner is not None and is_temporary(self._owner[0]):
            self.forget(self._owner[0])
        self._owner, self._unsaved = owner, False
        try:
            self._restore(*owner)
        except (StateFileError, StorageError) as error:
            _log.info("conversation %d is read anew: %s (%s)", conversation_id, error.sentence, error.detail)
        self._tokens = self._engine.cached_tokens

    def forget(self, conversation_id: int) -> None:
        """Leave no token of this conversation in the KV cache: the next state that is saved could take it along."""
        if self._owner is not None and self._owner[0] == conversation_id:
            self._owner, self._unsaved = None, False
            self._engine.clear_cache()

    def generate(self, request: GenerationRequest, cancel: CancelToken) -> Iterator[GenerationEvent]:
        """Engine.generate() for the conversation that switch_to() named, which is noted when it has begun.

        Not before: the KV cache may hold messages that were deleted since it was read.
        """
        try:
            yield from self._engine.generate(request, cancel)
        finally:
            self.note_use()

    def note_use(self) -> None:
        """The engine has read or written for the conversation that switch_to() named."""
        self._tokens = self._engine.cached_tokens
        self._unsaved = True
        if self._files is not None and self._owner is not None:
            self._files.renew(self._owner[0])

    def save(self) -> None:
        """Save the state in the KV cache, if that is worth it and it changed since it was saved."""
        owner = self._known_owner()
        if owner is None or not self._unsaved or self._tokens < FEWEST_TOKENS:
            return
        try:
            self._save(*owner)
        except (StateFileError, StorageError, ModelError) as error:
            _log.info("the state of conversation %d is not saved: %s (%s)", owner[0], error.sentence, error.detail)

    def tidy(self, conversation_ids: Collection[int]) -> None:
        """Delete the states of conversations that are gone, and what is beyond the limit."""
        if self._files is None:
            return
        try:
            self._files.keep_only(conversation_ids)
            self._files.keep_within(self._limit())
        except StorageError as error:
            _log.info("saved states are not tidied: %s (%s)", error.sentence, error.detail)

    def _known_owner(self) -> tuple[int, str] | None:
        """Whose tokens are cached; None when another model was loaded, or something else used the engine since."""
        model = self._engine.model
        if self._owner is None or model is None or model_key(model) != self._owner[1]:
            return None
        return self._owner if self._engine.cached_tokens == self._tokens else None

    def _restore(self, conversation_id: int, key: str) -> None:
        path = self._files.find(conversation_id, key) if self._files is not None else None
        if self._files is None or path is None:
            return
        try:
            tokens = self._engine.restore_state(path)
        except StateFileError:
            self._files.delete(path)
            raise
        _log.info("restored %d tokens of conversation %d", tokens, conversation_id)

    def _save(self, conversation_id: int, key: str) -> None:
        limit = self._limit()
        if self._files is None:
            return
        if limit == 0:
            self._files.clear()
            return
        path = self._files.place(conversation_id, key)
        expected = int(self._tokens * self._bytes_per_token.get(key, 0))
        if path is None or expected > limit:
            return
        if not self._files.has_room(expected):
            _log.info("the state of conversation %d is not saved: the disk is nearly full", conversation_id)
            return
        self._engine.save_state(path)
        self._unsaved = False
        self._bytes_per_token[key] = self._files.size(path) / self._tokens
        self._files.keep_within(limit)
        if self._files.place(conversation_id, key) is None:  # deleted while it was being saved
            self._files.delete(path)


def model_key(model: ModelInfo) -> str:
    """Names the model with all that decides how its KV cache looks, in 16 letters and digits for a file's name.

    Where it lies does not count when it is known what its files hold.
    """
    load = model.load
    adapters = tuple(
        (adapter.path.name if model.content else str(adapter.path), adapter.scale) for adapter in load.adapters
    )
    parts = (
        *(model.content or str(model.path), model.size_bytes, model.engine_version, model.context_length, adapters),
        *(load.kv_cache_type, load.flash_attention, load.full_sliding_window, load.gpu_layers),
        *(load.speculation, load.draft_model is not None),  # drafting has a layout of its own
        *(load.rope_scaling, load.rope_frequency_base, load.rope_frequency_scale),
    )
    return hashlib.blake2b(repr(parts).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
