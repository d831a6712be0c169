"""What is known of a model file before it is loaded: its stamp, its header's facts and how its trial went."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileStamp:
    """Size in bytes and time of change in ns since 1970: as long as both stay the same, a file counts as unchanged.

    A model in several files has the sum of their sizes and the newest of their times.
    """

    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a model file's header says. Lengths are in tokens; 0 and empty mean that it does not say.

    `files` are all files of the model, the opened one first. `sampling` holds the header's hints by the names that
    SamplingParameters has for them; nobody has looked whether their values lie within bounds. `organization`,
    `basename`, `finetune`, `size_label` and `version` are the parts of its name that converters write beside `name`.
    `parameter_count` are the numbers in all its tensors.
    """

    files: tuple[Path, ...]
    stamp: FileStamp
    architecture: str = ""
    name: str = ""
    organization: str = ""
    basename: str = ""
    finetune: str = ""
    size_label: str = ""
    version: str = ""
    context_length: int = 0
    layer_count: int = 0
    sampling: tuple[tuple[str, int | float], ...] = ()
    parameter_count: int = 0
    quantization: str = ""
    license: str = ""


class TrialOutcome(StrEnum):
    """How the trial of a model file ended."""

    PASSED = "passed"
    REFUSED = "refused"  # llama.cpp would not load it, and said so in order
    CRASHED = "crashed"
    HUNG = "hung"
    KILLED = "killed"  # by the system, most likely because memory ran short
    NONSENSE = "nonsense"  # what it computes are no numbers
    UNTRIED = "untried"  # the process for it could not be run: no verdict on the file


@dataclass(frozen=True, slots=True)
class TrialResult:
    """How the trial of a model file in a process of its own went; `sentence` says what is wrong unless it passed.

    `flash_attention_faster` and `batch_cost` (the time to decode 8 tokens at once in units of that for one) are None
    where they were not measured. `seconds` is the whole trial's time. `on_gpu`: a GPU took part; `gpu_fault` is the
    sentence about one that failed, so that the trial was made again on the processor.
    """

    outcome: TrialOutcome
    sentence: str = ""
    detail: str = ""
    flash_attention_faster: bool | None = None
    batch_cost: float | None = None
    seconds: float = 0.0
    on_gpu: bool = False
    gpu_fault: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing speaks against loading the file."""
        return self.outcome in (TrialOutcome.PASSED, TrialOutcome.UNTRIED)

    @property
    def lasting(self) -> bool:
        """Whether the outcome lies in the file and the engine, and not in how busy or full the computer was."""
        return self.outcome in (TrialOutcome.PASSED, TrialOutcome.CRASHED, TrialOutcome.NONSENSE)
