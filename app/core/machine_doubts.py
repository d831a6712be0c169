"""Finds what a machine reports and cannot be true, and puts in its place what never promises too much."""

from dataclasses import replace

from app.core.machine import Device, DeviceKind, Machine
from app.core.quantities import gigabytes

_ABSURD = 2**50  # a petabyte: unsigned numbers that fell below zero end up far above it
_ROUNDING = 1.02  # total and free are asked at two moments, and rounded differently


def doubted(machine: Machine) -> Machine:
    """The machine with every value that cannot be true set to 0, and a sentence for each among its doubts.

    A device of which the total is 0 holds nothing, and one of which the free memory is 0 has no room: neither is ever
    planned on. Asked twice, it adds nothing. Accelerators (such as BLAS) have no memory of their own.
    """
    doubts: list[str] = []
    ram, ram_free = _checked_ram(machine, doubts)
    devices = tuple(_checked_device(device, ram, doubts) for device in machine.devices)
    added = tuple(doubt for doubt in doubts if doubt not in machine.doubts)
    return replace(
        machine,
        ram_bytes=ram,
        ram_free_bytes=ram_free,
        swap_bytes=_below_absurd(machine.swap_bytes),
        swap_free_bytes=min(_below_absurd(machine.swap_free_bytes), _below_absurd(machine.swap_bytes)),
        devices=devices,
        doubts=machine.doubts + added,
    )


def _checked_ram(machine: Machine, doubts: list[str]) -> tuple[int, int]:
    total, free = machine.ram_bytes, machine.ram_free_bytes
    if not 0 < total < _ABSURD:
        doubts.append("The system does not tell soundly how much memory (RAM) it has, so nothing is planned on it.")
        return 0, 0
    if not 0 <= free <= total * _ROUNDING:
        doubts.append(
            f"The system reports more free memory (RAM) than it has ({gigabytes(total)}), so none is taken as free."
        )
        return total, 0
    return total, min(free, total)


def _checked_device(device: Device, ram: int, doubts: list[str]) -> Device:
    if device.kind is DeviceKind.ACCELERATOR:
        return device
    total, free = _checked_memory(device, ram, doubts)
    bandwidth = _below_absurd(device.bandwidth)
    return replace(device, total_bytes=total, free_bytes=free, bandwidth=bandwidth)


def _checked_memory(device: Device, ram: int, doubts: list[str]) -> tuple[int, int]:
    """Total and free bytes."""
    total, free = device.total_bytes, device.free_bytes
    called = f"{device.name} ({device.description})" if device.description else device.name
    if not 0 < total < _ABSURD:
        doubts.append(f"{called} does not tell soundly how much memory it has, so nothing is planned on it.")
        return 0, 0
    if device.unified and total > ram * _ROUNDING:
        doubts.append(f"{called} shares the system's memory and reports more than there is; less is taken.")
        total = ram
        free = min(free, total) if 0 <= free < _ABSURD else free
    if not 0 <= free < _ABSURD:
        doubts.append(f"{called} reports an amount of free memory that cannot be true, so none is taken as free.")
        return total, 0
    # A Vulkan driver adds up the budgets of its heaps, which may be more than the heaps: that is known and harmless.
    if free > total * _ROUNDING and device.backend != "Vulkan":
        doubts.append(f"{called} reports more free memory than it has, so none is taken as free.")
        return total, 0
    return total, min(free, total)


def _below_absurd(amount: int) -> int:
    return amount if 0 <= amount < _ABSURD else 0
