"""An engine whose every step inside llama.cpp is noted while it runs, so that a crash there can be told afterwards."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.generation import Chunk, GenerationEvent, OutputFormat, PromptProgress, ReasoningChunk
from app.core.machine import Device
from app.core.model import Backend, LoadParameters, ModelInfo
from app.core.prompt import GenerationRequest, PromptMessage
from app.core.run import RunStep
from app.core.speed import SpeedSample, SpeedTest
from app.engine.base import Engine
from app.storage.run_marker import RunMarker


class WatchedEngine:
    """Passes everything on to `engine`; `before_loss` is called when the KV cache is about to be given up;
    whoever saves it then does so through this engine, so that it is noted too.

    `name_of` gives the name by which the user knows a model's file.
    """

    def __init__(
        self,
        engine: Engine,
        marker: RunMarker,
        before_loss: Callable[[], None] = lambda: None,
        name_of: Callable[[Path], str] = lambda path: path.stem,
    ) -> None:
        self._engine = engine
        self._marker = marker
        self.before_loss = before_loss
        self._name_of = name_of

    @property
    def model(self) -> ModelInfo | None:
        """See Engine.model."""
        return self._engine.model

    @property
    def cached_tokens(self) -> int:
        """See Engine.cached_tokens."""
        return self._engine.cached_tokens

    def devices(self) -> tuple[Device, ...]:
        """See Engine.devices."""
        return self._engine.devices()

    def load(self, parameters: LoadParameters, cancel: CancelToken, on_progress: Callable[[float], None]) -> ModelInfo:
        """See Engine.load."""
        self.before_loss()
        with self._noted(RunStep.LOADING, parameters):
            return self._engine.load(parameters, cancel, on_progress)

    def unload(self) -> None:
        """See Engine.unload."""
        self.before_loss()
        self._engine.unload()

    def count_prompt_tokens(self, messages: Sequence[PromptMessage], thinking: bool | None = None) -> int:
        """See Engine.count_prompt_tokens."""
        return self._engine.count_prompt_tokens(messages, thinking)

    def check_output(self, output: OutputFormat) -> None:
        """See Engine.check_output."""
        self._engine.check_output(output)

    def generate(self, request: GenerationRequest, cancel: CancelToken) -> Iterator[GenerationEvent]:
        """See Engine.generate."""
        with self._noted(RunStep.READING_PROMPT):
            writes = False
            for event in self._engine.generate(request, cancel):
                has_read = isinstance(event, PromptProgress) and event.evaluated >= event.total
                if not writes and (has_read or isinstance(event, Chunk | ReasoningChunk)):
                    writes = True
                    self._note(RunStep.WRITING)
                yield event

    def save_state(self, path: Path) -> None:
        """See Engine.save_state."""
        with self._noted(RunStep.SAVING):
            self._engine.save_state(path)

    def restore_state(self, path: Path) -> int:
        """See Engine.restore_state."""
        with self._noted(RunStep.RESTORING):
            return self._engine.restore_state(path)

    def clear_cache(self) -> None:
        """See Engine.clear_cache."""
        self.before_loss()
        self._engine.clear_cache()

    def measure(self, test: SpeedTest, cancel: CancelToken) -> SpeedSample:
        """See Engine.measure."""
        self.before_loss()
        with self._noted(RunStep.MEASURING):
            return self._engine.measure(test, cancel)

    @contextmanager
    def _noted(self, step: RunStep, asked: LoadParameters | None = None) -> Iterator[None]:
        self._note(step, asked)
        try:
            yield
        finally:
            self._marker.end()

    def _note(self, step: RunStep, asked: LoadParameters | None = None) -> None:
        model = self._engine.model
        used = asked or (model.load if model is not None else None)
        if used is not None:  # without a model, the engine only raises NoModelError
            may_use_gpu = used.backend is not Backend.CPU and used.gpu_layers != 0
            self._marker.begin(step, self._name_of(used.path), used.path, may_use_gpu=may_use_gpu)
