"""An engine without a model: it says what its script tells it, as fast and as badly as one wishes (--fake-engine)."""

import json
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.conversation import Role
from app.core.errors import (
    CancelledError,
    GenerationError,
    ModelLoadError,
    NoModelError,
    PromptTooLongError,
    StateFileError,
)
from app.core.generation import (
    Chunk,
    ContextShifted,
    Finished,
    GenerationEvent,
    GenerationStatistics,
    OutputFormat,
    PromptProgress,
    PromptRepaired,
    ReasoningChunk,
    SamplingParameters,
    StopReason,
)
from app.core.machine import Device, DeviceKind, Machine
from app.core.memory import DeviceMemory, MemoryPlan
from app.core.model import LoadParameters, ModelInfo
from app.core.prompt import GenerationRequest, PromptMessage
from app.core.sealing import Sealer
from app.core.speed import SpeedSample, SpeedTest
from app.engine.contents import KnownSha256, content_of, nothing_known
from app.engine.forms.structured import grammar_for
from app.engine.state_sidecar import StateFacts, verified, write_with_sidecar
from app.engine.text import StopStrings

_PROMPT_BATCH = 512
_WORDS = re.compile(r"\s*\S+|\s+$")


@dataclass(frozen=True, slots=True)
class FakeScript:
    """What the fake does.

    `reply` None answers with the question's own words. Delays are seconds: for the whole load, for each prompt batch of
    512 tokens and for each token. `load_error` and `error_after_tokens` make it fail; a word counts as a token.
    `reasoning` is thought before the reply, and `repair` told before it.
    """

    reply: str | None = None
    reasoning: str = ""
    repair: str = ""
    load_seconds: float = 0.0
    batch_seconds: float = 0.0
    token_seconds: float = 0.0
    load_error: str = ""
    error_after_tokens: int | None = None


FAKE_MACHINE = Machine(
    system="Linux",
    processor="A pretended processor",
    cores=4,
    ram_bytes=8_000_000_000,
    ram_free_bytes=4_000_000_000,
    devices=(
        Device(
            name="CPU",
            description="A pretended processor",
            backend="CPU",
            kind=DeviceKind.CPU,
            total_bytes=8_000_000_000,
            free_bytes=4_000_000_000,
            bandwidth=20_000_000_000,
            bandwidth_source="pretended",
        ),
    ),
    disk_free_bytes=100_000_000_000,
)


class FakeMachineSource:
    """Keeps the promises of app.engine.base.MachineSource: always the same pretended machine, or the one given."""

    def __init__(self, machine: Machine = FAKE_MACHINE) -> None:
        self._machine = machine

    def ask(self, models: Path | None) -> Machine:
        """See MachineSource.ask."""
        del models
        return self._machine

    def refresh(self, machine: Machine, models: Path | None) -> Machine:
        """See MachineSource.refresh; nothing changes."""
        del models
        return machine


class FakeEngine:
    """A scripted engine that keeps the promises of app.engine.base.Engine."""

    def __init__(
        self,
        script: FakeScript | None = None,
        sealer: Sealer | None = None,
        sha256_of: KnownSha256 = nothing_known,
    ) -> None:
        self.script = script or FakeScript()
        self._sealer = sealer
        self._sha256_of = sha256_of
        self._model: ModelInfo | None = None
        self._cached: list[str] = []

    @property
    def model(self) -> ModelInfo | None:
        """The loaded model; None when there is none."""
        return self._model

    @property
    def cached_tokens(self) -> int:
        """How many words the pretended KV cache holds."""
        return len(self._cached)

    def devices(self) -> tuple[Device, ...]:
        """One processor with 8 GB, half of it free."""
        return FAKE_MACHINE.devices

    def load(self, parameters: LoadParameters, cancel: CancelToken, on_progress: Callable[[float], None]) -> ModelInfo:
        """See Engine.load; takes `load_seconds` and fails with `load_error` when the script has one."""
        self.unload()
        steps = 10
        for step in range(steps):
            if cancel.wait(self.script.load_seconds / steps):
                raise CancelledError
            on_progress(step / steps)
        if self.script.load_error:
            raise ModelLoadError(self.script.load_error)
        on_progress(1.0)
        self._model = ModelInfo(
            path=parameters.path,
            name=parameters.path.stem,
            architecture="fake",
            quantization="F16",
            parameter_count=0,
            size_bytes=parameters.path.stat().st_size,
            context_length=parameters.context_length,
            trained_context_length=parameters.context_length,
            load=parameters,
            device="CPU",
            engine_version="fake",
            reasons=bool(self.script.reasoning),
            can_shift=True,
            memory=MemoryPlan((DeviceMemory("CPU", parameters.path.stat().st_size, 0, 0),)),
            content=content_of(parameters, self._sha256_of),
        )
        return self._model

    def unload(self) -> None:
        """Forget the model."""
        self._model = None
        self._cached = []

    def count_prompt_tokens(self, messages: Sequence[PromptMessage], thinking: bool | None = None) -> int:
        """One token for each word, and one for each message's role."""
        del thinking  # a script thinks or does not
        self._require()
        return len(_prompt_words(messages))

    def check_output(self, output: OutputFormat) -> None:
        """See Engine.check_output; the same forms are refused as by the real one."""
        grammar_for(output)

    def generate(self, request: GenerationRequest, cancel: CancelToken) -> Iterator[GenerationEvent]:
        """See Engine.generate; the reply is the script's."""
        model = self._require()
        self.check_output(request.output)
        started = time.perf_counter()
        words = _prompt_words(request.messages)
        if request.continues:
            words.pop()
        if self.script.repair:
            yield PromptRepaired(self.script.repair)
        if len(words) >= model.context_length:
            raise PromptTooLongError("The prompt is longer than the context.")
        reused = _common_prefix(self._cached, words[:-1])
        for done in range(reused, len(words), _PROMPT_BATCH):
            if cancel.wait(self.script.batch_seconds):
                self._cached = words[:done]
                yield Finished(
                    StopReason.CANCELLED,
                    GenerationStatistics(len(words), reused, 0, time.perf_counter() - started, 0, 0),
                )
                return
            yield PromptProgress(min(done + _PROMPT_BATCH, len(words)) - reused, len(words) - reused, reused)
        self._cached = words
        yield from self._write(self._pieces(request), (started, len(words), reused), request, cancel)

    def save_state(self, path: Path) -> None:
        """See Engine.save_state; the file holds the words."""
        self._require()
        if not self._cached:
            raise StateFileError("There is nothing to save.")
        content = json.dumps(self._cached).encode("ascii")

        def write(temporary: Path) -> None:
            if self._sealer is None:
                temporary.write_bytes(content)
            else:
                self._sealer.write(temporary, path.name, memoryview(content))

        write_with_sidecar(path, write, self._facts(), tokens=len(self._cached))

    def restore_state(self, path: Path) -> int:
        """See Engine.restore_state."""
        verified(path, self._facts())
        try:
            content = path.read_bytes() if self._sealer is None else self._sealer.read(path, path.name)
            self._cached = list(json.loads(content))
        except (OSError, ValueError) as error:
            raise StateFileError(f"The saved state {path} cannot be used.", str(error)) from error
        return len(self._cached)

    def clear_cache(self) -> None:
        """Forget the words."""
        self._cached = []

    def measure(self, test: SpeedTest, cancel: CancelToken) -> SpeedSample:
        """See Engine.measure; as long as the script's delays say."""
        model = self._require()
        if test.depth + test.prompt_tokens + test.completion_tokens > model.context_length:
            raise PromptTooLongError("The test is longer than the context.")
        if cancel.wait(self.script.batch_seconds):
            raise CancelledError
        prompt_seconds = max(self.script.batch_seconds, 0.001) * (1 + test.prompt_tokens // _PROMPT_BATCH)
        token_seconds = max(self.script.token_seconds, 0.0001)
        return SpeedSample(
            prompt_seconds, prompt_seconds + token_seconds, token_seconds * max(test.completion_tokens - 1, 0)
        )

    def _facts(self) -> StateFacts:
        model = self._require()
        status = model.path.stat()
        return StateFacts(
            model=model.content or f"{model.path} {status.st_mtime_ns}",
            model_size=status.st_size,
            context_length=model.context_length,
            kv_cache_type=model.load.kv_cache_type,
            flash_attention=model.load.flash_attention,
            engine_version=model.engine_version,
            sealed=self._sealer is not None,
        )

    def _require(self) -> ModelInfo:
        if self._model is None:
            raise NoModelError
        return self._model

    def _write(
        self, pieces: list[str], prompt: tuple[float, int, int], request: GenerationRequest, cancel: CancelToken
    ) -> Iterator[GenerationEvent]:
        started, prompt_tokens, reused = prompt
        assert self._model is not None
        prompt_done = time.perf_counter()
        first = last = prompt_done
        written = 0
        stops = StopStrings(request.sampling.stop)
        reason = StopReason.END_OF_TURN
        thought = len(_WORDS.findall(self.script.reasoning))
        thinking_seconds = 0.0
        for piece in pieces:
            if (ended := self._reason_to_stop(written, request.sampling, cancel)) is not None:
                reason = ended
                break
            if len(self._cached) >= self._model.context_length:
                if not request.shifts_context:
                    reason = StopReason.CONTEXT_FULL
                    break
                discarded = len(self._cached) // 2
                del self._cached[:discarded]
                yield ContextShifted(discarded)
            self._cached.append(piece.strip())
            written += 1
            last = time.perf_counter()
            first = last if written == 1 else first
            if written <= thought:
                thinking_seconds = last - first
                yield ReasoningChunk(piece, written, last - first)
                continue
            if text := stops.feed(piece):
                yield Chunk(text, written, last - first)
            if stops.found:
                reason = StopReason.STOP_STRING
                break
        if rest := stops.rest():
            yield Chunk(rest, written, last - first)
        waited = first - started if written else 0.0
        yield Finished(
            reason,
            GenerationStatistics(
                prompt_tokens,
                reused,
                written,
                prompt_done - started,
                last - first,
                waited,
                min(written, thought),
                thinking_seconds,
            ),
        )

    def _reason_to_stop(self, written: int, sampling: SamplingParameters, cancel: CancelToken) -> StopReason | None:
        if cancel.wait(self.script.token_seconds):
            return StopReason.CANCELLED
        if written == sampling.max_tokens:
            return StopReason.MAX_TOKENS
        if written == self.script.error_after_tokens:
            raise GenerationError("The engine failed in mid-answer, as its script says.")
        return None

    def _pieces(self, request: GenerationRequest) -> list[str]:
        reply = self.script.reply
        if reply is None:
            question = next((m.text for m in reversed(request.messages) if m.role is Role.USER), "")
            reply = f"You said: {question}"
        pieces = _WORDS.findall(self.script.reasoning) + _WORDS.findall(reply)
        if request.sampling.temperature > 0 and self.script.reply is None:
            ending = random.Random(request.sampling.seed).choice(["", " Indeed.", " So it is."])
            pieces += _WORDS.findall(ending)
        return pieces


def _prompt_words(messages: Sequence[PromptMessage]) -> list[str]:
    return [word for m in messages for word in (f"<{m.role}>", *m.text.split())] + ["<assistant>"]


def _common_prefix(left: Sequence[str], right: Sequence[str]) -> int:
    count = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        count += 1
    return count
