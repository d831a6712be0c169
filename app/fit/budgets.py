"""How much of each device's memory a model may take on a computer."""

from app.core.machine import Device, Machine
from app.core.memory import PROCESSOR, MemoryBudget, MemoryPlan

_GIB = 1 << 30

WINDOWS_DISPLAY_MARGIN = 2 * _GIB
"""Windows moves what does not fit into RAM without a word, and its desktop's share changes from hour to hour."""
DISPLAY_MARGIN = _GIB
HEADLESS_MARGIN = _GIB // 2
"""The driver's own context (300 to 500 MiB with CUDA) and what fragments."""
UNIFIED_MARGIN = _GIB
RAM_MARGIN = _GIB
RAM_SHARE_KEPT = 0.05
"""Of the RAM, beside the margin's least: what the system would have to swap for."""


def budgets_of(machine: Machine, replaced: MemoryPlan | None = None) -> tuple[MemoryBudget, ...]:
    """The processor's budget (its RAM, named "CPU") and that of every GPU.

    `replaced` is what the model in use holds: it will be given back. A device that reports nothing, or more free than
    total, gets nothing.
    """
    given_back = {one.device: one.total_bytes for one in replaced.devices} if replaced else {}
    ram = machine.ram_free_bytes + sum(_ram_of(machine, name, size) for name, size in given_back.items())
    usable = _usable(machine.ram_bytes, ram, max(RAM_MARGIN, int(machine.ram_bytes * RAM_SHARE_KEPT)))
    processor = MemoryBudget(PROCESSOR, machine.processor or "the processor", machine.ram_bytes, ram, usable)
    return (processor, *(_gpu_budget(gpu, machine, usable, given_back.get(gpu.name, 0)) for gpu in machine.gpus))


def _ram_of(machine: Machine, name: str, size: int) -> int:
    """What of a device's memory is RAM."""
    return size if name == PROCESSOR or any(gpu.name == name and gpu.unified for gpu in machine.gpus) else 0


def _gpu_budget(gpu: Device, machine: Machine, ram_usable: int, given_back: int) -> MemoryBudget:
    free = gpu.free_bytes + given_back
    usable = _usable(gpu.total_bytes, free, _margin(gpu, machine))
    if gpu.unified:
        usable = min(usable, ram_usable)
    return MemoryBudget(gpu.name, short_title(gpu), gpu.total_bytes, free, usable, gpu.unified)


def _usable(total: int, free: int, margin: int) -> int:
    if total <= 0 or free < 0:
        return 0
    return max(min(free, total) - margin, 0)


def _margin(gpu: Device, machine: Machine) -> int:
    if gpu.unified:
        return UNIFIED_MARGIN
    if gpu.has_display is False:
        return HEADLESS_MARGIN
    return WINDOWS_DISPLAY_MARGIN if machine.system == "Windows" else DISPLAY_MARGIN


def short_title(device: Device) -> str:
    """What people call it: "NVIDIA GeForce RTX 4090" is "RTX 4090"."""
    title = device.description or device.name
    for prefix in ("NVIDIA ", "GeForce ", "AMD Radeon ", "AMD ", "Intel(R) ", "Intel "):
        title = title.removeprefix(prefix)
    return title.removesuffix(" Graphics") or device.name
