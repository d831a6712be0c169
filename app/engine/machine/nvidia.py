"""What NVIDIA's driver says of its GPUs, by its management library (NVML)."""

import logging
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import psutil

from app.engine.machine.evidence import Evidence, GpuFacts
from app.engine.machine.programs import program_name, summed

_log = logging.getLogger(__name__)

SOURCE = "NVIDIA's driver"
_T = TypeVar("_T")


def ask_nvidia(own: frozenset[int]) -> Evidence:
    """Every GPU of NVIDIA's. `own` are the processes that do not count as other programs."""
    import pynvml  # type: ignore[import-untyped]

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        absent = error.value in (pynvml.NVML_ERROR_LIBRARY_NOT_FOUND, pynvml.NVML_ERROR_DRIVER_NOT_LOADED)
        return Evidence() if absent else _refused(error)
    try:
        handles = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]
        return Evidence(tuple(_describe(pynvml, handle, own) for handle in handles))
    except pynvml.NVMLError as error:
        return _refused(error)
    finally:
        pynvml.nvmlShutdown()


def _refused(error: Exception) -> Evidence:
    return Evidence(doubts=(f"NVIDIA's driver could not be asked about its GPUs ({error}).",))


def bus_address(text: str) -> str:
    """NVML's address ("00000000:01:00.0", upper-case) as ggml and Linux write it ("0000:01:00.0")."""
    domain, separator, rest = text.strip().lower().partition(":")
    return f"{domain[-4:]}:{rest}" if separator else ""


def memory_bandwidth(megahertz: int, bits: int) -> int:
    """Bytes per second of a bus of `bits` at the memory's clock: two transfers per cycle, as CUDA's deviceQuery has it.

    An RTX 4090 says 10,501 MHz and 384 bits, which are 1,008 GB/s.
    """
    return 2 * megahertz * 10**6 * bits // 8


def _describe(nvml: Any, handle: Any, own: frozenset[int]) -> GpuFacts:
    memory = _asked(nvml, nvml.nvmlDeviceGetMemoryInfo, handle)
    pci = _asked(nvml, nvml.nvmlDeviceGetPciInfo, handle)
    active = _asked(nvml, nvml.nvmlDeviceGetDisplayActive, handle)
    attached = _asked(nvml, nvml.nvmlDeviceGetDisplayMode, handle)
    clock = _asked(nvml, lambda gpu: nvml.nvmlDeviceGetMaxClockInfo(gpu, nvml.NVML_CLOCK_MEM), handle) or 0
    bits = _asked(nvml, nvml.nvmlDeviceGetMemoryBusWidth, handle) or 0
    return GpuFacts(
        source=SOURCE,
        address=bus_address(_text(pci.busId)) if pci is not None else "",
        name=_text(_asked(nvml, nvml.nvmlDeviceGetName, handle) or ""),
        total_bytes=None if memory is None else int(memory.total),
        free_bytes=None if memory is None else int(memory.free),
        has_display=None if active is None and attached is None else bool(active) or bool(attached),
        bandwidth=memory_bandwidth(clock, bits),
        bandwidth_source=f"NVIDIA's driver: 2 x {clock:,} MHz x {bits} bits" if clock and bits else "",
        uses=_uses(nvml, handle, own),
    )


def _uses(nvml: Any, handle: Any, own: frozenset[int]) -> tuple[tuple[str, int], ...] | None:
    """None where the driver does not tell: Windows keeps it to itself."""
    lists = [
        _asked(nvml, nvml.nvmlDeviceGetComputeRunningProcesses, handle),
        _asked(nvml, nvml.nvmlDeviceGetGraphicsRunningProcesses, handle),
    ]
    running = [process for found in lists if found is not None for process in found]
    if all(found is None for found in lists) or any(process.usedGpuMemory is None for process in running):
        return None
    return program_uses(((int(process.pid), int(process.usedGpuMemory)) for process in running), own)


def program_uses(
    running: Iterable[tuple[int, int]], own: frozenset[int], name_of: Callable[[int], str] | None = None
) -> tuple[tuple[str, int], ...]:
    """Programs by name with what their processes (number, bytes) hold; a process that both computes and draws is
    listed twice by the driver, and counts once.
    """
    held: dict[int, int] = {}
    for number, amount in running:
        if number not in own:
            held[number] = max(held.get(number, 0), amount)
    called = name_of or _process_name
    return summed((called(number), amount) for number, amount in held.items())


def _process_name(number: int) -> str:
    try:
        return program_name(psutil.Process(number).name())
    except psutil.Error:
        return "another program"  # of another user, or ended meanwhile


def _asked(nvml: Any, question: Callable[[Any], _T], handle: Any) -> _T | None:
    """The answer; None for what this GPU or this driver does not know."""
    try:
        return question(handle)
    except (nvml.NVMLError, nvml.NVMLLibraryMismatchError) as error:
        _log.debug("NVIDIA's driver does not tell: %s", error)
        return None


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
