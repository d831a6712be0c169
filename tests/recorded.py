"""The recorded machines, as they ship."""

from app.core.machine import Machine
from app.paths import paths_for
from app.services.machines import read_machine


def recorded_machines() -> list[Machine]:
    """All of them, by name."""
    return [read_machine(path) for path in sorted(paths_for().machines.glob("*.json"))]
