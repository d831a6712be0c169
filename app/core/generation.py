"""What a completion is: its parameters, the events it yields and the figures at its end."""

import json
import secrets
from dataclasses import dataclass, replace
from enum import StrEnum

from app.core.declared import Bounds, declared, require_bounds
from app.core.errors import InvalidParameterError, OutputFormatError

MAX_SEED = 2**32 - 2  # to llama.cpp the number above it means "draw one"


class StopReason(StrEnum):
    """Why a completion ended."""

    END_OF_TURN = "end_of_turn"
    MAX_TOKENS = "max_tokens"
    STOP_STRING = "stop_string"
    CONTEXT_FULL = "context_full"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class TokenBias:
    """`bias` is added to the logit of a token: its id, or a text that is exactly one token. -inf forbids it."""

    token: int | str
    bias: float

    def __post_init__(self) -> None:
        if self.bias != self.bias or self.bias == float("inf"):
            raise InvalidParameterError(f"The bias of token {self.token!r} must be a number or -inf.")


@dataclass(frozen=True, slots=True)
class SamplingParameters:
    """How the next token is drawn. Raises InvalidParameterError for a value outside its bounds.

    The defaults are llama.cpp's where it has one (common.h); a stage at its neutral value is left out of the chain.
    """

    temperature: float = declared(
        0.8, "Temperature", "0 always takes the likeliest token; higher is more varied.", Bounds(0, 5)
    )
    top_k: int = declared(40, "Top-k", "Only the k likeliest tokens; 0 is off.", Bounds(0))
    top_p: float = declared(
        0.95, "Top-p", "Only the likeliest tokens that together have this probability; 1 is off.", Bounds(0, 1, True)
    )
    min_p: float = declared(
        0.05,
        "Min-p",
        "Only tokens at least this likely compared with the likeliest; 0 is off.",
        Bounds(0, 1, open_maximum=True),
    )
    typical_p: float = declared(
        1.0,
        "Typical",
        "Only tokens about as surprising as expected, up to this probability; 1 is off.",
        Bounds(0, 1, True),
    )
    top_n_sigma: float = declared(
        0.0,
        "Top-n-sigma",
        "Only tokens within this many standard deviations of the best logit; 0 is off.",
        Bounds(0, 100),
    )
    xtc_probability: float = declared(
        0.0, "XTC probability", "How often the likeliest choices are excluded; 0 is off.", Bounds(0, 1)
    )
    xtc_threshold: float = declared(
        0.1, "XTC threshold", "A token must be at least this likely to be excluded; above 0.5 is off.", Bounds(0, 1)
    )
    dry_multiplier: float = declared(
        0.0, "DRY multiplier", "How strongly a repeated sequence is avoided; 0 is off.", Bounds(0, 100)
    )
    dry_base: float = declared(1.75, "DRY base", "How fast that grows with the sequence's length.", Bounds(1, 10))
    dry_allowed_length: int = declared(
        2, "DRY allowed length", "Repetitions up to this many tokens are not punished.", Bounds(0, 10_000)
    )
    dry_range: int | None = declared(
        None, "DRY range", "How many tokens of the answer repetitions are looked for in.", Bounds(0), "the whole answer"
    )
    dry_breakers: tuple[str, ...] = declared(
        ("\n", ":", '"', "*"), "DRY breakers", "Texts across which no repetition is followed."
    )
    mirostat: bool = declared(
        False, "Mirostat", "Mirostat 2.0 steers how surprising the text is, in place of top-k, top-p and the like."
    )
    mirostat_tau: float = declared(5.0, "Mirostat tau", "The surprise aimed at.", Bounds(0, 20, True))
    mirostat_eta: float = declared(0.1, "Mirostat eta", "How fast it is steered.", Bounds(0, 1, True))
    repeat_penalty: float = declared(
        1.0, "Repeat penalty", "Makes tokens that occurred recently less likely; 1 is off.", Bounds(0, 4, True)
    )
    presence_penalty: float = declared(
        0.0,
        "Presence penalty",
        "Subtracted once from the logit of a token that occurred recently; 0 is off.",
        Bounds(-2, 2),
    )
    frequency_penalty: float = declared(
        0.0,
        "Frequency penalty",
        "Subtracted for each time that a token occurred recently; 0 is off.",
        Bounds(-2, 2),
    )
    penalty_range: int = declared(
        64, "Penalty range", "How many tokens of the answer the three penalties look back on.", Bounds(0, 1_000_000)
    )
    seed: int | None = declared(
        None, "Seed", "The same seed gives the same answer.", Bounds(0, MAX_SEED), "a new one each time"
    )
    max_tokens: int | None = declared(
        None, "Max tokens", "End the answer after this many tokens.", Bounds(1), "until the answer or the context ends"
    )
    stop: tuple[str, ...] = declared((), "Stop strings", "The answer ends before any of these texts.")
    logit_bias: tuple[TokenBias, ...] = declared((), "Logit bias", "Makes single tokens likelier or less likely.")

    def __post_init__(self) -> None:
        require_bounds(self)

    def seeded(self) -> "SamplingParameters":
        """These with a seed drawn where there is none, so that the answer can be made again."""
        return self if self.seed is not None else replace(self, seed=secrets.randbelow(MAX_SEED + 1))


class OutputKind(StrEnum):
    """What form an answer must have."""

    TEXT = "text"
    JSON = "json"  # any JSON object
    SCHEMA = "schema"  # JSON that a JSON schema accepts
    GRAMMAR = "grammar"  # a text of a GBNF grammar


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """The form of an answer; `source` is the JSON schema's or the grammar's text, else empty.

    `tightness` 0, 1 or 2: how soon what a schema leaves open (long strings, long lists) must end. A second try after an
    answer that was cut off is tighter.
    """

    kind: OutputKind = OutputKind.TEXT
    source: str = ""
    tightness: int = 0

    def schema(self) -> dict[str, object] | bool:
        """The JSON schema that `source` is; raises OutputFormatError, which names the line."""
        try:
            schema = json.loads(self.source)
        except json.JSONDecodeError as error:
            raise OutputFormatError(
                f"The schema is not JSON: line {error.lineno}, column {error.colno}: {error.msg}."
            ) from error
        except RecursionError as error:
            raise OutputFormatError("The schema is nested too deeply.") from error
        if not isinstance(schema, dict | bool):
            raise OutputFormatError("The schema is not valid at $: an object, true or false is expected.")
        return schema


@dataclass(frozen=True, slots=True)
class GenerationStatistics:
    """The figures of one completion; seconds are wall time.

    `prompt_tokens` is the whole prompt, of which `reused_tokens` were already in the KV cache. `generation_seconds`
    runs from the first token to the last, as llama-bench counts it; `time_to_first_token` from the request to the
    first token. `reasoning_tokens` of the completion's tokens, written in `reasoning_seconds`, belong to the reasoning.
    With speculation, `drafted_tokens` were proposed and `accepted_tokens` of them kept. Where an answer was continued,
    the figures are those of the last completion, and `earlier_tokens` were written by those before it.
    """

    prompt_tokens: int
    reused_tokens: int
    completion_tokens: int
    prompt_seconds: float
    generation_seconds: float
    time_to_first_token: float
    reasoning_tokens: int = 0
    reasoning_seconds: float = 0.0
    drafted_tokens: int = 0
    accepted_tokens: int = 0
    earlier_tokens: int = 0

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
class PromptRepaired:
    """The chat template refused the messages as they were; `sentence` says what was changed for it."""

    sentence: str


@dataclass(frozen=True, slots=True)
class PromptProgress:
    """Prompt processing has come this far: `evaluated` of `total` new tokens, after `reused` ones from the KV cache."""

    evaluated: int
    total: int
    reused: int = 0


@dataclass(frozen=True, slots=True)
class ReasoningChunk:
    """A piece of the model's reasoning, which is not part of the answer; counts as in Chunk."""

    text: str
    completion_tokens: int
    generation_seconds: float


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of the answer. `completion_tokens` and `generation_seconds` count from the start of the completion."""

    text: str
    completion_tokens: int
    generation_seconds: float


@dataclass(frozen=True, slots=True)
class ContextShifted:
    """The context was full: the oldest `discarded_tokens` after the system prompt are forgotten; writing goes on."""

    discarded_tokens: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The completion has ended; no event follows."""

    stop_reason: StopReason
    statistics: GenerationStatistics


GenerationEvent = PromptRepaired | PromptProgress | ReasoningChunk | Chunk | ContextShifted | Finished
