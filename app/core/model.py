"""What a model is: a file, how it is loaded, and what is known of it."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app.core.declared import Bounds, declared, require_bounds
from app.core.generation import SamplingParameters
from app.core.memory import MemoryPlan

DEFAULT_CONTEXT_LENGTH = 4096
MAX_DRAFT = 16  # tokens drafted ahead at most; each costs a row of logits in the compute buffer


class KvCacheType(StrEnum):
    """How exactly the KV cache keeps its numbers."""

    F16 = "f16"
    Q8_0 = "q8_0"
    Q4_0 = "q4_0"


class FlashAttention(StrEnum):
    """Whether attention is computed in one fused step. AUTO on a processor takes what measured faster for the model."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


class Backend(StrEnum):
    """What computes a model. AUTO is the GPUs that this computer has, each by the fastest backend that reaches it."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    METAL = "metal"
    VULKAN = "vulkan"


class RopeScaling(StrEnum):
    """How positions beyond the trained context are stretched; MODEL is what the file says."""

    MODEL = "model"
    NONE = "none"
    LINEAR = "linear"
    YARN = "yarn"


class Speculation(StrEnum):
    """Whether tokens are drafted ahead and verified together. AUTO is on where it measured faster."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class LoraAdapter:
    """A LoRA adapter file and how strongly it acts (1 is as trained)."""

    path: Path
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class LoadParameters:
    """How a model is loaded; fixed while it is loaded. Raises InvalidParameterError for a value outside its bounds.

    `context_length` is in tokens and is lowered to what the model was trained on unless RoPE scaling is set.
    `device_split` gives each GPU's share, in the order of the devices. `chat_template` (Jinja) replaces the one in the
    file. `draft_model` is a smaller model of the same vocabulary that drafts tokens ahead.
    """

    path: Path
    context_length: int = declared(
        DEFAULT_CONTEXT_LENGTH,
        "Context length",
        "How many tokens the model sees at once; at most what it was trained on.",
        Bounds(64, 16_777_216),
    )
    backend: Backend = declared(
        Backend.AUTO, "Backend", "What computes the model; auto takes the GPU where there is a sound one."
    )
    gpu_layers: int | None = declared(
        None,
        "GPU layers",
        "How many of the model's layers run on the GPU; the output goes along.",
        Bounds(0, 10_000),
        "all",
    )
    expert_layers_on_cpu: int = declared(
        0,
        "Experts on the processor",
        "In how many of the first layers the experts stay in system memory; for models of experts that a GPU "
        "cannot hold.",
        Bounds(0, 10_000),
    )
    main_device: str = declared(
        "", "Main device", "The GPU that takes the whole model, or what a device split leaves; empty is all GPUs."
    )
    device_split: tuple[float, ...] = declared(
        (), "Device split", "Each GPU's share of the layers; empty divides by memory."
    )
    kv_cache_type: KvCacheType = declared(
        KvCacheType.F16, "KV cache type", "f16 is exact; q8_0 takes half the memory, q4_0 a quarter, with some loss."
    )
    flash_attention: FlashAttention = declared(
        FlashAttention.AUTO, "Flash attention", "Auto takes what is faster on this computer."
    )
    batch_tokens: int = declared(512, "Batch", "How many prompt tokens are read in one step.", Bounds(32, 8192))
    threads: int | None = declared(
        None, "Threads", "How many processor cores work on it.", Bounds(1, 512), "all cores, from four up one less"
    )
    mmap: bool = declared(
        True, "Map the file", "Read the model through the system's file cache, shared and quick to load."
    )
    mlock: bool = declared(False, "Keep in memory", "Never let the system move the model out of memory.")
    full_sliding_window: bool = declared(
        False,
        "Full-size sliding window",
        "Keep the whole context in sliding-window layers: more memory, but earlier turns can be reused after an edit.",
    )
    rope_scaling: RopeScaling = declared(
        RopeScaling.MODEL, "RoPE scaling", "How to stretch positions beyond the trained context."
    )
    rope_frequency_base: float = declared(0.0, "RoPE frequency base", "0 is what the model says.", Bounds(0, 1e12))
    rope_frequency_scale: float = declared(
        0.0, "RoPE frequency scale", "0 is what the model says; 0.5 doubles the context.", Bounds(0, 10)
    )
    speculation: Speculation = declared(
        Speculation.AUTO, "Speculation", "Draft repeated text ahead and verify it together; the answer stays the same."
    )
    adapters: tuple[LoraAdapter, ...] = ()
    draft_model: Path | None = None
    chat_template: str | None = None

    def __post_init__(self) -> None:
        require_bounds(self)

    @property
    def drafts_ahead(self) -> bool:
        """Whether tokens may be drafted and verified together."""
        if self.draft_model is not None:
            return self.speculation is not Speculation.OFF
        return self.speculation is Speculation.ON

    @property
    def outputs(self) -> int:
        """After how many tokens of a batch the logits can be had: each drafted one, and the one before them."""
        return MAX_DRAFT + 1 if self.drafts_ahead else 1


class LoadStep(StrEnum):
    """How far loading has come."""

    CHECKING = "checking"  # the file's checksum is worked out
    TRYING = "trying"  # a process of its own loads it and writes a few tokens
    LOADING = "loading"


class TemplateSource(StrEnum):
    """Where the chat template in use comes from."""

    CATALOGUE = "catalogue"
    FILE = "file"
    ARCHITECTURE = "architecture"  # the file has none: the one that its family of models is trained with
    NONE = "none"  # a base model: plain completion


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a loaded model says of itself. `size_bytes` is the file's size; lengths are in tokens.

    `load` holds the load parameters as they turned out: numbers in place of None, flash attention on or off.
    `device` names where it runs, for example "CPU, 2 threads". `reasons`: its template marks reasoning apart;
    `has_thinking_switch`: that can be turned on and off. `can_shift`: a full context can forget its oldest part.
    `memory` is what it takes by llama.cpp's own buffer sizes; None is not known. `content` names what its files hold,
    wherever they lie; empty where that is not known. `gpu_fault` is the sentence about a
    GPU that failed, so that the processor took its place; else empty.
    """

    path: Path
    name: str
    architecture: str
    quantization: str
    parameter_count: int
    size_bytes: int
    context_length: int
    trained_context_length: int
    load: LoadParameters
    device: str = ""
    engine_version: str = ""
    layer_count: int = 0
    vocabulary_size: int = 0
    template_source: TemplateSource = TemplateSource.FILE
    reasons: bool = False
    has_thinking_switch: bool = False
    can_shift: bool = False
    memory: MemoryPlan | None = None
    gpu_fault: str = ""
    content: str = ""


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """What the catalogue knows of one model file: how to recognise it, and what to change in how it is used.

    A file is the entry's when its SHA-256 agrees. `chat_template` None leaves the file's own.
    """

    id: str
    name: str
    file_name: str
    size_bytes: int
    sha256: str
    license: str
    license_file: str
    source: str
    note: str
    chat_template: str | None
    sampling: SamplingParameters
    tiny: bool


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The sampling that a model's makers recommend, for all its files: a header that names the model says which.

    `words` are its whole name, as a set in lower case; `other_words` may stand in it too. `organizations` are the
    makers, as headers write them. `architecture` and `layer_count` must agree where they are known (not empty, not 0).
    `source` says where the figures were read.
    """

    id: str
    name: str
    words: tuple[str, ...]
    organizations: tuple[str, ...]
    sampling: SamplingParameters
    source: str
    other_words: tuple[str, ...] = ()
    architecture: str = ""
    layer_count: int = 0
    note: str = ""


class SamplingSource(StrEnum):
    """Where a model's recommended sampling comes from."""

    CATALOGUE = "catalogue"
    FILE = "file"  # hints in the file's header
    DEFAULTS = "defaults"


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """The model in use: what it says of itself, what the catalogue adds, and the sampling that suits it.

    `sha256` is the file's, in lower-case hexadecimal; empty while it is not known.
    """

    info: ModelInfo
    entry: CatalogEntry | None
    sampling: SamplingParameters
    sampling_source: SamplingSource = SamplingSource.DEFAULTS
    sha256: str = ""

    @property
    def name(self) -> str:
        """The catalogue's name for it, else its own."""
        return self.entry.name if self.entry else self.info.name
