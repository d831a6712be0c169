"""What a model file takes with given load parameters on this computer (only the interface, as yet)."""

from pathlib import Path

from app.core.model import LoadParameters
from app.core.plan import LoadPlan


class LoadPlanner:
    """Plans one file's load on one computer: the header and the machine are known, the rest is arithmetic."""

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
