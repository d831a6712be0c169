"""The real engine: llama.cpp in this process, owned by one thread."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.cancel import CancelToken
from app.core.errors import (
    DecodeError,
    GenerationError,
    ModelChangedError,
    ModelLoadError,
    NoModelError,
    PromptTooLongError,
    StateFileError,
)
from app.core.generation import GenerationEvent, OutputFormat, OutputKind
from app.core.machine import Device
from app.core.model import Backend, LoadParameters, ModelInfo
from app.core.prompt import GenerationRequest, PromptMessage
from app.core.sealing import Sealer
from app.core.speed import SpeedSample, SpeedTest
from app.engine import state_sidecar
from app.engine.contents import KnownSha256, content_of, nothing_known
from app.engine.guards.file_watch import FileIdentity
from app.engine.state_sidecar import StateFacts

if TYPE_CHECKING:
    from app.engine.instance import ModelInstance

_log = logging.getLogger(__name__)

_EVENTS_BETWEEN_CHECKS = 16  # a check takes some microseconds


class LlamaEngine:
    """Keeps the promises of app.engine.base.Engine; llama_cpp is imported at the first load: a window comes first.

    With a `sealer` states are saved encrypted, and others are refused. `sha256_of` tells a file's checksum where it is
    known: a state of the same model is read then wherever its files lie.
    """

    def __init__(self, sealer: Sealer | None = None, sha256_of: KnownSha256 = nothing_known) -> None:
        self._sealer = sealer
        self._sha256_of = sha256_of
        self._owner: int | None = None
        self._instance: ModelInstance | None = None
        self._files: list[FileIdentity] = []  # what is mapped into memory
        self._own_states: dict[Path, FileIdentity] = {}  # as they were when this engine wrote them

    @property
    def model(self) -> ModelInfo | None:
        """The loaded model; None when there is none."""
        return self._instance.info if self._instance else None

    @property
    def cached_tokens(self) -> int:
        """See Engine.cached_tokens."""
        return len(self._instance.live.cached) if self._instance else 0

    def devices(self) -> tuple[Device, ...]:
        """See Engine.devices."""
        from app.engine.devices import list_devices

        return list_devices()

    def load(self, parameters: LoadParameters, cancel: CancelToken, on_progress: Callable[[float], None]) -> ModelInfo:
        """See Engine.load."""
        self._check_owner()
        self.unload()
        started = time.perf_counter()
        self._files = [FileIdentity.of(path) for path in (parameters.path, parameters.draft_model) if path is not None]
        self._instance = instance = self._loaded(parameters, cancel, on_progress)
        instance.info = replace(instance.info, content=content_of(parameters, self._sha256_of))
        _log.info("%s is in memory after %.2f s", parameters.path.name, time.perf_counter() - started)
        return instance.info

    def unload(self) -> None:
        """See Engine.unload."""
        if self._instance is not None:
            self._check_owner()
            self._instance.close()
            self._instance = None

    def count_prompt_tokens(self, messages: Sequence[PromptMessage], thinking: bool | None = None) -> int:
        """See Engine.count_prompt_tokens."""
        return len(self._require().prompt(messages, thinking, continues=False)[1])

    def check_output(self, output: OutputFormat) -> None:
        """See Engine.check_output."""
        _grammar(output)

    def generate(self, request: GenerationRequest, cancel: CancelToken) -> Iterator[GenerationEvent]:
        """See Engine.generate."""
        from app.engine.completion import Completion

        started = time.perf_counter()
        instance = self._require()
        grammar = _grammar(request.output)
        rendered, tokens = instance.prompt(request.messages, request.thinking, request.continues)
        if len(tokens) >= instance.live.length:
            raise PromptTooLongError(
                f"The prompt has {len(tokens):,} tokens, and the context holds {instance.live.length:,}."
            )
        events = Completion(instance, request, grammar, cancel, started).run(rendered, tokens)
        try:
            with closing(events):
                for number, event in enumerate(events, 1):
                    yield event
                    if number % _EVENTS_BETWEEN_CHECKS == 0:
                        self._check_files(events.close)
        except DecodeError as error:
            if instance.on_gpu:
                self._leave_gpu(instance, error)
            raise

    def save_state(self, path: Path) -> None:
        """See Engine.save_state."""
        instance = self._require()
        if not instance.live.cached:
            raise StateFileError("There is nothing to save: no conversation was read yet.")
        state_sidecar.write_with_sidecar(
            path, self._writer(instance, path.name), self._facts(instance), len(instance.live.cached)
        )
        self._own_states[path] = FileIdentity.of(path)

    def restore_state(self, path: Path) -> int:
        """See Engine.restore_state."""
        instance = self._require()
        is_as_written = self._own_states.get(path) == FileIdentity.of(path)
        state_sidecar.verified(path, self._facts(instance), is_as_written=is_as_written)
        if self._sealer is None:
            instance.live.read_state(path)
        else:
            from app.engine.sealed_state import read_sealed

            read_sealed(instance.live, path, path.name, self._sealer)
        return len(instance.live.cached)

    def clear_cache(self) -> None:
        """See Engine.clear_cache."""
        if self._instance is not None:
            self._require().live.clear()

    def measure(self, test: SpeedTest, cancel: CancelToken) -> SpeedSample:
        """See Engine.measure."""
        from app.engine.measuring import measure

        return measure(self._require(), test, cancel)

    def _facts(self, instance: "ModelInstance") -> StateFacts:
        return replace(instance.state_facts(), sealed=self._sealer is not None)

    def _writer(self, instance: "ModelInstance", name: str) -> Callable[[Path], None]:
        """What writes the state that is to be called `name` to a path."""
        if self._sealer is None:
            return instance.live.write_state
        from app.engine.sealed_state import write_sealed

        sealer = self._sealer
        return lambda path: write_sealed(instance.live, path, name, sealer)

    def _loaded(
        self, parameters: LoadParameters, cancel: CancelToken, on_progress: Callable[[float], None]
    ) -> "ModelInstance":
        """The model in memory: on the processor where a GPU was to take part and fails."""
        from app.engine.gpu_choice import NoGpuError, gpus_of, wants_gpu
        from app.engine.instance import ModelInstance

        try:
            return ModelInstance(parameters, cancel, on_progress)
        except ModelLoadError as error:
            is_missing = isinstance(error, NoGpuError)
            if not wants_gpu(parameters) or (not is_missing and not gpus_of(parameters.backend)):
                raise
            _log.warning("not loaded on the GPU: %s (%s)", error.sentence, error.detail)
            why = error.sentence if is_missing else f"{parameters.path.stem} could not be loaded on the GPU."
            instance = ModelInstance(replace(parameters, backend=Backend.CPU), cancel, on_progress)
            instance.info = replace(instance.info, gpu_fault=f"{why} It runs on the processor instead.")
            return instance

    def _leave_gpu(self, instance: "ModelInstance", error: DecodeError) -> None:
        """Load the model again on the processor, and raise what says so; after another error nothing is loaded."""
        from app.engine.instance import ModelInstance

        _log.warning("the GPU failed: %s", error.detail)
        fault = f"The GPU failed while {instance.info.name} was writing. It runs on the processor now"
        self.unload()
        moved = ModelInstance(replace(instance.load, backend=Backend.CPU), CancelToken(), lambda _: None)
        moved.info = replace(moved.info, gpu_fault=f"{fault}.", content=instance.info.content)
        self._instance = moved
        raise GenerationError(f"{fault}: try again.", error.detail) from error

    def _require(self) -> "ModelInstance":
        if self._instance is None:
            raise NoModelError
        self._check_owner()
        self._check_files(lambda: None)
        return self._instance

    def _check_files(self, end_use: Callable[[], None]) -> None:
        """Raise ModelChangedError when a file is no longer what it was; `end_use`, and the model is given up then."""
        try:
            for file in self._files:
                file.check()
        except ModelChangedError:
            end_use()
            self.unload()  # its pages are read from the file when they are touched: they may be gone
            raise

    def _check_owner(self) -> None:
        """llama.cpp's context is not safe to share: a second thread is a bug of ours, to be found at once."""
        thread = threading.get_ident()
        if self._owner is None:
            self._owner = thread
        if thread != self._owner:
            raise RuntimeError("the engine was used on a thread that does not own it")


def _grammar(output: OutputFormat) -> str | None:
    """The grammar of a form; None for plain text, which need not wait for the grammars' modules."""
    if output.kind is OutputKind.TEXT:
        return None
    from app.engine.forms.structured import grammar_for

    return grammar_for(output)
