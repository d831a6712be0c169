"""An engine without a model: it says what its script tells it, as fast and as badly as one wishes (--fake-engine)."""

import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from app.core.cancel import CancelToken
from app.core.conversation import Role
from app.core.errors import CancelledError, GenerationError, ModelLoadError, NoModelError, PromptTooLongError
from app.core.generation import (
    Chunk,
    Finished,
    GenerationEvent,
    GenerationStatistics,
    PromptProgress,
    SamplingParameters,
    StopReason,
)
from app.core.model import LoadParameters, ModelInfo
from app.engine.base import PromptMessage
from app.engine.text import StopStrings

_PROMPT_BATCH = 512
_WORDS = re.compile(r"\s*\S+|\s+$")


@dataclass(frozen=True, slots=True)
class FakeScript:
    """What the fake does.

    `reply` None answers with the question's own words. Delays are seconds: for the whole load, for each prompt batch of
    512 tokens and for each token. `load_error` and `error_after_tokens` make it fail; a word counts as a token.
    """

    reply: str | None = None
    load_seconds: float = 0.0
    batch_seconds: float = 0.0
    token_seconds: float = 0.0
    load_error: str = ""
    error_after_tokens: int | None = None


class FakeEngine:
    """A scripted engine that keeps the promises of app.engine.base.Engine."""

    def __init__(self, script: FakeScript | None = None) -> None:
        self.script = script or FakeScript()
        self._model: ModelInfo | None = None
        self._cached: list[str] = []

    @property
    def model(self) -> ModelInfo | None:
        """The loaded model; None when there is none."""
        return self._model

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
        )
        return self._model

    def unload(self) -> None:
        """Forget the model."""
        self._model = None
        self._cached = []

    def count_prompt_tokens(self, messages: Sequence[PromptMessage]) -> int:
        """One token for each word, and one for each message's role."""
        if self._model is None:
            raise NoModelError
        return len(_prompt_words(messages))

    def generate(
        self, messages: Sequence[PromptMessage], sampling: SamplingParameters, cancel: CancelToken
    ) -> Iterator[GenerationEvent]:
        """See Engine.generate; the reply is the script's."""
        if self._model is None:
            raise NoModelError
        started = time.perf_counter()
        words = _prompt_words(messages)
        if len(words) >= self._model.context_length:
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
        yield from self._write(self._pieces(messages, sampling), (started, len(words), reused), sampling, cancel)

    def _write(
        self, pieces: list[str], prompt: tuple[float, int, int], sampling: SamplingParameters, cancel: CancelToken
    ) -> Iterator[GenerationEvent]:
        started, prompt_tokens, reused = prompt
        assert self._model is not None
        prompt_done = time.perf_counter()
        first = last = prompt_done
        written = 0
        stops = StopStrings(sampling.stop)
        reason = StopReason.END_OF_TURN
        for piece in pieces:
            if cancel.wait(self.script.token_seconds):
                reason = StopReason.CANCELLED
                break
            if written == sampling.max_tokens:
                reason = StopReason.MAX_TOKENS
                break
            if prompt_tokens + written >= self._model.context_length:
                reason = StopReason.CONTEXT_FULL
                break
            if written == self.script.error_after_tokens:
                raise GenerationError("The engine failed in mid-answer, as its script says.")
            written += 1
            last = time.perf_counter()
            first = last if written == 1 else first
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
            GenerationStatistics(prompt_tokens, reused, written, prompt_done - started, last - first, waited),
        )

    def _pieces(self, messages: Sequence[PromptMessage], sampling: SamplingParameters) -> list[str]:
        reply = self.script.reply
        if reply is None:
            question = next((m.text for m in reversed(messages) if m.role is Role.USER), "")
            reply = f"You said: {question}"
        pieces = _WORDS.findall(reply)
        if sampling.temperature > 0 and self.script.reply is None:
            ending = random.Random(sampling.seed).choice(["", " Indeed.", " So it is."])
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
