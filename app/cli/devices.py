"""`inglenook devices`: what this computer is, as far as a model runs on it."""

import json

import click

from app.bootstrap import Options, describe_machine
from app.cli import exit_codes
from app.core.machine import Device, DeviceKind, Machine
from app.core.machine_json import machine_values
from app.core.quantities import gigabytes

_KINDS = {"cpu": "processor", "gpu": "GPU", "integrated_gpu": "integrated GPU", "accelerator": "accelerator"}
_HEAD = ("NAME", "BACKEND", "TYPE", "MEMORY", "FREE", "BANDWIDTH", "DESCRIPTION")
_RIGHT = (3, 4, 5)  # columns of figures


def print_devices(options: Options, as_json: bool) -> int:
    """Print every device and the system's memory; neither a model nor the profile is opened. Returns the exit code."""
    machine, engine = describe_machine(options)
    if as_json:
        click.echo(json.dumps({**machine_values(machine), "engine": engine}, ensure_ascii=False))
        return exit_codes.DONE
    backends = [note.words for note in machine.backends]
    for line in [*_table(machine), *_facts(machine), *backends, *machine.doubts, engine]:
        click.echo(line)
    return exit_codes.DONE


def _table(machine: Machine) -> list[str]:
    rows = [_HEAD, *(_row(device) for device in machine.devices)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    return [
        "  ".join(
            cell.rjust(width) if column in _RIGHT else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _row(device: Device) -> tuple[str, ...]:
    notes = [device.description]
    if device.unified:
        notes.append("shares the RAM")
    if device.has_display:
        notes.append("drives a display")
    return (
        device.name,
        device.backend,
        _KINDS[device.kind.value],
        gigabytes(device.total_bytes),
        gigabytes(device.free_bytes),
        f"{gigabytes(device.bandwidth)}/s" if device.bandwidth else "not known",
        ", ".join(notes),
    )


def _facts(machine: Machine) -> list[str]:
    """One line for each kind of memory that is no device's, and for the programs that hold some of each."""
    ram = f"RAM: {gigabytes(machine.ram_bytes)}, {gigabytes(machine.ram_free_bytes)} free"
    lines = [f"{ram}; {machine.ram_limit}" if machine.ram_limit else ram]
    swap = f"{gigabytes(machine.swap_bytes)}, {gigabytes(machine.swap_free_bytes)} free"
    lines.append(f"Swap: {swap if machine.swap_bytes else 'none'}")
    disk = "not known" if machine.disk_free_bytes is None else f"{gigabytes(machine.disk_free_bytes)} free"
    lines.append(f"Disk: {disk}")
    lines += [f"{_whose(device)} is held by {held}" for device in machine.devices if (held := _held(machine, device))]
    sources = [f"{device.name} {device.bandwidth_source}" for device in machine.devices if device.bandwidth_source]
    return [*lines, f"Bandwidth: {'; '.join(sources)}"] if sources else lines


def _whose(device: Device) -> str:
    return "RAM" if device.kind is DeviceKind.CPU else f"{device.name}'s memory"


def _held(machine: Machine, device: Device) -> str:
    """What other programs hold of a device's memory; what shares the RAM is told with the RAM."""
    if device.unified:
        return ""
    uses = [use for use in machine.uses if use.device == device.name]
    return ", ".join(f"{use.program} ({gigabytes(use.size_bytes)})" for use in uses)
