"""Says what fits this computer: joins machine, catalogue, headers and measurements.

The arithmetic is in planning, which is read from the disk when it is first needed.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.cancel import CancelToken
from app.core.errors import StorageError
from app.core.file_names import quantization_of
from app.core.hub_reference import parse_reference
from app.core.machine import Machine
from app.core.memory import MemoryPlan
from app.core.model import KvCacheType
from app.core.offer import OfferedModel
from app.core.plan import FilePlan, ModelFile, ModelPlan
from app.core.speed import SpeedReport
from app.services.catalog import Catalog
from app.services.machines import MachineService
from app.services.model_files import ModelFiles
from app.services.remote_models import RemoteModel, RemoteModels
from app.services.speed_text import report_from
from app.storage.speed_reports import SpeedReportStore

if TYPE_CHECKING:
    from app.fit.recommendation import Site
    from app.services.planning import LoadPlanner

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What is asked of a plan; None leaves it to the plan. `speed_floor` is in tokens per second."""

    context_length: int | None = None
    kv_cache_type: KvCacheType | None = None
    speed_floor: int = 10


class PlanService:
    """Plans for this computer or another; `in_use` gives what the loaded model holds, which a new one gets back."""

    def __init__(
        self,
        machines: MachineService,
        catalog: Catalog,
        files: ModelFiles,
        reports: SpeedReportStore,
        remote: RemoteModels,
        in_use: Callable[[], MemoryPlan | None] = lambda: None,
    ) -> None:
        self._machines = machines
        self._catalog = catalog
        self._files = files
        self._reports = reports
        self._remote = remote
        self._in_use = in_use

    def machine(self) -> Machine:
        """This computer, with the memory that is free now; up to a second the first time."""
        return self._machines.machine()

    def other_machine(self, name_or_file: str) -> Machine:
        """A recorded machine, or one that `inglenook devices --json` described. Raises InvalidParameterError."""
        return self._machines.load_machine(name_or_file)

    def offer(self, model: str) -> OfferedModel | None:
        """What the catalogue says of a model, by its id, its name or its repository; None when it has none such."""
        return self._catalog.offer(model)

    def plan_catalogue(self, request: PlanRequest, cancel: CancelToken) -> tuple[ModelPlan, ...]:
        """The plans of all models of the catalogue, the best for this computer first. Raises CancelledError."""
        from app.services import planning

        site = self._site(None)
        ranked = []
        for offer in self._catalog.offers:
            cancel.raise_if_cancelled()
            plan = planning.plan_offer(offer, site, request)
            ranked.append((planning.rank(plan, offer, request), plan))
        ranked.sort(key=lambda pair: pair[0], reverse=True)
        return tuple(plan for _, plan in ranked)

    def plan(self, model: str, request: PlanRequest, cancel: CancelToken, machine: Machine | None = None) -> ModelPlan:
        """The plan of a local file, of a model of the catalogue, or of a repository of the hub, in this order.

        `machine` None is this computer. Raises ModelFileError, HubError, CancelledError, InvalidParameterError.
        """
        from app.services import planning

        site = self._site(machine)
        path = Path(model).expanduser()
        if path.is_file() or (path.suffix.lower() == ".gguf" and parse_reference(model) is None):
            shape = self._files.shape(path)
            file = ModelFile(path.name, quantization_of(str(path)), self._files.examine(path).stamp.size_bytes)
            plan = planning.plan_one(file, shape, site, request)
            if machine is None:
                plan = self._reckoned(plan, path)
            return planning.model_plan(str(path), path.stem, site, [plan], request)
        if (offer := self._catalog.offer(model)) is not None:
            return planning.plan_offer(offer, site, request)
        return planning.plan_found(self._remote.look_up(model, cancel), site, request)

    def plan_remote(self, found: RemoteModel, request: PlanRequest) -> ModelPlan:
        """The plan of what was found at the hub, for this computer; nobody is asked again."""
        from app.services import planning

        return planning.plan_found(found, self._site(None), request)

    def _reckoned(self, plan: FilePlan, path: Path) -> FilePlan:
        """The plan with the engine's own figures, where the file runs here and was loaded before."""
        from app.services import planning

        if plan.memory is None or not plan.context_length:
            return plan
        exact = self._files.exact_memory(path, planning.as_parameters(path, plan, plan.context_length))
        return plan if exact is None else replace(plan, memory=exact)

    def planner(self, path: Path) -> "LoadPlanner":
        """What plans the loads of a local file. Raises ModelFileError."""
        from app.services import planning

        shape = self._files.shape(path)
        site = self._site_here(self._machines.at_once())
        file = ModelFile(path.name, quantization_of(str(path)), shape.weights_bytes)
        trial = self._files.remembered_trial(self._files.examine(path))
        # What nobody has measured is loaded without it; see engine.loading.settled.
        flash_on_cpu = trial is not None and trial.flash_attention_faster is True
        return planning.LoadPlanner(shape, site, planning.advised(path, file, shape, site), flash_on_cpu)

    def _site(self, machine: Machine | None) -> "Site":
        from app.services import planning

        if machine is not None:
            return planning.site_of(machine)
        return self._site_here(self._machines.machine())

    def _site_here(self, here: Machine) -> "Site":
        from app.services import planning

        return planning.site_here(here, self._in_use(), self._measured())

    def _measured(self) -> Sequence[SpeedReport]:
        try:
            kept = self._reports.list()
        except StorageError as error:
            _log.info("speeds are told without what was measured: %s (%s)", error.sentence, error.detail)
            return ()
        return [report for one in kept if (report := report_from(one.report)) is not None]
