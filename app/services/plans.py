"""What every model of the catalogue takes on this computer (only the interface, as yet)."""

from dataclasses import dataclass

from app.core.cancel import CancelToken
from app.core.machine import Machine
from app.core.model import KvCacheType
from app.core.offer import OfferedModel
from app.core.plan import ModelPlan


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What is planned for; None leaves it to the plan. `speed_floor` is in tokens per second."""

    context_length: int | None = None
    kv_cache_type: KvCacheType | None = None
    speed_floor: int = 10


class PlanService:
    """Joins the machine, the catalogue and the arithmetic."""

    def machine(self) -> Machine:
        """This computer; looked at once, which may take a second."""
        raise NotImplementedError

    def plan_catalogue(self, request: PlanRequest, cancel: CancelToken) -> tuple[ModelPlan, ...]:
        """A plan for each model of the catalogue, the best for this computer first."""
        raise NotImplementedError

    def offer(self, model_id: str) -> OfferedModel | None:
        """What the catalogue says of a model."""
        raise NotImplementedError
