"""The real engine: llama.cpp in this process, owned by one thread."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from app.core.cancel import CancelToken
from app.core.errors import NoModelError, PromptTooLongError
from app.core.generation import GenerationEvent, SamplingParameters
from app.core.model import LoadParameters, ModelInfo
from app.engine.base import PromptMessage

if TYPE_CHECKING:
    from app.engine.loaded import LoadedModel

_log = logging.getLogger(__name__)


class LlamaEngine:
    """Keeps the promises of app.engine.base.Engine. llama_cpp is imported at the first load, so that a window comes first."""

    def __init__(self) -> None:
        self._owner: int | None = None
        self._loaded: LoadedModel | None = None

    @property
    def model(self) -> ModelInfo | None:
        """The loaded model; None when there is none."""
        return self._loaded.info if self._loaded else None

    def load(self, parameters: LoadParameters, cancel: CancelToken, on_progress: Callable[[float], None]) -> ModelInfo:
        """See Engine.load."""
        from app.engine.loaded import LoadedModel

        self._check_owner()
        self.unload()
        started = time.perf_counter()
        self._loaded = LoadedModel(parameters, cancel, on_progress)
        _log.info("%s is in memory after %.2f s", parameters.path.name, time.perf_counter() - started)
        return self._loaded.info

    def unload(self) -> None:
        """See Engine.unload."""
        if self._loaded is not None:
            self._check_owner()
            self._loaded.close()
            self._loaded = None

    def count_prompt_tokens(self, messages: Sequence[PromptMessage]) -> int:
        """See Engine.count_prompt_tokens."""
        return len(self._require().prompt_tokens(messages))

    def generate(
        self, messages: Sequence[PromptMessage], sampling: SamplingParameters, cancel: CancelToken
    ) -> Iterator[GenerationEvent]:
        """See Engine.generate."""
        from app.engine.completion import Completion

        started = time.perf_counter()
        loaded = self._require()
        tokens = loaded.prompt_tokens(messages)
        if len(tokens) >= loaded.context_length:
            raise PromptTooLongError(
                f"The prompt has {len(tokens):,} tokens, and the context holds {loaded.context_length:,}."
            )
        yield from Completion(loaded, sampling, cancel, started).run(tokens)

    def _require(self) -> "LoadedModel":
        if self._loaded is None:
            raise NoModelError
        self._check_owner()
        return self._loaded

    def _check_owner(self) -> None:
        """llama.cpp's context is not safe to share: a second thread is a bug of ours, to be found at once."""
        thread = threading.get_ident()
        if self._owner is None:
            self._owner = thread
        if thread != self._owner:
            raise RuntimeError("the engine was used on a thread that does not own it")
