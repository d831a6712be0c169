"""Plans the catalogue's models beside everything else, and says what came of it."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.core.cancel import CancelToken
from app.core.errors import InglenookError
from app.core.machine import Machine
from app.core.offer import OfferedModel
from app.core.plan import FilePlan, ModelPlan, Verdict
from app.services.plans import PlanRequest, PlanService
from app.ui.library.words import OPEN_LICENCES
from app.ui.tasks import Emit, EventT, Lane, Outcome, Task, Tasks

_IN_MEMORY = (Verdict.ALL_ON_GPU, Verdict.SHORTER_CONTEXT, Verdict.PARTLY_ON_GPU, Verdict.PROCESSOR)


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model as the page lists it; `offer` None is a model of which the catalogue says nothing more."""

    plan: ModelPlan
    offer: OfferedModel | None

    def fits(self, speed_floor: int) -> bool:
        """Whether one of its files fits and is expected to write that many tokens per second; see _fits."""
        return any(_fits(file, speed_floor) for file in self.plan.files)

    def has_open_licence(self) -> bool:
        """Whether anybody may use it for anything."""
        return self.offer is not None and self.offer.license.lower() in OPEN_LICENCES

    def can(self, ability: str) -> bool:
        """Whether it is said to have this ability."""
        return self.offer is not None and ability in self.offer.abilities

    def is_called(self, words: str) -> bool:
        """Whether each of these words is a part of what it is called."""
        names = [self.plan.id, self.plan.name]
        if self.offer is not None:
            names += [self.offer.maker, self.offer.repository, self.offer.license, *self.offer.abilities]
        whole = " ".join(names).casefold()
        return all(word in whole for word in words.casefold().split())


@dataclass(frozen=True, slots=True)
class Ranking:
    """The models, the best for this computer first, and what was asked for."""

    request: PlanRequest
    machine: Machine
    models: tuple[ListedModel, ...]


class Ranker(QObject):
    """One ranking at a time: a new one takes the place of the one under way."""

    machine_known = Signal(Machine)
    ranked = Signal(Ranking)
    failed = Signal(InglenookError)

    def __init__(self, plans: PlanService, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._plans = plans
        self._tasks = tasks
        self._task: Task[Machine | Ranking] | None = None
        self._number = 0

    @property
    def is_running(self) -> bool:
        """Whether a ranking is awaited."""
        return self._task is not None

    def start(self, request: PlanRequest) -> None:
        """Look at the computer and plan every model for it."""
        plans = self._plans

        def work(emit: Emit[Machine | Ranking], cancel: CancelToken) -> None:
            machine = plans.machine()
            emit(machine)
            ranked = plans.plan_catalogue(request, cancel)
            cancel.raise_if_cancelled()
            models = tuple(ListedModel(plan, plans.offer(plan.id)) for plan in ranked)
            emit(Ranking(request, machine, models))

        if self._task is not None:
            self._task.cancel()
        self._number += 1
        number = self._number

        def if_latest(tell: Callable[[EventT], None]) -> Callable[[EventT], None]:
            return lambda event: tell(event) if number == self._number else None

        self._task = self._tasks.run(
            Lane.SIDE, work, if_latest(self._on_event), if_latest(self._on_finished), if_latest(self._on_failed)
        )

    def stop(self) -> None:
        """Await nothing more; what comes of a ranking under way is not told."""
        if self._task is not None:
            self._task.cancel()
        self._task = None
        self._number += 1

    def _on_event(self, event: Machine | Ranking) -> None:
        if isinstance(event, Ranking):
            self.ranked.emit(event)
        else:
            self.machine_known.emit(event)

    def _on_finished(self, _outcome: Outcome) -> None:
        self._task = None

    def _on_failed(self, error: InglenookError) -> None:
        self._task = None
        self.failed.emit(error)


def _fits(file: FilePlan, speed_floor: int) -> bool:
    """What lies on GPU and processor both only fits when it is known to be fast enough all the same."""
    if file.verdict not in _IN_MEMORY:
        return False
    if file.writing is None:
        return file.verdict is not Verdict.PARTLY_ON_GPU
    return file.writing.high >= speed_floor
