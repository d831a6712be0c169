"""Puts plans, models and machines into the few words that the library's page has room for."""

from app.core import plan_wording
from app.core.machine import Device, DeviceKind, Machine
from app.core.memory import MemoryPlan
from app.core.model import KvCacheType
from app.core.offer import OfferedModel
from app.core.plan import FilePlan, ModelPlan, RemedyKind, SpeedRange, Verdict
from app.core.plan_wording import context_words
from app.core.quantities import file_size, gigabytes
from app.core.wording import counted
from app.ui import plan_words
from app.ui.memory_words import amount

_GB = 10**9
_USES_NAMED = 3
_LICENCES = {"apache-2.0": "Apache-2.0", "mit": "MIT"}
OPEN_LICENCES = frozenset(_LICENCES)
UNKNOWN_SPEED = "not known"

REMEDY_WORDS = {
    RemedyKind.QUANTIZED_CACHE: "Use 8-bit cache",
    RemedyKind.SMALLER_PRECISION: "Show a smaller precision",
    RemedyKind.SHORTER_CONTEXT: "Shorter context",
}

_TONES = {
    Verdict.ALL_ON_GPU: "good",
    Verdict.SHORTER_CONTEXT: "warn",
    Verdict.PARTLY_ON_GPU: "warn",
    Verdict.PROCESSOR: "warn",
    Verdict.TOO_LARGE: "bad",
    Verdict.UNKNOWN: "plain",
}


def headline(plan: ModelPlan) -> FilePlan | None:
    """The file that stands for a model: the advised one, else the smallest, which is the nearest to being one."""
    return plan.best or min(plan.files, key=lambda file: file.file.size_bytes, default=None)


def verdict_words(file: FilePlan, model: ModelPlan) -> str:
    """Whether and how a file runs, for its pill."""
    if file.verdict is Verdict.ALL_ON_GPU:
        return f"all on GPU · {context_words(file.context_length)} context"
    if file.verdict is Verdict.SHORTER_CONTEXT:
        return f"fits at {context_words(file.context_length)} context"
    if file.verdict is Verdict.PARTLY_ON_GPU:
        return plan_wording.verdict_words(file)
    if file.verdict is Verdict.PROCESSOR:
        context = f" · {context_words(file.context_length)} context" if file.context_length else ""
        return f"runs on the processor{context}"
    if file.verdict is Verdict.TOO_LARGE:
        return f"too large: needs {gigabytes(_needed(file))}{_you_have(model)}"
    return "cannot tell"


def verdict_tone(file: FilePlan, machine: Machine) -> str:
    """The colour of its pill: good, warn, bad or plain. Without a GPU the processor is where everything runs."""
    if file.verdict is Verdict.PROCESSOR and not machine.gpus:
        return "good"
    return _TONES[file.verdict]


def speed_words(speed: SpeedRange | None) -> str:
    """For example "≈ 47–58 tok/s"."""
    return plan_words.speed_words(speed) or UNKNOWN_SPEED


def speed_details(file: FilePlan) -> str:
    """The same for a tooltip: what is written, how fast a prompt is read, and where that is from."""
    lines = [f"Writing: {speed_words(file.writing)}", f"Prompt processing: {speed_words(file.reading)}"]
    known = [speed for speed in (file.writing, file.reading) if speed is not None]
    if any(speed.measured for speed in known):
        lines.append("A measurement on this computer went into it.")
    elif known:
        lines.append("Worked out from the memory's bandwidth; the speed report measures it.")
    return "\n".join(lines)


def size_words(file: FilePlan) -> str:
    """How much there is to download; "≈" for a size that is rounded where it is from."""
    return f"{'' if file.file.exact else '≈ '}{file_size(file.file.size_bytes)}"


def memory_words(memory: MemoryPlan | None, kv_cache_type: KvCacheType) -> str:
    """What a file takes where: "Takes 14.9 GB on the GPU and 8.1 GB of system memory, with a KV cache in q8_0."."""
    if memory is None:
        return "How much memory it takes is not known."
    on_gpu = sum(one.total_bytes for one in memory.devices if not _is_cpu(one.device))
    on_cpu = sum(one.total_bytes for one in memory.devices if _is_cpu(one.device))
    parts = [f"{file_size(on_gpu)} on the GPU"] if on_gpu else []
    if on_cpu or not on_gpu:
        parts.append(f"{file_size(on_cpu)} of system memory")
    return f"Takes {' and '.join(parts)}, with a KV cache in {kv_cache_type}."


def model_facts(model: ModelPlan, offer: OfferedModel | None) -> str:
    """What a model is: its maker, size, licence, context and abilities, as far as they are known."""
    if offer is None:
        return counted(len(model.files), "precision")
    context = f"{context_words(offer.context_length)} context" if offer.context_length else ""
    gated = "needs an account at the hub" if offer.gated else ""
    parts = [offer.maker, _parameters(offer), licence_words(offer.license), gated, context, ", ".join(offer.abilities)]
    return " · ".join(part for part in parts if part)


def fetched_facts(file: FilePlan, offer: OfferedModel | None) -> str:
    """What is fetched of a model: precision, size, licence and context, as far as they are known."""
    licence = licence_words(offer.license) if offer else ""
    context = f"{context_words(offer.context_length)} context" if offer and offer.context_length else ""
    return " · ".join(part for part in (file.file.quantization, size_words(file), licence, context) if part)


def licence_words(licence: str) -> str:
    """A licence as people write it."""
    is_plain = not licence or licence.lower() in _LICENCES or "licen" in licence.lower()
    return _LICENCES.get(licence.lower(), licence if is_plain else f"{licence} licence")


def device_facts(device: Device, machine: Machine) -> str:
    """A device in a line: "CUDA · 1,008 GB/s · 68.7 GB system memory"."""
    speed = f"{device.bandwidth / _GB:,.0f} GB/s" if device.bandwidth else ""
    if device.kind is DeviceKind.CPU:
        cores = counted(machine.cores, "core") if machine.cores else ""
        parts = [cores, speed, f"{gigabytes(machine.ram_bytes)} memory"]
    elif device.unified:
        parts = [device.backend, speed, f"{gigabytes(machine.ram_bytes)} unified memory"]
    else:
        parts = [device.backend, speed, f"{gigabytes(machine.ram_bytes)} system memory"]
    return " · ".join(part for part in parts if part)


def uses_words(machine: Machine, device: str) -> str:
    """What other programs hold of a device: "Chrome holds 1.9 GB of it, Blender 0.8 GB."; empty for none."""
    uses = sorted((use for use in machine.uses if use.device == device), key=lambda use: -use.size_bytes)
    if not uses:
        return ""
    first, *others = uses[:_USES_NAMED]
    rest = "".join(f", {use.program} {amount(use.size_bytes)}" for use in others)
    return f"{first.program} holds {amount(first.size_bytes)} of it{rest}."


def row_in_a_sentence(file: FilePlan, model: ModelPlan) -> str:
    """A precision as it is read out."""
    quality = f"quality {file.quality.word}" if file.quality else "quality not known"
    parts = [size_words(file), quality, verdict_words(file, model), f"speed {speed_words(file.writing)}"]
    return f"{file.file.quantization}: {', '.join(parts)}"


def _needed(file: FilePlan) -> int:
    return file.memory.total_bytes if file.memory else file.file.size_bytes


def _you_have(model: ModelPlan) -> str:
    """The GPUs' memory and, where it is another, the system's; nothing where that is not known."""
    unified = {device.name for device in model.machine.gpus if device.unified}
    budgets = [budget for budget in model.budgets if not (unified and _is_cpu(budget.device))]
    ordered = sorted(budgets, key=lambda budget: _is_cpu(budget.device))
    if not ordered:
        return ""
    if len(ordered) == 1:
        return f", you have {gigabytes(ordered[0].usable_bytes)}"
    return ", you have " + " + ".join(f"{budget.usable_bytes / _GB:.1f}" for budget in ordered)


def _parameters(offer: OfferedModel) -> str:
    if not offer.parameter_count:
        return ""
    if offer.active_parameter_count and offer.active_parameter_count < offer.parameter_count:
        return f"{_billions(offer.parameter_count)}, {_billions(offer.active_parameter_count)} active"
    return f"{_billions(offer.parameter_count)} dense"


def _billions(count: int) -> str:
    return f"{count / 10**9:.3g} B" if count >= 10**9 else f"{count / 10**6:.0f} M"


def _is_cpu(device: str) -> bool:
    return device.upper() == "CPU"
