"""What a model file takes with given load parameters on this computer (only the interface, as yet)."""

from pathlib import Path

from app.core.machine import Machine
from app.core.model import LoadParameters
from app.core.plan import LoadPlan
from app.core.shape import ModelShape


class LoadPlanner:
    """Plans one file's load on one computer: the header and the machine are known, the rest is arithmetic."""

    @property
    def machine(self) -> Machine:
        """The computer that it plans for."""
        raise NotImplementedError

    @property
    def shape(self) -> ModelShape:
        """What the file's header says of the model."""
        raise NotImplementedError

    @property
    def advised(self) -> LoadParameters:
        """The load parameters that the plan advises for this computer."""
        raise NotImplementedError

    def plan(self, parameters: LoadParameters) -> LoadPlan:
        """What a load with these parameters takes, against what there is; takes a few milliseconds at most."""
        raise NotImplementedError


class PlanService:
    """Makes planners."""

    def planner(self, path: Path) -> LoadPlanner:
        """Read the file's header and look at the machine; may take a second. Raises ModelFileError."""
        raise NotImplementedError
