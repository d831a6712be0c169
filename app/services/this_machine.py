"""Describes this computer as far as the speed of a model depends on it."""

import os
import platform
from collections.abc import Sequence

from app.core.machine import Device, DeviceKind
from app.core.speed import SpeedMachine


def describe_machine(devices: Sequence[Device]) -> SpeedMachine:
    """The processor as the engine names it, its cores, the memory, and the system."""
    import psutil  # 10 ms, for which the window's first paint need not wait

    processor = next((d.description for d in devices if d.kind is DeviceKind.CPU and d.description), "")
    return SpeedMachine(
        processor=processor or platform.processor() or platform.machine(),
        cores=psutil.cpu_count(logical=False) or os.cpu_count() or 1,
        memory_bytes=psutil.virtual_memory().total,
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        devices=tuple(devices),
    )
