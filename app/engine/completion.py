"""One completion: the prompt read, tokens drawn one by one, text and figures given out (imports llama_cpp)."""

import time
from collections.abc import Generator, Iterator, Sequence

from app.core.cancel import CancelToken
from app.core.generation import (
    Chunk,
    Finished,
    GenerationEvent,
    GenerationStatistics,
    PromptProgress,
    SamplingParameters,
    StopReason,
)
from app.engine.instance import ModelInstance
from app.engine.sampling import sampler_chain
from app.engine.text import StopStrings, TextDecoder


class Completion:
    """Runs once. `started` is the perf_counter time of the request, from which the time to the first token counts."""

    def __init__(
        self,
        instance: ModelInstance,
        sampling: SamplingParameters,
        cancel: CancelToken,
        started: float,
        grammar: str | None = None,
    ) -> None:
        self._instance = instance
        self._sampling = sampling
        self._grammar = grammar
        self._cancel = cancel
        self._started = started
        self._decoder = TextDecoder()
        self._stops = StopStrings(sampling.stop)
        self._written = 0
        self._first = self._last = started

    def run(self, tokens: Sequence[int]) -> Iterator[GenerationEvent]:
        """Complete the prompt's tokens; see Engine.generate."""
        reused = self._instance.keep_prefix(tokens)
        reading = time.perf_counter()
        fresh = tokens[reused:]
        for done in self._instance.read(fresh, self._cancel):
            yield PromptProgress(done, len(fresh), reused)
        prompt_seconds = time.perf_counter() - reading
        reason = StopReason.CANCELLED
        if len(self._instance.cached) == len(tokens):
            reason = yield from self._write()
        yield Finished(
            reason,
            GenerationStatistics(
                prompt_tokens=len(tokens),
                reused_tokens=reused,
                completion_tokens=self._written,
                prompt_seconds=prompt_seconds,
                generation_seconds=self._last - self._first,
                time_to_first_token=self._first - self._started if self._written else 0.0,
            ),
        )

    def _write(self) -> Generator[GenerationEvent, None, StopReason]:
        """Draw tokens until something ends the answer; returns what."""
        with sampler_chain(self._sampling, self._instance.sampler_context, self._grammar) as chain:
            while (reason := self._reason_to_stop()) is None:
                token = self._instance.sample(chain)
                if self._instance.ends_turn(token):
                    reason = StopReason.END_OF_TURN
                    break
                self._count()
                text = self._stops.feed(self._decoder.feed(self._instance.piece(token)))
                if text:
                    yield self._chunk(text)
                if self._stops.found:
                    reason = StopReason.STOP_STRING
                    break
                if self._reason_to_stop() is None:
                    self._instance.advance(token)
        rest = "" if self._stops.found else self._stops.feed(self._decoder.rest()) + self._stops.rest()
        if rest:
            yield self._chunk(rest)
        return reason

    def _reason_to_stop(self) -> StopReason | None:
        """What ends the answer before the next token is drawn."""
        if self._cancel.cancelled:
            return StopReason.CANCELLED
        if self._written == self._sampling.max_tokens:
            return StopReason.MAX_TOKENS
        if len(self._instance.cached) >= self._instance.context_length:
            return StopReason.CONTEXT_FULL
        return None

    def _count(self) -> None:
        self._last = time.perf_counter()
        self._written += 1
        if self._written == 1:
            self._first = self._last

    def _chunk(self, text: str) -> Chunk:
        return Chunk(text, self._written, self._last - self._first)
