"""The arithmetic of plans, joined for files, models of the catalogue and repositories of the hub."""

from collections.abc import Sequence
from pathlib import Path

from app.core.machine import Machine
from app.core.memory import MemoryPlan
from app.core.model import LoadParameters
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
from app.services.plans import PlanRequest
from app.services.remote_models import RemoteModel


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


def site_of(machine: Machine) -> Site:
    """Another computer, on which nothing is loaded and nothing was measured."""
    return Site(machine, budgets_of(machine))


def site_here(machine: Machine, in_use: MemoryPlan | None, measured: Sequence[SpeedReport]) -> Site:
    """This computer, with what the loaded model holds and the speeds that were measured."""
    return Site(machine, budgets_of(machine, in_use), measurements_of(machine, measured))


def plan_one(file: ModelFile, shape: ModelShape, site: Site, request: PlanRequest) -> FilePlan:
    """The plan of one file."""
    return plan_file(file, shape, site, _wish(request))


def plan_offer(offer: OfferedModel, site: Site, request: PlanRequest) -> ModelPlan:
    """The plan of a model of the catalogue: the same for the same site and request, whatever this computer does."""
    plans = []
    for file in offer.files:
        known = offer.outline
        shape = shape_of_outline(known, file.size_bytes, file.quantization) if known else None
        plans.append(plan_file(file, shape, site, _wish(request), offer.parameter_count))
    return model_plan(offer.id, offer.name, site, plans, request)


def plan_found(found: RemoteModel, site: Site, request: PlanRequest) -> ModelPlan:
    """The plan of what was found at the hub."""
    plans = [plan_file(file, shape, site, _wish(request)) for file, shape in found.files]
    return model_plan(found.repository, found.repository, site, plans, request)


def model_plan(identity: str, name: str, site: Site, plans: Sequence[FilePlan], request: PlanRequest) -> ModelPlan:
    """The plan of a model, made of those of its files."""
    files = with_smaller_remedies(plans)
    best = best_file(files, float(request.speed_floor))
    return ModelPlan(identity, name, site.machine, site.budgets, files, best)


def rank(plan: ModelPlan, offer: OfferedModel, request: PlanRequest) -> tuple[float, ...]:
    """Models that run come first, by merit; then those of which nothing is known, then those that are too large."""
    if plan.best is not None:
        return (2.0, *merit(plan.best, offer.strength, float(request.speed_floor)))
    is_unknown = any(file.verdict is Verdict.UNKNOWN for file in plan.files)
    return (float(is_unknown), offer.strength)


def advised(path: Path, file: ModelFile, shape: ModelShape, site: Site) -> LoadParameters:
    """The load parameters that are advised for a local file. A context longer than is comfortable takes memory only."""
    plan = plan_file(file, shape, site, Wish())
    if plan.memory is None or not plan.context_length:
        return LoadParameters(path)
    return as_parameters(path, plan, min(plan.context_length, WANTED_CONTEXT))


def as_parameters(path: Path, plan: FilePlan, context_length: int) -> LoadParameters:
    """A plan as load parameters, with this context."""
    whole = plan.gpu_layers == plan.layer_count
    return LoadParameters(
        path,
        context_length=context_length,
        kv_cache_type=plan.kv_cache_type,
        gpu_layers=None if whole else plan.gpu_layers,
        expert_layers_on_cpu=plan.placement.expert_layers_on_cpu,
    )


def _wish(request: PlanRequest) -> Wish:
    return Wish(request.context_length, request.kv_cache_type, float(request.speed_floor))


def _size(path: Path) -> int:
    """A file's size in bytes; 0 for one that is not there, which the load itself will say."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
