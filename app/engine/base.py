"""What every engine can do: the protocol that services know."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from app.core.cancel import CancelToken
from app.core.generation import GenerationEvent, OutputFormat
from app.core.machine import Device, Machine
from app.core.memory import MemoryPlan
from app.core.model import LoadParameters, ModelInfo
from app.core.model_file import FileFacts, TrialResult
from app.core.prompt import GenerationRequest, PromptMessage
from app.core.shape import ModelShape
from app.core.speed import SpeedSample, SpeedTest


class Engine(Protocol):
    """One model in memory at most. Every method is called on one thread, the owner: the first that called load()."""

    @property
    def model(self) -> ModelInfo | None:
        """The loaded model; None when there is none."""

    @property
    def cached_tokens(self) -> int:
        """How many tokens the KV cache holds now."""

    def devices(self) -> tuple[Device, ...]:
        """Every device of every backend; works without a model, on any thread."""

    def load(self, parameters: LoadParameters, cancel: CancelToken, on_progress: Callable[[float], None]) -> ModelInfo:
        """Load a model in place of the one before; `on_progress` gets fractions from 0 to 1.

        Raises ModelFileError, ModelLoadError, CancelledError; after any of them nothing is loaded.
        """

    def unload(self) -> None:
        """Give the model's memory back; harmless when nothing is loaded."""

    def count_prompt_tokens(self, messages: Sequence[PromptMessage], thinking: bool | None = None) -> int:
        """The length in tokens of the prompt that the chat template makes of `messages`.

        Raises NoModelError, ChatTemplateError, ModelChangedError.
        """

    def check_output(self, output: OutputFormat) -> None:
        """Raise OutputFormatError, which names the place, for a form that no answer can be given; on any thread."""

    def generate(self, request: GenerationRequest, cancel: CancelToken) -> Iterator[GenerationEvent]:
        """Complete the request: repairs, prompt progress, chunks, then one Finished.

        A cancelled token ends it with CANCELLED. Raises NoModelError, ModelChangedError, ChatTemplateError,
        PromptTooLongError, OutputFormatError, GenerationError.
        """

    def save_state(self, path: Path) -> None:
        """Write what the KV cache holds to `path`, with a sidecar beside it that says what it is and proves it whole.

        Both appear at once or not at all. Raises NoModelError, StateFileError (nothing to save, disk full, …).
        """

    def restore_state(self, path: Path) -> int:
        """Fill the KV cache from a file of save_state(); how many tokens it holds then.

        The file is verified first. Raises NoModelError, StateFileError when it is damaged or of another model, KV
        cache type, context or engine version; the cache is as before then, or empty.
        """

    def clear_cache(self) -> None:
        """Forget every token in the KV cache."""

    def measure(self, test: SpeedTest, cancel: CancelToken) -> SpeedSample:
        """Run a speed test once on tokens without meaning.

        Afterwards the KV cache holds nothing but the test's depth, which the next test of that depth need not read.

        Raises NoModelError, PromptTooLongError when the context is too small, CancelledError, GenerationError.
        """


class ModelChecker(Protocol):
    """Looks at model files before an engine gets them; needs no engine, and harms none."""

    @property
    def engine_version(self) -> str:
        """Which engine a trial speaks of: with another one it has to be made anew."""

    @property
    def shares_memory(self) -> bool:
        """Whether a trial needs the memory that a loaded model takes up, as on a GPU: it is unloaded first then."""

    def read(self, path: Path) -> FileFacts:
        """What the model's header says, once the headers of all its files are checked. Raises ModelFileError."""

    def read_shape(self, path: Path) -> ModelShape:
        """What the model is made of, by the headers of all its files. Raises ModelFileError."""

    def exact_memory(self, path: Path, parameters: LoadParameters) -> MemoryPlan:
        """What a file whose trial passed takes by the engine's own reckoning, in a fraction of a second, on any thread.

        Raises ModelFileError, ModelLoadError.
        """

    def check_adapter(self, path: Path) -> None:
        """Check a LoRA adapter's header. Raises ModelFileError."""

    def try_out(self, facts: FileFacts, parameters: LoadParameters, cancel: CancelToken) -> TrialResult:
        """Load it and write a few tokens, apart from this process. Raises CancelledError only."""


class MachineSource(Protocol):
    """Knows what this computer is; needs no engine, and cannot be harmed by a driver. On any thread."""

    def ask(self, models: Path | None) -> Machine:
        """Ask everything: takes about half a second. `models` is where the disk's free space is asked.

        Never fails: what could not be asked is among the machine's doubts.
        """

    def refresh(self, machine: Machine, models: Path | None) -> Machine:
        """`machine` with what is free now of RAM, swap and disk, and of GPUs' memory where the driver tells it cheaply.

        Takes milliseconds.
        """
