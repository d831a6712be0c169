"""A planner for a made-up graphics card, with arithmetic that a test can do in its head."""

from pathlib import Path

from app.core.errors import ModelFileError
from app.core.machine import Device, DeviceKind, Machine
from app.core.memory import DeviceMemory, MemoryBudget, MemoryPlan
from app.core.model import KvCacheType, LoadParameters
from app.core.plan import LoadPlan, Remedy, RemedyKind, SpeedRange, Verdict
from app.core.shape import LayerShape, ModelShape
from app.services.planning import LoadPlanner
from app.services.plans import PlanService

GB = 10**9
LAYERS = 40
CARD = Device("CUDA0", "NVIDIA GeForce RTX 4090", "CUDA", DeviceKind.GPU, 24 * GB, 23 * GB)
PROCESSOR = Device("CPU", "A processor", "CPU", DeviceKind.CPU, 64 * GB, 50 * GB)
MACHINE = Machine("Linux", "A processor", 16, 64 * GB, 50 * GB, (PROCESSOR, CARD))
BUDGETS = (
    MemoryBudget("CPU", "System memory", 64 * GB, 50 * GB, 46 * GB),
    MemoryBudget("CUDA0", CARD.description, 24 * GB, 23 * GB, 22 * GB),
)
SHAPE = ModelShape("llama", (LayerShape(GB // 3),) * LAYERS, 5120, 32768, 32, 131072, 32768, GB // 3, GB // 3)
_BYTES_A_TOKEN = {KvCacheType.F16: 200_000, KvCacheType.Q8_0: 100_000, KvCacheType.Q4_0: 50_000}


class PretendedPlanner(LoadPlanner):
    """14 GB of weights in 40 layers and 0.2 MB of KV cache a token, half with q8_0, on a card that has room for 22."""

    def __init__(self, path: Path, context_length: int = 16384) -> None:
        self.path = path
        self.context_length = context_length

    @property
    def machine(self) -> Machine:
        """A processor and a card."""
        return MACHINE

    @property
    def shape(self) -> ModelShape:
        """40 layers."""
        return SHAPE

    @property
    def advised(self) -> LoadParameters:
        """Everything on the card."""
        return LoadParameters(self.path, context_length=self.context_length)

    def plan(self, parameters: LoadParameters) -> LoadPlan:
        """Does not fit: too large; else all, some or none of the layers on the card. RoPE's base 1 cannot be told."""
        if parameters.rope_frequency_base == 1:
            raise ModelFileError("the header contradicts itself.")
        layers = LAYERS if parameters.gpu_layers is None else min(parameters.gpu_layers, LAYERS)
        memory = MemoryPlan((_memory("CPU", LAYERS - layers, parameters, 0), _memory("CUDA0", layers, parameters, GB)))
        over = memory.of("CUDA0").total_bytes > 22 * GB
        verdict = Verdict.PROCESSOR if layers == 0 else Verdict.PARTLY_ON_GPU
        if layers == LAYERS:
            verdict = Verdict.SHORTER_CONTEXT if over else Verdict.ALL_ON_GPU
        return LoadPlan(
            memory=memory,
            budgets=BUDGETS,
            layer_count=LAYERS,
            verdict=verdict,
            reason="The KV cache of so long a context leaves no room." if over else "There is room for all of it.",
            writing=SpeedRange(47.2, 58.4) if not over else None,
            remedies=_REMEDIES if over else (),
        )


class PretendedPlans(PlanService):
    """Makes pretended planners; `failure` is what it raises in their place."""

    def __init__(self, failure: ModelFileError | None = None) -> None:
        self.failure = failure

    def planner(self, path: Path) -> LoadPlanner:
        """See PlanService.planner."""
        if self.failure is not None:
            raise self.failure
        return PretendedPlanner(path)


_REMEDIES = (
    Remedy(RemedyKind.QUANTIZED_CACHE, "Use a q8_0 KV cache", 65536, KvCacheType.Q8_0),
    Remedy(RemedyKind.SHORTER_CONTEXT, "Shorten the context to 32k", 32768, KvCacheType.F16),
    Remedy(RemedyKind.SMALLER_PRECISION, "Take Q3_K_M", 32768, KvCacheType.F16, "other.gguf"),
)


def _memory(device: str, layers: int, parameters: LoadParameters, compute: int) -> DeviceMemory:
    cache = _BYTES_A_TOKEN[parameters.kv_cache_type] * parameters.context_length
    return DeviceMemory(device, 14 * GB * layers // LAYERS, cache * layers // LAYERS, compute if layers else 0)
