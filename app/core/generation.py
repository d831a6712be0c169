"""What a completion is: its parameters, the events it yields and the figures at its end."""

from dataclasses import dataclass
from enum import StrEnum

from app.core.errors import InvalidParameterError


class StopReason(StrEnum):
    """Why a completion ended."""

    END_OF_TURN = "end_of_turn"
    MAX_TOKENS = "max_tokens"
    STOP_STRING = "stop_string"
    CONTEXT_FULL = "context_full"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class SamplingParameters:
    """How the next token is drawn.

    `temperature` 0 is greedy; `top_k` 0, `top_p` 1, `min_p` 0 and `repeat_penalty` 1 switch their stage off; `seed`
    None draws a new one for each completion; `max_tokens` None writes until the turn or the context ends. Raises
    InvalidParameterError for a value outside its bounds.
    """

    temperature: float = 0.8
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.0
    seed: int | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require(0 <= self.temperature <= 5, "Temperature", "between 0 and 5", self.temperature)
        _require(self.top_k >= 0, "Top-k", "0 or more", self.top_k)
        _require(0 < self.top_p <= 1, "Top-p", "above 0 and at most 1", self.top_p)
        _require(0 <= self.min_p < 1, "Min-p", "at least 0 and below 1", self.min_p)
        _require(0 < self.repeat_penalty <= 4, "Repeat penalty", "above 0 and at most 4", self.repeat_penalty)
        _require(self.seed is None or 0 <= self.seed < 2**32 - 1, "Seed", "between 0 and 4294967294", self.seed)
        _require(self.max_tokens is None or self.max_tokens > 0, "Max tokens", "1 or more", self.max_tokens)


def _require(holds: bool, name: str, bounds: str, value: float | None) -> None:
    if not holds:
        raise InvalidParameterError(f"{name} must be {bounds}, but it is {value}.")


@dataclass(frozen=True, slots=True)
class GenerationStatistics:
    """The figures of one completion; seconds are wall time.

    `prompt_tokens` is the whole prompt, of which `reused_tokens` were already in the KV cache. `generation_seconds`
    runs from the first token to the last, as llama-bench counts it; `time_to_first_token` from the request to the
    first token.
    """

    prompt_tokens: int
    reused_tokens: int
    completion_tokens: int
    prompt_seconds: float
    generation_seconds: float
    time_to_first_token: float

    @property
    def prompt_tokens_per_second(self) -> float:
        """Evaluated prompt tokens / seconds of prompt processing; 0 when nothing was evaluated."""
        evaluated = self.prompt_tokens - self.reused_tokens
        return evaluated / self.prompt_seconds if self.prompt_seconds > 0 else 0.0

    @property
    def tokens_per_second(self) -> float:
        """(n - 1) / (last - first) in tokens per second; 0 for fewer than two tokens."""
        return tokens_per_second(self.completion_tokens, self.generation_seconds)


def tokens_per_second(completion_tokens: int, generation_seconds: float) -> float:
    """(n - 1) / (last - first): the first token belongs to prompt processing. 0 for fewer than two tokens."""
    if completion_tokens < 2 or generation_seconds <= 0:
        return 0.0
    return (completion_tokens - 1) / generation_seconds


@dataclass(frozen=True, slots=True)
class PromptProgress:
    """Prompt processing has come this far: `evaluated` of `total` new tokens, after `reused` ones from the KV cache."""

    evaluated: int
    total: int
    reused: int = 0


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of the answer. `completion_tokens` and `generation_seconds` count from the start of the completion."""

    text: str
    completion_tokens: int
    generation_seconds: float


@dataclass(frozen=True, slots=True)
class Finished:
    """The completion has ended; no event follows."""

    stop_reason: StopReason
    statistics: GenerationStatistics


GenerationEvent = PromptProgress | Chunk | Finished
