"""The system's own memory: RAM below a container's limit, swap, and the disk; cheap enough to be asked again."""

import logging
import os
import platform
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from app.core.machine import Device, DeviceKind, Machine
from app.engine.machine.control_groups import GroupMemory, group_memory

_log = logging.getLogger(__name__)

_SYSTEMS = {"Darwin": "macOS"}
_TELLS_CONTAINERS = sys.platform == "linux"


@dataclass(frozen=True, slots=True)
class SystemMemory:
    """RAM, swap and disk in bytes; see Machine for each."""

    ram_bytes: int
    ram_free_bytes: int
    ram_limit: str
    swap_bytes: int
    swap_free_bytes: int
    disk_free_bytes: int | None


def system_memory(folder: Path | None) -> SystemMemory:
    """What there is now. `folder` is where models lie or will lie; it need not exist yet."""
    ram, swap = psutil.virtual_memory(), psutil.swap_memory()
    group = group_memory() if _TELLS_CONTAINERS else None
    total, free, limit = limited(ram.total, ram.available, group)
    return SystemMemory(total, free, limit, swap.total, swap.free, _disk_free(folder))


def limited(total: int, available: int, group: GroupMemory | None) -> tuple[int, int, str]:
    """RAM, what is free of it, and whose limit that is (empty: the system's own), below a container's limit."""
    if group is None or group.limit_bytes >= total:
        return total, available, ""
    said = f"a container's limit ({group.source})"
    return group.limit_bytes, min(available, group.free_bytes), said


def processor_alone(folder: Path | None, doubt: str) -> Machine:
    """The machine without its GPUs, asked of the system alone; `doubt` says why."""
    memory = system_memory(folder)
    processor = processor_name()
    cpu = Device("CPU", processor, "CPU", DeviceKind.CPU, memory.ram_bytes, memory.ram_free_bytes)
    empty = Machine(system_name(), processor, core_count(), 0, 0, (cpu,), doubts=(doubt,))
    return with_memory(empty, memory)


def with_memory(machine: Machine, memory: SystemMemory) -> Machine:
    """The machine with `memory` for what it has now, its processor and what shares the RAM included."""
    devices = tuple(_with_ram(device, memory) for device in machine.devices)
    return replace(
        machine,
        devices=devices,
        ram_bytes=memory.ram_bytes,
        ram_free_bytes=memory.ram_free_bytes,
        ram_limit=memory.ram_limit,
        swap_bytes=memory.swap_bytes,
        swap_free_bytes=memory.swap_free_bytes,
        disk_free_bytes=memory.disk_free_bytes,
    )


def system_name() -> str:
    """ "Linux", "Windows" or "macOS"."""
    return _SYSTEMS.get(platform.system(), platform.system())


def core_count() -> int:
    """The processor's own cores, without those that are two in one."""
    return psutil.cpu_count(logical=False) or os.cpu_count() or 1


def processor_name() -> str:
    """The processor as the system calls it."""
    if sys.platform == "linux":
        try:
            named = name_in_cpuinfo(Path("/proc/cpuinfo").read_text("utf-8", "replace"))
        except OSError as error:
            _log.debug("the processor's name is not known: %s", error)
        else:
            if named:
                return named
    return platform.processor() or platform.machine() or "processor"


def name_in_cpuinfo(text: str) -> str:
    """The first "model name" of /proc/cpuinfo; empty where it has none, as on ARM."""
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return ""


def _with_ram(device: Device, memory: SystemMemory) -> Device:
    if device.kind is DeviceKind.CPU:
        return replace(device, total_bytes=memory.ram_bytes, free_bytes=memory.ram_free_bytes)
    if device.unified:
        total = min(device.total_bytes, memory.ram_bytes)
        return replace(device, total_bytes=total, free_bytes=min(total, memory.ram_free_bytes))
    return device


def _disk_free(folder: Path | None) -> int | None:
    """Free bytes where `folder` is or will be."""
    if folder is None:
        return None
    try:
        present = next((place for place in (folder, *folder.parents) if place.is_dir()), None)
        return psutil.disk_usage(str(present)).free if present is not None else None
    except OSError as error:  # a folder that this user may not look into among them
        _log.debug("the free space at %s is not known: %s", folder, error)
        return None
