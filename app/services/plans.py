"""Says what fits this computer: joins machine, catalogue, headers and measurements for the arithmetic in fit."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.errors import StorageError
from app.core.file_names import quantization_of
from app.core.hub_reference import parse_reference
from app.core.machine import Machine
from app.core.memory import MemoryPlan
from app.core.model import KvCacheType, LoadParameters
from app.core.offer import OfferedModel
from app.core.plan import FilePlan, LoadPlan, ModelFile, ModelPlan, Verdict
from app.core.shape import ModelShape
from app.core.speed import SpeedReport
from app.fit.budgets import budgets_of
from app.fit.load_plan import plan_load
from app.fit.measured import measurements_of
from app.fit.outline import shape_of_outline
from app.fit.ranking import best_file, merit, with_smaller_remedies
from app.fit.recommendation import WANTED_CONTEXT, Site, Wish, plan_file
from app.services.catalog import Catalog
from app.services.machines import MachineService
from app.services.model_files import ModelFiles
from app.services.remote_models import RemoteModel, RemoteModels
from app.services.speed_text import report_from
from app.storage.speed_reports import SpeedReportStore

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What is asked of a plan; None leaves it to the plan. `speed_floor` is in tokens per second."""

    context_length: int | None = None
    kv_cache_type: KvCacheType | None = None
    speed_floor: int = 10

    @property
    def wish(self) -> Wish:
        """The same for the arithmetic."""
        return Wish(self.context_length, self.kv_cache_type, float(self.speed_floor))


class LoadPlanner:
    """Plans the load of one file on this computer; its header and the computer were looked at once."""

    def __init__(self, shape: ModelShape, site: Site, advised: LoadParameters, flash_on_cpu: bool = False) -> None:
        self._shape = shape
        self._site = site
        self._advised = advised
        self._flash_on_cpu = flash_on_cpu

    @property
    def machine(self) -> Machine:
        """The computer that it plans for."""
        return self._site.machine

    @property
    def shape(self) -> ModelShape:
        """What the file's header says of the model."""
        return self._shape

    @property
    def advised(self) -> LoadParameters:
        """The load parameters that are advised for this computer."""
        return self._advised

    def plan(self, parameters: LoadParameters) -> LoadPlan:
        """What these parameters take; a millisecond of arithmetic and a look at the sizes of the files beside it."""
        beside = [adapter.path for adapter in parameters.adapters]
        if parameters.draft_model is not None:
            beside.append(parameters.draft_model)
        return plan_load(self._shape, parameters, self._site, sum(map(_size, beside)), self._flash_on_cpu)


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
        site = self._site(None)
        ranked = []
        for offer in self._catalog.offers:
            cancel.raise_if_cancelled()
            plan = plan_offer(offer, site, request)
            ranked.append((_rank(plan, offer, request), plan))
        ranked.sort(key=lambda pair: pair[0], reverse=True)
        return tuple(plan for _, plan in ranked)

    def plan(self, model: str, request: PlanRequest, cancel: CancelToken, machine: Machine | None = None) -> ModelPlan:
        """The plan of a local file, of a model of the catalogue, or of a repository of the hub, in this order.

        `machine` None is this computer. Raises ModelFileError, HubError, CancelledError, InvalidParameterError.
        """
        site = self._site(machine)
        path = Path(model).expanduser()
        if path.is_file() or (path.suffix.lower() == ".gguf" and parse_reference(model) is None):
            shape = self._files.shape(path)
            file = ModelFile(path.name, quantization_of(str(path)), self._files.examine(path).stamp.size_bytes)
            plan = plan_file(file, shape, site, request.wish)
            if machine is None:
                plan = self._reckoned(plan, path)
            return _model_plan(str(path), path.stem, site, [plan], request)
        if (offer := self._catalog.offer(model)) is not None:
            return plan_offer(offer, site, request)
        return _plan_remote(self._remote.look_up(model, cancel), site, request)

    def plan_remote(self, found: RemoteModel, request: PlanRequest) -> ModelPlan:
        """The plan of what was found at the hub, for this computer; nobody is asked again."""
        return _plan_remote(found, self._site(None), request)

    def _reckoned(self, plan: FilePlan, path: Path) -> FilePlan:
        """The plan with the engine's own figures, where the file runs here and was loaded before."""
        if plan.memory is None or not plan.context_length:
            return plan
        exact = self._files.exact_memory(path, _as_parameters(path, plan, plan.context_length))
        return plan if exact is None else replace(plan, memory=exact)

    def planner(self, path: Path) -> LoadPlanner:
        """What plans the loads of a local file. Raises ModelFileError."""
        shape = self._files.shape(path)
        site = self._site_here(self._machines.at_once())
        file = ModelFile(path.name, quantization_of(str(path)), shape.weights_bytes)
        trial = self._files.remembered_trial(self._files.examine(path))
        # What nobody has measured is loaded without it; see engine.loading.settled.
        flash_on_cpu = trial is not None and trial.flash_attention_faster is True
        return LoadPlanner(shape, site, _advised(path, plan_file(file, shape, site, Wish())), flash_on_cpu)

    def _site(self, machine: Machine | None) -> Site:
        if machine is not None:
            return site_of(machine)
        return self._site_here(self._machines.machine())

    def _site_here(self, here: Machine) -> Site:
        return Site(here, budgets_of(here, self._in_use()), measurements_of(here, self._measured()))

    def _measured(self) -> Sequence[SpeedReport]:
        try:
            kept = self._reports.list()
        except StorageError as error:
            _log.info("speeds are told without what was measured: %s (%s)", error.sentence, error.detail)
            return ()
        return [report for one in kept if (report := report_from(one.report)) is not None]


def site_of(machine: Machine) -> Site:
    """Another computer, on which nothing is loaded and nothing was measured."""
    return Site(machine, budgets_of(machine))


def plan_offer(offer: OfferedModel, site: Site, request: PlanRequest) -> ModelPlan:
    """The plan of a model of the catalogue: the same for the same site and request, whatever this computer does."""
    plans = []
    for file in offer.files:
        known = offer.outline
        shape = shape_of_outline(known, file.size_bytes, file.quantization) if known else None
        plans.append(plan_file(file, shape, site, request.wish, offer.parameter_count))
    return _model_plan(offer.id, offer.name, site, plans, request)


def _plan_remote(found: RemoteModel, site: Site, request: PlanRequest) -> ModelPlan:
    plans = [plan_file(file, shape, site, request.wish) for file, shape in found.files]
    return _model_plan(found.repository, found.repository, site, plans, request)


def _model_plan(identity: str, name: str, site: Site, plans: Sequence[FilePlan], request: PlanRequest) -> ModelPlan:
    files = with_smaller_remedies(plans)
    best = best_file(files, request.wish.speed_floor)
    return ModelPlan(identity, name, site.machine, site.budgets, files, best)


def _rank(plan: ModelPlan, offer: OfferedModel, request: PlanRequest) -> tuple[float, ...]:
    """Models that run come first, by merit; then those of which nothing is known, then those that are too large."""
    if plan.best is not None:
        return (2.0, *merit(plan.best, offer.strength, request.wish.speed_floor))
    is_unknown = any(file.verdict is Verdict.UNKNOWN for file in plan.files)
    return (float(is_unknown), offer.strength)


def _advised(path: Path, plan: FilePlan) -> LoadParameters:
    """The plan as load parameters. A context longer than is comfortable would only take memory."""
    if plan.memory is None or not plan.context_length:
        return LoadParameters(path)
    return _as_parameters(path, plan, min(plan.context_length, WANTED_CONTEXT))


def _as_parameters(path: Path, plan: FilePlan, context_length: int) -> LoadParameters:
    whole = plan.gpu_layers == plan.layer_count
    return LoadParameters(
        path,
        context_length=context_length,
        kv_cache_type=plan.kv_cache_type,
        gpu_layers=None if whole else plan.gpu_layers,
        expert_layers_on_cpu=plan.placement.expert_layers_on_cpu,
    )


def _size(path: Path) -> int:
    """A file's size in bytes; 0 for one that is not there, which the load itself will say."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
