"""What a speed report is: named tests, each with its rates and times over several runs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpeedTest:
    """`prompt_tokens` are read after `depth` tokens that are already in the cache, then `completion_tokens` written.

    A task (`is_task`) is told by its time to first token and its total; the others by their rate alone, as llama-bench
    does. `scaled_from` is the test's full size (prompt, completion) when the context was too small for it.
    """

    name: str
    title: str
    prompt_tokens: int
    completion_tokens: int
    depth: int = 0
    is_task: bool = False
    scaled_from: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class SpeedSample:
    """One run of a test: seconds to read the prompt, until the first token, and to write (n - 1) more tokens."""

    prompt_seconds: float
    first_token_seconds: float
    generation_seconds: float

    @property
    def total_seconds(self) -> float:
        """From the start of the prompt to the last token."""
        return self.first_token_seconds + self.generation_seconds
