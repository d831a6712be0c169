"""What a speed report is: named tests, each with its rates and times over several runs, and on what they were taken."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from app.core.generation import tokens_per_second
from app.core.machine import Device
from app.core.model import LoadParameters

DEFAULT_RUNS = 3
LONG_RUN_SECONDS = 20.0  # a test that takes longer than this is run once, unless more is asked for
_CONTEXT_STEP = 256  # llama.cpp rounds a context up to a multiple of it


@dataclass(frozen=True, slots=True)
class SpeedTest:
    """`prompt_tokens` are read after `depth` tokens that are already in the cache, then `completion_tokens` written.

    A task (`is_task`) is told by its time to first token and its total; the others by their rate alone, as llama-bench
    does. `scaled_from` is the full size (prompt, completion, depth) of a test for which the context was too small.
    """

    name: str
    title: str
    prompt_tokens: int
    completion_tokens: int
    depth: int = 0
    is_task: bool = False
    scaled_from: tuple[int, int, int] | None = None

    @property
    def needed_tokens(self) -> int:
        """How much context the test fills."""
        return self.depth + self.prompt_tokens + self.completion_tokens

    def fitted(self, context_length: int) -> "SpeedTest":
        """The test as it is where it fits, else scaled down to the context: first its depth, then all in proportion."""
        if self.needed_tokens <= context_length:
            return self
        full = (self.prompt_tokens, self.completion_tokens, self.depth)
        bare = self.prompt_tokens + self.completion_tokens
        if bare <= context_length:
            return replace(self, depth=context_length - bare, scaled_from=full)
        scaled = [max(1, count * context_length // bare) if count else 0 for count in full[:2]]
        return replace(self, prompt_tokens=scaled[0], completion_tokens=scaled[1], depth=0, scaled_from=full)


STANDARD_TESTS = (
    SpeedTest("pp512", "Prompt processing", 512, 0),
    SpeedTest("tg128", "Generation", 0, 128),
    SpeedTest("pp512@d4096", "Prompt processing at depth", 512, 0, depth=4096),
    SpeedTest("tg128@d4096", "Generation at depth", 0, 128, depth=4096),
    SpeedTest("quick_question", "Quick question", 500, 150, is_task=True),
    SpeedTest("document_summary", "Document summary", 4000, 500, is_task=True),
    SpeedTest("code_generation", "Code generation", 1000, 800, is_task=True),
    SpeedTest("function_calling", "Function calling", 2000, 200, is_task=True),
    SpeedTest("multi_turn_chat", "Multi-turn chat", 8000, 300, is_task=True),
)
QUICK_TESTS = tuple(test for test in STANDARD_TESTS if not test.is_task or test.name == "quick_question")


def context_for(tests: Sequence[SpeedTest], trained_context_length: int) -> int:
    """The context length that the longest test needs, but no more than the model was trained on (0: not known)."""
    steps = -(-max(test.needed_tokens for test in tests) // _CONTEXT_STEP)
    needed = steps * _CONTEXT_STEP
    return min(needed, trained_context_length) if trained_context_length > 0 else needed


@dataclass(frozen=True, slots=True)
class SpeedSample:
    """One run of a test: seconds to read the prompt, until the first token, and to write (n - 1) more tokens.

    Where nothing is written, the first token's time is the prompt's.
    """

    prompt_seconds: float
    first_token_seconds: float
    generation_seconds: float

    @property
    def total_seconds(self) -> float:
        """From the start of the prompt to the last token."""
        return self.first_token_seconds + self.generation_seconds


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of several values and between which they lay."""

    minimum: float
    median: float
    maximum: float


def spread(values: Sequence[float]) -> Spread:
    """The spread of one or more values."""
    return Spread(min(values), _median(values), max(values))


@dataclass(frozen=True, slots=True)
class SpeedResult:
    """What `runs` runs of a test gave: rates in tokens per second, medians of the times in seconds.

    A task's rate is that of its generation. `first_token_seconds` is None for what is not a task.
    """

    test: SpeedTest
    runs: int
    rate: Spread
    first_token_seconds: float | None
    total_seconds: float


def _median(values: Iterable[float]) -> float:
    import statistics  # fractions and decimals come with it, for which the window's first paint need not wait

    return statistics.median(values)


def rate_of(test: SpeedTest, sample: SpeedSample) -> float:
    """Tokens per second: (n - 1) / (last - first) of a task's completion; else all tokens / seconds, as llama-bench."""
    if test.is_task:
        return tokens_per_second(test.completion_tokens, sample.generation_seconds)
    tokens = test.prompt_tokens + test.completion_tokens
    return tokens / sample.total_seconds if sample.total_seconds > 0 else 0.0


def result_of(test: SpeedTest, samples: Sequence[SpeedSample]) -> SpeedResult:
    """What one or more runs of `test` gave together."""
    return SpeedResult(
        test=test,
        runs=len(samples),
        rate=spread([rate_of(test, sample) for sample in samples]),
        first_token_seconds=_median(s.first_token_seconds for s in samples) if test.is_task else None,
        total_seconds=_median(s.total_seconds for s in samples),
    )


def estimated_seconds(tests: Sequence[SpeedTest], runs: int, results: Sequence[SpeedResult]) -> float | None:
    """How long `tests` will take, going by the rates of pp512 and tg128 among `results`; None where one is missing.

    Too low for long contexts, where both rates fall; a depth is read once for all tests that share it.
    """
    rates = {result.test.name: result.rate.median for result in results}
    reading, writing = rates.get("pp512", 0.0), rates.get("tg128", 0.0)
    if reading <= 0 or writing <= 0:
        return None
    seconds, depths = 0.0, set[int]()
    for test in tests:
        once = test.prompt_tokens / reading + test.completion_tokens / writing
        seconds += once if once > LONG_RUN_SECONDS else once * runs
        depths.add(test.depth)
    return seconds + sum(depths) / reading


@dataclass(frozen=True, slots=True)
class SpeedMachine:
    """The computer of a report; `cores` are the processor's own, `memory_bytes` its RAM."""

    processor: str
    cores: int
    memory_bytes: int
    system: str
    devices: tuple[Device, ...]


@dataclass(frozen=True, slots=True)
class SpeedModel:
    """The model of a report, with the load parameters as they turned out; `sha256` is empty when it is not known.

    `active_bytes` are its weights that are read for a token, `active_weights` about how many numbers these are, and
    `reading_weights` how many of them work for a token of a prompt: predictions are corrected by them. 0 where the
    header was not understood.
    """

    name: str
    file_name: str
    size_bytes: int
    sha256: str
    quantization: str
    parameter_count: int
    device: str
    load: LoadParameters
    layer_count: int = 0
    active_bytes: int = 0
    active_weights: int = 0
    reading_weights: int = 0


@dataclass(frozen=True, slots=True)
class SpeedEngine:
    """What ran the model, and which version of it."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class SpeedReport:
    """How fast one model is on one computer."""

    machine: SpeedMachine
    model: SpeedModel
    engine: SpeedEngine
    results: tuple[SpeedResult, ...]
