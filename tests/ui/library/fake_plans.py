"""Plans as the service would make them, of a computer and of models that a test chooses."""

import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.errors import InglenookError, ModelFileError
from app.core.machine import Device, DeviceKind, Machine, MemoryUse
from app.core.memory import DeviceMemory, MemoryBudget, MemoryPlan
from app.core.model import KvCacheType
from app.core.offer import OfferedModel
from app.core.plan import FilePlan, ModelFile, ModelPlan, Quality, Remedy, RemedyKind, SpeedRange, Verdict
from app.services.planning import LoadPlanner
from app.services.plans import PlanRequest, PlanService

GB = 10**9
GPU = Device("CUDA0", "NVIDIA GeForce RTX 4090", "CUDA", DeviceKind.GPU, 25_757 * 10**6, 24 * GB, bandwidth=1008 * GB)
CPU = Device("CPU", "AMD Ryzen 9 7950X", "CPU", DeviceKind.CPU, 64 * GB, 60 * GB, bandwidth=83 * GB)
MACHINE = Machine("Linux", "AMD Ryzen 9 7950X", 16, 64 * GB, 60 * GB, (GPU, CPU))
BUDGETS = (
    MemoryBudget("CPU", "System memory", 64 * GB, 60 * GB, 58 * GB),
    MemoryBudget("CUDA0", "NVIDIA GeForce RTX 4090", 25_757 * 10**6, 24 * GB, 23_200 * 10**6),
)
USES = (MemoryUse("CUDA0", "Chrome", 1_900 * 10**6), MemoryUse("CUDA0", "Blender", 800 * 10**6))
DOUBTS = ("The driver says that 2.0 GB more are free than the card has; that cannot be.",)

_QUALITIES = {
    "Q8_0": Quality(0.995, "near lossless", "Perplexity 6.24 against 6.23 (Llama 3 8B, wikitext-2)"),
    "Q6_K": Quality(0.98, "excellent", "Perplexity 6.26 against 6.23 (Llama 3 8B, wikitext-2)"),
    "Q4_K_M": Quality(0.93, "very good", "Perplexity 6.41 against 6.23 (Llama 3 8B, wikitext-2)"),
    "Q3_K_M": Quality(0.82, "noticeable loss", "Perplexity 6.89 against 6.23 (Llama 3 8B, wikitext-2)"),
}
_SHORTER = Remedy(RemedyKind.SHORTER_CONTEXT, "It fits at a context of 4,096 tokens.", 4096, KvCacheType.F16)
_CACHE = Remedy(RemedyKind.QUANTIZED_CACHE, "With a q8_0 KV cache it fits at 8k.", 8192, KvCacheType.Q8_0)


def file_plan(
    name: str,
    quantization: str,
    size: float,
    verdict: Verdict,
    *,
    context: int = 0,
    gpu_layers: int = 0,
    layers: int = 40,
    speed: tuple[float, float] | None = None,
    reason: str = "",
    memory: tuple[DeviceMemory, ...] | None = (),
    remedies: tuple[Remedy, ...] = (),
) -> FilePlan:
    """A file's plan; sizes are in GB. Without `memory` the weights are on the GPU beside 2.7 and 0.7 GB."""
    size_bytes = round(size * GB)
    on_gpu = (DeviceMemory("CPU", 0, 0, 0), DeviceMemory("CUDA0", size_bytes, 2_700 * 10**6, 700 * 10**6))
    return FilePlan(
        file=ModelFile(f"{name}-{quantization}.gguf", quantization, size_bytes),
        verdict=verdict,
        context_length=context,
        gpu_layers=gpu_layers,
        layer_count=layers,
        kv_cache_type=KvCacheType.F16,
        memory=None if memory is None else MemoryPlan(memory or on_gpu),
        writing=SpeedRange(*speed) if speed else None,
        reading=SpeedRange(speed[0] * 20, speed[1] * 20) if speed else None,
        reason=reason,
        quality=_QUALITIES.get(quantization),
        remedies=remedies,
    )


def model_plan(model_id: str, name: str, files: tuple[FilePlan, ...], best: int | None) -> ModelPlan:
    """A model's plan of which the file with this number is advised."""
    return ModelPlan(model_id, name, MACHINE, BUDGETS, files, None if best is None else files[best])


def _mistral() -> ModelPlan:
    smaller = Remedy(
        RemedyKind.SMALLER_PRECISION, "Q4_K_M fits whole.", 16384, KvCacheType.F16, "Mistral-Small-Q4_K_M.gguf"
    )
    partly = (DeviceMemory("CPU", 6 * GB, GB, GB // 2), DeviceMemory("CUDA0", 19 * GB, 2 * GB, GB))
    why = "The weights are 25.1 GB and the GPU has 23.2, so 9 of 40 layers would stay on the processor."
    name = "Mistral-Small"
    files = (
        file_plan(
            name,
            "Q8_0",
            25.1,
            Verdict.PARTLY_ON_GPU,
            context=16384,
            gpu_layers=31,
            speed=(12, 16),
            reason=why,
            memory=partly,
            remedies=(smaller,),
        ),
        file_plan(
            name,
            "Q6_K",
            19.3,
            Verdict.SHORTER_CONTEXT,
            context=4096,
            gpu_layers=40,
            speed=(38, 46),
            reason="At 16k the KV cache is too long by 0.4 GB.",
            remedies=(_CACHE, _SHORTER),
        ),
        file_plan(
            name,
            "Q4_K_M",
            14.3,
            Verdict.ALL_ON_GPU,
            context=16384,
            gpu_layers=40,
            speed=(47, 58),
            reason="All 40 layers and a context of 16k fit, with 5.5 GB to spare.",
        ),
        file_plan(
            name, "Q3_K_M", 11.5, Verdict.ALL_ON_GPU, context=32768, gpu_layers=40, speed=(57, 70), reason="Fits."
        ),
    )
    return model_plan("mistral-small", "Mistral Small 3 24B Instruct", files, 2)


def _qwen() -> ModelPlan:
    partly = (DeviceMemory("CPU", 10 * GB, GB, GB // 2), DeviceMemory("CUDA0", 19 * GB, 2 * GB, GB))
    file = file_plan(
        "Qwen",
        "Q6_K",
        26.9,
        Verdict.PARTLY_ON_GPU,
        context=8192,
        gpu_layers=40,
        layers=64,
        speed=(4.2, 6.1),
        reason="24 of 64 layers would stay on the processor, which is slow.",
        memory=partly,
    )
    return model_plan("qwen-32b", "Qwen 2.5 32B Instruct", (file,), None)


def _llama() -> ModelPlan:
    memory = (DeviceMemory("CPU", 60 * GB, 10 * GB, GB), DeviceMemory("CUDA0", 20 * GB, 2 * GB, GB))
    files = (
        file_plan(
            "Llama-70B",
            "Q8_0",
            75,
            Verdict.TOO_LARGE,
            layers=80,
            memory=memory,
            reason="The weights alone are more than this computer's memory.",
        ),
    )
    return model_plan("llama-70b", "Llama 3.3 70B Instruct", files, None)


def _strange() -> ModelPlan:
    file = file_plan(
        "Strange",
        "Q5_0",
        3.1,
        Verdict.UNKNOWN,
        memory=None,
        reason="Its architecture is not known, so its memory is not.",
    )
    return model_plan("strange", "Strange 7B", (file,), None)


def offers() -> dict[str, OfferedModel]:
    """What the catalogue says of the models, but for one of which it says nothing."""

    def offer(
        model_id: str, name: str, maker: str, repository: str, licence: str, count: float, *abilities: str
    ) -> None:
        parameters = round(count * GB)
        found[model_id] = OfferedModel(
            model_id, name, maker, repository, licence, (), None, parameters, parameters, 32768, abilities=abilities
        )

    found: dict[str, OfferedModel] = {}
    mistral = "Mistral Small 3 24B Instruct"
    offer("mistral-small", mistral, "Mistral AI", "bartowski/Mistral-Small-GGUF", "apache-2.0", 23.57, "tools", "text")
    offer("qwen-32b", "Qwen 2.5 32B Instruct", "Qwen", "Qwen/Qwen2.5-32B-GGUF", "apache-2.0", 32.8, "tools", "code")
    offer(
        "llama-70b", "Llama 3.3 70B Instruct", "Meta", "bartowski/Llama-3.3-GGUF", "llama3.3", 70.6, "tools", "vision"
    )
    return found


@dataclass
class FakePlans(PlanService):
    """Ranks what it is given; `requests` are those that came. While `gate` is not set it waits."""

    plans: tuple[ModelPlan, ...] = field(default_factory=lambda: (_mistral(), _qwen(), _llama(), _strange()))
    offered: dict[str, OfferedModel] = field(default_factory=offers)
    described: Machine = MACHINE
    error: InglenookError | None = None
    requests: list[PlanRequest] = field(default_factory=list)
    gate: threading.Event | None = None

    def machine(self) -> Machine:
        return self.described

    def plan_catalogue(self, request: PlanRequest, cancel: CancelToken) -> tuple[ModelPlan, ...]:
        self.requests.append(request)
        while self.gate is not None and not self.gate.is_set():
            cancel.raise_if_cancelled()
            self.gate.wait(0.01)
        if self.error is not None:
            raise self.error
        return tuple(replace(plan, machine=self.described) for plan in self.plans)

    def planner(self, path: Path) -> LoadPlanner:
        raise ModelFileError(f"Nothing is planned for {path.name} here.")

    def offer(self, model_id: str) -> OfferedModel | None:
        return self.offered.get(model_id)
