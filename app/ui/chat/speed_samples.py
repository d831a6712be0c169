"""Samples the speed of an answer from the counts that its chunks carry."""

from collections import deque

from app.core.generation import Chunk, ReasoningChunk, tokens_per_second

SAMPLE_SECONDS = 0.25
_KEPT = 40


class SpeedSamples:
    """The speed so far, and what it was in each of the last quarter seconds."""

    def __init__(self) -> None:
        self._rates: deque[float] = deque(maxlen=_KEPT)
        self._last: Chunk | ReasoningChunk = Chunk("", 0, 0.0)
        self._sampled: Chunk | ReasoningChunk = self._last

    @property
    def completion_tokens(self) -> int:
        """Tokens written so far."""
        return self._last.completion_tokens

    @property
    def tokens_per_second(self) -> float:
        """(n - 1) / (last - first), as in the figures at the end; 0 before there are two tokens."""
        return tokens_per_second(self._last.completion_tokens, self._last.generation_seconds)

    @property
    def rates(self) -> tuple[float, ...]:
        """Tokens per second of each sample, the oldest first."""
        return tuple(self._rates)

    def add(self, chunk: Chunk | ReasoningChunk) -> None:
        """Take a chunk's counts."""
        self._last = chunk
        seconds = chunk.generation_seconds - self._sampled.generation_seconds
        if seconds >= SAMPLE_SECONDS:
            self._rates.append((chunk.completion_tokens - self._sampled.completion_tokens) / seconds)
            self._sampled = chunk
