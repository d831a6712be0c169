"""What a plan is: how a model runs on a computer, how fast it will be, and what is advised."""

from dataclasses import dataclass
from enum import StrEnum

from app.core.machine import Machine
from app.core.memory import MemoryBudget, MemoryPlan
from app.core.model import KvCacheType


@dataclass(frozen=True, slots=True)
class ContextPlan:
    """What the memory beside the weights depends on. `context_length` is in tokens, `outputs` in rows of logits.

    `extra_bytes` is what is loaded beside the model: a vision projector, adapters.
    """

    context_length: int
    kv_cache_type: KvCacheType = KvCacheType.F16
    flash_attention: bool = True
    batch_tokens: int = 512
    full_sliding_window: bool = False
    outputs: int = 1
    extra_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the layers go. `gpu_layers` counts as llama.cpp's n_gpu_layers: first the output, then the last layers.

    So 1 is the output alone, and a model of 40 layers is wholly on GPUs with 41. `shares` gives each GPU's part of them
    by its name; parts add up to 1. In the first `expert_layers_on_cpu` of the layers on GPUs the experts stay on the
    processor.
    """

    gpu_layers: int = 0
    shares: tuple[tuple[str, float], ...] = ()
    expert_layers_on_cpu: int = 0

    def first_gpu_layer(self, layer_count: int) -> int:
        """The number of the first layer that is on a GPU, counted from 0; `layer_count` when none is."""
        return min(max(layer_count + 1 - self.gpu_layers, 0), layer_count)


@dataclass(frozen=True, slots=True)
class SpeedRange:
    """Between which rates something is expected, in tokens per second; `measured`: a measurement here went into it."""

    low: float
    high: float
    measured: bool = False


class Verdict(StrEnum):
    """Whether and how a model file runs on a computer."""

    ALL_ON_GPU = "all_on_gpu"
    SHORTER_CONTEXT = "shorter_context"  # all on the GPU, with a shorter context than was asked for
    PARTLY_ON_GPU = "partly_on_gpu"
    PROCESSOR = "processor"
    TOO_LARGE = "too_large"
    UNKNOWN = "unknown"


class RemedyKind(StrEnum):
    """What one press can do about a model that does not fit as it is."""

    SMALLER_PRECISION = "smaller_precision"
    QUANTIZED_CACHE = "quantized_cache"  # a q8_0 KV cache
    SHORTER_CONTEXT = "shorter_context"


@dataclass(frozen=True, slots=True)
class Remedy:
    """One way out. `file_name` is the smaller file, `context_length` and `kv_cache_type` what to load it with."""

    kind: RemedyKind
    words: str
    context_length: int
    kv_cache_type: KvCacheType
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class Quality:
    """How much of a model's quality a precision keeps. `share` is from 0 (none) to 1 (all of it), for a bar.

    `word` is for people ("very good"), `figures` says perplexity and KL divergence with their source and caveat.
    """

    share: float
    word: str
    figures: str


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model, or several parts as one. A size that is rounded in its source is not `exact`."""

    name: str
    quantization: str
    size_bytes: int
    exact: bool = True
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class FilePlan:
    """How one file runs on a computer. `context_length` is the longest comfortable one, or 0 when there is none.

    `gpu_layers` of `layer_count` layers are on GPUs, and then the output too: what LoadParameters.gpu_layers counts.
    `memory` None and `writing` None are not known. `reason` is one sentence why; `remedies` come best first.
    """

    file: ModelFile
    verdict: Verdict
    context_length: int
    gpu_layers: int
    layer_count: int
    kv_cache_type: KvCacheType
    memory: MemoryPlan | None
    writing: SpeedRange | None
    reading: SpeedRange | None
    reason: str
    placement: Placement = Placement()
    quality: Quality | None = None
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """How the files of a model run on a computer; `best` is the file that is advised, None when none is."""

    id: str
    name: str
    machine: Machine
    budgets: tuple[MemoryBudget, ...]
    files: tuple[FilePlan, ...]
    best: FilePlan | None


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """What a model file will take with given load parameters, against what there is."""

    memory: MemoryPlan
    budgets: tuple[MemoryBudget, ...]
    layer_count: int
    verdict: Verdict
    reason: str
    writing: SpeedRange | None
    remedies: tuple[Remedy, ...] = ()
    gpu_layers: int = 0

    @property
    def fits(self) -> bool:
        """Whether every device has room for its part."""
        usable = {budget.device: budget.usable_bytes for budget in self.budgets}
        return all(one.total_bytes <= usable.get(one.device, 0) for one in self.memory.devices)
