"""The process in which this computer is asked what it is: it may die of a driver; it answers with JSON on stdout."""

import json
import os
from pathlib import Path

from app.core.machine_json import machine_values
from app.engine.guards.quiet_child import claim_stdout, die_quietly


def main(request: str) -> None:
    """Describe this computer as `request` (JSON, see app.engine.machine.query) asks."""
    answer = claim_stdout()
    die_quietly()
    asked = json.loads(request)
    from app.engine.devices import engine_version, list_addressed
    from app.engine.machine.describe import describe_machine

    machine = describe_machine(Path(asked["folder"]) if asked["folder"] else None, asked["measures"])
    values = {
        "machine": machine_values(machine),
        "engine": engine_version(),
        "addresses": {found.device.name: found.address for found in list_addressed() if found.address},
    }
    os.write(answer, json.dumps(values).encode())
