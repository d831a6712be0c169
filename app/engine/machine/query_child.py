"""The process in which this computer is asked what it is: it may die of a driver; it answers with JSON on stdout."""

import ctypes
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.core.machine import DeviceKind
from app.core.machine_json import machine_values
from app.engine import modules
from app.engine.guards.quiet_child import claim_stdout, die_quietly


def main(request: str) -> None:
    """Describe this computer, or ask one GPU backend, as `request` (JSON, see the module query) says."""
    answer = claim_stdout()
    die_quietly()
    modules.use_own_libraries_only(os.environ)
    asked = json.loads(request)
    said = _gpus_of(asked["gpu_backend"]) if "gpu_backend" in asked else _machine(asked)
    os.write(answer, json.dumps(said).encode())


def _machine(asked: Mapping[str, Any]) -> dict[str, Any]:
    names = tuple(name for name in asked.get("gpu_backends", ()) if name in modules.GPU_BACKENDS)
    modules.permit(modules.Granted(names, names))
    from app.engine.devices import engine_version, list_addressed
    from app.engine.machine.describe import describe_machine

    machine = describe_machine(Path(asked["folder"]) if asked["folder"] else None, asked["measures"])
    return {
        "machine": machine_values(machine),
        "engine": engine_version(),
        "addresses": {found.device.name: found.address for found in list_addressed() if found.address},
    }


def _gpus_of(name: str) -> dict[str, Any]:
    """The GPUs of one backend, each started once: a driver may fail as late as that."""
    path = modules.gpu_modules(modules.library_folder()).get(name)
    if path is None:
        return {"gpus": [], "error": "the module is missing"}
    from app.engine.devices import list_addressed, start_once  # opens what the module is linked to

    try:
        ctypes.CDLL(str(path))
    except OSError as error:
        return {"gpus": [], "error": str(error)}
    modules.permit(modules.Granted((name,), (name,)))
    found = [gpu for gpu in list_addressed() if gpu.device.backend == modules.TITLES[name]]
    for gpu in found:
        start_once(gpu)
    return {
        "gpus": [
            {
                "name": gpu.device.name,
                "description": gpu.device.description,
                "address": gpu.address,
                "is_integrated": gpu.device.kind is DeviceKind.INTEGRATED_GPU,
            }
            for gpu in found
        ],
        "error": "",
    }
