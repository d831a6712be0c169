"""`inglenook devices`: what a model can run on."""

import json
from dataclasses import asdict

import click

from app.bootstrap import Options, list_devices
from app.cli import exit_codes
from app.core.machine import Device
from app.core.quantities import gigabytes

_KINDS = {"cpu": "processor", "gpu": "GPU", "integrated_gpu": "integrated GPU", "accelerator": "accelerator"}


def print_devices(options: Options, as_json: bool) -> int:
    """Print every device with its memory; neither a model nor the profile is opened. Returns the exit code."""
    devices, engine = list_devices(options)
    if as_json:
        click.echo(
            json.dumps({"devices": [asdict(device) for device in devices], "engine": engine}, ensure_ascii=False)
        )
        return exit_codes.DONE
    rows = [("NAME", "BACKEND", "TYPE", "MEMORY", "FREE", "DESCRIPTION"), *(_row(device) for device in devices)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.rjust(width) if column in (3, 4) else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        click.echo("  ".join(cells).rstrip())
    click.echo(engine)
    return exit_codes.DONE


def _row(device: Device) -> tuple[str, ...]:
    return (
        device.name,
        device.backend,
        _KINDS[device.kind.value],
        gigabytes(device.total_bytes),
        gigabytes(device.free_bytes),
        device.description,
    )
