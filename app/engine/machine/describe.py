"""Describes this computer, drivers and all; a bad driver may end the process that does it (imports llama_cpp)."""

import sys
from dataclasses import replace
from pathlib import Path

from app.core.machine import BackendNote, Device, DeviceKind, Machine, MemoryUse
from app.core.machine_doubts import doubted
from app.engine import bindings, modules
from app.engine.devices import list_addressed
from app.engine.machine.evidence import Evidence
from app.engine.machine.joined import join, without_repeats
from app.engine.machine.linux import ask_linux
from app.engine.machine.macos import ask_macos
from app.engine.machine.memory import core_count, processor_name, system_memory, system_name, with_memory
from app.engine.machine.multiply_rate import measure_multiply_rate
from app.engine.machine.nvidia import ask_nvidia
from app.engine.machine.programs import own_processes, ram_uses
from app.engine.machine.read_bandwidth import SOURCE, measure_read_bandwidth
from app.engine.machine.windows import ask_windows

_SYSTEMS = {"linux": ask_linux, "darwin": ask_macos, "win32": ask_windows}


def describe_machine(folder: Path | None, measures: bool = True) -> Machine:
    """All that can be found out; `folder` is where models lie. `measures`: how fast the processor is, too.

    It may never return: call it in a process of its own, see app.engine.machine.query.
    """
    own = own_processes()
    # The drivers are asked before llama.cpp, which takes some of a GPU's memory for itself when it looks at it.
    evidence = [ask_nvidia(own), _ask_system()]
    found = without_repeats(list_addressed())
    facts = [fact for told in evidence for fact in told.gpus]
    memory = system_memory(folder)
    joined = join(found, facts, memory.ram_bytes)
    bandwidth = measure_read_bandwidth() if measures else 0
    devices = tuple(_with_read_bandwidth(device, bandwidth) for device in joined.devices)
    processor = next((device.description for device in devices if device.kind is DeviceKind.CPU), "")
    machine = Machine(
        system=system_name(),
        processor=processor or processor_name(),
        cores=core_count(),
        ram_bytes=0,
        ram_free_bytes=0,
        devices=devices,
        uses=_ram_uses(devices, own) + joined.uses,
        doubts=tuple(doubt for told in evidence for doubt in told.doubts) + joined.doubts,
        multiply_rate=measure_multiply_rate() if measures else 0,
        backends=_processor_note(),
    )
    return doubted(with_memory(machine, memory))


def _processor_note() -> tuple[BackendNote, ...]:
    """Which module computes on the processor; empty where that is built in."""
    module = bindings.cpu_module()
    if module is None:
        return ()
    kind = module.stem.rsplit("cpu-", maxsplit=1)[-1]
    of = len(modules.cpu_modules(modules.library_folder()))
    return (BackendNote(modules.TITLES["cpu"], True, f"Of {of} modules “{kind}” fits this processor best."),)


def _ask_system() -> Evidence:
    ask = _SYSTEMS.get(sys.platform)
    return ask() if ask is not None else Evidence()


def _with_read_bandwidth(device: Device, bandwidth: int) -> Device:
    if device.kind is not DeviceKind.CPU or not bandwidth:
        return device
    return replace(device, bandwidth=bandwidth, bandwidth_source=SOURCE)


def _ram_uses(devices: tuple[Device, ...], own: frozenset[int]) -> tuple[MemoryUse, ...]:
    """What other programs hold of the RAM, once for each device that has it as its memory."""
    sharing = [device.name for device in devices if device.kind is DeviceKind.CPU or device.unified]
    return tuple(MemoryUse(name, program, size) for name in sharing for program, size in ram_uses(own))
