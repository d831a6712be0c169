"""The real engine: llama.cpp in this process, owned by one thread."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from app.core.cancel import CancelToken
from app.core.errors import NoModelError, PromptTooLongError
from app.core.generation import GenerationEvent
from app.core.model import LoadParameters, ModelInfo
from app.core.prompt import GenerationRequest, PromptMessage

if TYPE_CHECKING:
    from app.engine.instance import ModelInstance

_log = logging.getLogger(__name__)


class LlamaEngine:
    """Keeps the promises of app.engine.base.Engine; llama_cpp is imported at the first load: a window comes first."""

    def __init__(self) -> None:
        self._owner: int | None = None
        self._instance: ModelInstance | None = None

    @property
    def model(self) -> ModelInfo | None:
        """The loaded model; None when there is none."""
        return self._instance.info if self._instance else None

    @property
    def cached_tokens(self) -> int:
        """How many tokens the KV cache holds now."""
        return len(self._instance.cached) if self._instance else 0

    def load(self, parameters: LoadParameters, cancel: CancelToken, on_progress: Callable[[float], None]) -> ModelInfo:
        """See Engine.load."""
        from app.engine.instance import ModelInstance

        self._check_owner()
        self.unload()
        started = time.perf_counter()
        self._instance = ModelInstance(parameters, cancel, on_progress)
        _log.info("%s is in memory after %.2f s", parameters.path.name, time.perf_counter() - started)
        return self._instance.info

    def unload(self) -> None:
        """See Engine.unload."""
        if self._instance is not None:
            self._check_owner()
            self._instance.close()
            self._instance = None

    def count_prompt_tokens(self, messages: Sequence[PromptMessage], thinking: bool | None = None) -> int:
        """See Engine.count_prompt_tokens."""
        return len(self._require().prompt_tokens(messages))

    def generate(self, request: GenerationRequest, cancel: CancelToken) -> Iterator[GenerationEvent]:
        """See Engine.generate."""
        from app.engine.completion import Completion
        from app.engine.structured import grammar_for

        started = time.perf_counter()
        instance = self._require()
        tokens = instance.prompt_tokens(request.messages)
        if len(tokens) >= instance.context_length:
            raise PromptTooLongError(
                f"The prompt has {len(tokens):,} tokens, and the context holds {instance.context_length:,}."
            )
        grammar = grammar_for(request.output)
        yield from Completion(instance, request.sampling, cancel, started, grammar).run(tokens)

    def _require(self) -> "ModelInstance":
        if self._instance is None:
            raise NoModelError
        self._check_owner()
        return self._instance

    def _check_owner(self) -> None:
        """llama.cpp's context is not safe to share: a second thread is a bug of ours, to be found at once."""
        thread = threading.get_ident()
        if self._owner is None:
            self._owner = thread
        if thread != self._owner:
            raise RuntimeError("the engine was used on a thread that does not own it")
