"""Puts this computer into the few words of the three cards at the first start."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.download import DownloadRoom
from app.core.machine import Device, Machine
from app.core.memory import MemoryBudget

_GB = 10**9


@dataclass(frozen=True, slots=True)
class CardWords:
    """A caption, what is said large, what is said below it, and the tooltip."""

    caption: str
    title: str
    below: str
    explained: str = ""


def device_card(machine: Machine, budgets: Sequence[MemoryBudget]) -> CardWords:
    """What models run on, and how much of its memory they may take; without `budgets` that is not known yet."""
    devices = _devices(machine)
    caption = "Graphics" if machine.gpus else "Processor"
    if not devices:
        return CardWords(caption, machine.processor or "not known", f"{_gb(machine.ram_bytes)} GB memory")
    mine = [budget for budget in budgets if budget.device in {device.name for device in devices}]
    names = [_title(device, mine) for device in devices]
    return CardWords(caption, _together(names), _memory(machine, devices, mine), "\n".join(names))


def bandwidth_card(machine: Machine) -> CardWords:
    """How fast the memory is read, which the speed of writing comes from."""
    known = [device for device in _devices(machine) if device.bandwidth]
    if not known:
        return CardWords("Memory bandwidth", "not known", "a speed report measures it")
    fastest = max(known, key=lambda device: device.bandwidth)
    return CardWords(
        "Memory bandwidth",
        f"{fastest.bandwidth / _GB:,.0f} GB/s",
        "sets the speed of writing",
        fastest.bandwidth_source,
    )


def disk_card(machine: Machine, room: DownloadRoom | None) -> CardWords:
    """How much room there is for models; `room` is where they are kept, as soon as that is known."""
    free = room.free_bytes if room is not None and room.free_bytes is not None else machine.disk_free_bytes
    title = "not known" if free is None else f"{_gb(free)} GB"
    if room is None:
        return CardWords("Free disk", title, "where models are kept")
    return CardWords("Free disk", title, f"in the folder {room.folder.name or room.folder}", str(room.folder))


def _devices(machine: Machine) -> tuple[Device, ...]:
    return machine.gpus or tuple(filter(None, (machine.cpu,)))


def _title(device: Device, budgets: Sequence[MemoryBudget]) -> str:
    """A budget's title is what people call the device; the processor's is that of its memory."""
    called = next((budget.title for budget in budgets if budget.device == device.name), "")
    if device.name == "CPU":
        called = ""
    return called or device.description or device.name


def _together(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    return f"{len(names)} × {names[0]}" if len(set(names)) == 1 else f"{names[0]} + {len(names) - 1}"


def _memory(machine: Machine, devices: Sequence[Device], budgets: Sequence[MemoryBudget]) -> str:
    """What a model may take of what there is; unified devices share one memory, and only the largest part counts."""
    unified = machine.gpus != () and devices[0].unified
    total = machine.ram_bytes if unified else sum(device.total_bytes for device in devices)
    kind = " unified" if unified else ""
    if not budgets:
        return f"{_gb(total)} GB{kind}"
    parts = [budget.usable_bytes for budget in budgets]
    return f"{_gb(max(parts) if unified else sum(parts))} of {_gb(total)} GB{kind}, usable"


def _gb(size_bytes: int) -> str:
    """Large amounts are told without a fraction: "212", "21.8"."""
    amount = size_bytes / _GB
    return f"{amount:,.0f}" if amount >= 100 else f"{amount:.1f}".removesuffix(".0")
