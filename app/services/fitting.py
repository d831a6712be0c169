"""Holds a load against its plan: makes the plan before, and afterwards says what came of it and what makes it slow."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.errors import InglenookError
from app.core.fitting import Fitting, deviation, fitting_words
from app.core.machine import DeviceKind, Machine
from app.core.model import LoadParameters, ModelInfo
from app.core.plain_json import plain
from app.core.plan import LoadPlan, Verdict
from app.core.quantities import file_size

if TYPE_CHECKING:
    from app.services.planning import LoadPlanner

_log = logging.getLogger(__name__)

PlannerMaker = Callable[[Path], "LoadPlanner"]

MOST_DEVIATION = 0.05
NOTICED_BYTES = 10_000_000  # of a tiny model five hundredths are nothing that anybody would look for
_SWAPPED_FROM = 200_000_000  # bytes: less is moved while nobody notices


@dataclass(frozen=True, slots=True)
class PlannedLoad:
    """What was known before a load. `planner` and `plan` are None when nothing could be planned.

    `chosen_layers` is the number of GPU layers that the user chose, if one was chosen; `swapped_bytes` is what the
    system had moved to the disk.
    """

    planner: "LoadPlanner | None"
    plan: LoadPlan | None
    parameters: LoadParameters
    chosen_layers: int | None
    swapped_bytes: int


def planner_for(path: Path, make: PlannerMaker | None) -> "LoadPlanner | None":
    """The planner for a file; None when there is none, which the log explains: a plan never hinders a load."""
    if make is None:
        return None
    try:
        return make(path)
    except InglenookError as error:
        _log.info("nothing is planned for %s: %s", path, error.logged)
        return None


def with_advice(defaults: LoadParameters, planner: "LoadPlanner | None") -> LoadParameters:
    """The defaults with the context length, GPU layers and KV cache type that the plan advises."""
    if planner is None:
        return defaults
    try:
        advised = planner.advised
    except InglenookError as error:
        _log.info("nothing is advised for %s: %s", defaults.path, error.logged)
        return defaults
    return replace(
        defaults,
        context_length=advised.context_length,
        gpu_layers=advised.gpu_layers,
        expert_layers_on_cpu=advised.expert_layers_on_cpu,
        kv_cache_type=advised.kv_cache_type,
    )


def planned_load(planner: "LoadPlanner | None", parameters: LoadParameters, chosen_layers: int | None) -> PlannedLoad:
    """Plan a load that comes next; `chosen_layers` as in PlannedLoad."""
    plan = None
    if planner is not None:
        try:
            plan = planner.plan(parameters)
        except InglenookError as error:
            _log.info("no plan for %s: %s", parameters.path, error.logged)
    return PlannedLoad(planner, plan, parameters, chosen_layers, swapped_bytes())


def fitting_of(planned: PlannedLoad, info: ModelInfo) -> Fitting | None:
    """What came of it; None when nothing was to be planned. A plan that was far off is logged with all its inputs."""
    if planned.planner is None:
        return None
    swapped = swapped_bytes() - planned.swapped_bytes
    warnings = warnings_of(planned.planner.machine, planned.plan, info, swapped, planned.chosen_layers)
    fitting = Fitting(planned.plan, info.memory, warnings)
    _log.info("%s: %s", info.name, fitting_words(fitting))
    for warning in warnings:
        _log.info("%s", warning)
    if planned.plan is not None and info.memory is not None:
        off = deviation(planned.plan.memory, info.memory)
        bytes_off = abs(info.memory.total_bytes - planned.plan.memory.total_bytes)
        if abs(off) > MOST_DEVIATION and bytes_off > NOTICED_BYTES:
            _log.warning("the plan was off by %+.1f %%: %s", 100 * off, _inputs(planned, info))
    return fitting


def warnings_of(
    machine: Machine,
    planned: LoadPlan | None,
    info: ModelInfo,
    swapped: int,
    chosen_layers: int | None = None,
) -> tuple[str, ...]:
    """Sentences about what makes a loaded model slow here, each with its reason and its remedy.

    `swapped` are the bytes that the system moved to the disk meanwhile. What was chosen by hand is no news:
    `chosen_layers` is the number of GPU layers that the user asked for, if one was asked for.
    """
    found = [info.gpu_fault or _layers_warning(machine, planned, info, chosen_layers)]
    if swapped >= _SWAPPED_FROM:
        found.append(
            f"While the model was loaded, the system moved {file_size(swapped)} of memory to the disk, because there "
            "is too little of it: answers may be very slow. Close other programs, shorten the context, or choose a "
            "smaller precision."
        )
    return tuple(sentence for sentence in found if sentence)


def layers_on_gpu(info: ModelInfo) -> int:
    """How many of a loaded model's layers are on GPUs, as far as it tells."""
    if info.memory is not None and not any(d.weights_bytes for d in info.memory.devices if d.device != "CPU"):
        return 0
    wanted = info.load.gpu_layers
    return info.layer_count if wanted is None else min(wanted, info.layer_count)


def swapped_bytes() -> int:
    """What the system has moved from memory to the disk since it was started, or holds there where it does not say."""
    import psutil  # 10 ms, for which the window's first paint need not wait

    swap = psutil.swap_memory()
    return int(swap.sout or swap.used)


def _layers_warning(machine: Machine, planned: LoadPlan | None, info: ModelInfo, chosen_layers: int | None) -> str:
    gpus = machine.gpus
    on_gpu = layers_on_gpu(info) if gpus else 0
    if chosen_layers is not None and on_gpu >= chosen_layers:
        return ""
    if not gpus:
        return _backend_warning(machine)
    if info.layer_count <= 0 or on_gpu >= info.layer_count:
        return ""
    slow_by_plan = planned is not None and planned.verdict is Verdict.PROCESSOR
    if slow_by_plan and all(gpu.kind is DeviceKind.INTEGRATED_GPU for gpu in gpus):
        return ""  # the processor is no slower than the GPU that it holds
    names = " and ".join(gpu.description or gpu.name for gpu in gpus)
    if on_gpu > 0:
        what = f"Only {on_gpu} of {info.layer_count} layers run on {names}, the others on the processor, which is slow."
    else:
        what = f"The whole model runs on the processor, which is slow, although there is {names}."
    if planned is None or planned.verdict is Verdict.ALL_ON_GPU:
        return f"{what} {_NOT_PLANNED}"
    return " ".join(part for part in (what, planned.reason, _remedies(planned)) if part)


_NOT_PLANNED = (
    "That was not planned: the GPU's backend may have failed to load, or other programs took its memory. See GPU "
    "layers under Loading, update the GPU's driver, or look into the log."
)


def _backend_warning(machine: Machine) -> str:
    """What is doubtful about a GPU, where the engine has none."""
    doubts = [doubt for doubt in machine.doubts if "GPU" in doubt]
    if not doubts:
        return ""
    return f"The whole model runs on the processor, which is slow. {' '.join(doubts)}"


def _remedies(planned: LoadPlan) -> str:
    ways = [remedy.words[:1].lower() + remedy.words[1:] for remedy in planned.remedies]
    return f"What helps: {', or '.join(ways)}." if ways else ""


def _inputs(planned: PlannedLoad, info: ModelInfo) -> str:
    """All that the plan was made of, and what came of it, as JSON."""
    assert planned.planner is not None, "there is a plan"
    return json.dumps(
        plain(
            {
                "parameters": replace(planned.parameters, chat_template=None),  # long, and takes nothing
                "planned": planned.plan.memory if planned.plan else None,
                "actual": info.memory,
                "shape": planned.planner.shape,
                "machine": planned.planner.machine,
            }
        )
    )
