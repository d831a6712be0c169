"""Loads models on the engine lane and says how far that has come."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.cancel import CancelToken
from app.core.errors import InglenookError, ModelChangedError, NoModelError, StorageError
from app.core.generation import SamplingParameters
from app.core.model import LoadedModel, LoadParameters, LoadStep
from app.services.events import LoadEvent, ModelLoaded
from app.services.models import ModelService
from app.ui.chat.model_state import ModelState, ModelStatus
from app.ui.tasks import Emit, Lane, Outcome, Task, Tasks

_Load = Callable[[CancelToken, Emit[LoadEvent]], LoadedModel]


class ModelLoader(QObject):
    """One load at a time: asking for another model gives up the one that is still loading."""

    status_changed = Signal(ModelStatus)
    loaded = Signal(LoadedModel)
    unloaded = Signal()
    failed = Signal(InglenookError)
    refused = Signal(LoadParameters, InglenookError)  # the model in use could not be loaded again with these

    def __init__(self, models: ModelService, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._models = models
        self._tasks = tasks
        self._task: Task[LoadEvent] | None = None
        self._asked_path: Path | None = None

    @property
    def current(self) -> LoadedModel | None:
        """The model in use; None when there is none."""
        return self._models.current

    @property
    def is_loading(self) -> bool:
        """Whether a model is on its way, or waits for its turn."""
        return self._task is not None

    def load(self, path: Path | None, parameters: LoadParameters | None = None, *, force: bool = False) -> None:
        """Load a file in place of the current model; None is the included model.

        `parameters` None are those that were last chosen for this file, else the defaults. A file whose trial has
        failed is refused until it changes, unless `force`.
        """
        models = self._models
        self._asked_path = path
        name = models.included.name if path is None else path.stem
        self._run(
            name,
            lambda cancel, emit: models.load(path, cancel, emit, parameters, force=force),
            self.failed.emit,
        )

    def try_again(self) -> None:
        """Load the file that was asked for last, even if its trial has failed before."""
        self.load(self._asked_path, force=True)

    def change_loading(self, parameters: LoadParameters) -> None:
        """Load the current model again with other parameters, which are kept for it."""
        models, current = self._models, self.current
        self._run(
            current.name if current else parameters.path.stem,
            lambda cancel, emit: (
                models.change_parameters(cancel, emit, load=parameters)
                if models.current is not None
                else models.load(parameters.path, cancel, emit, parameters)
            ),
            lambda error: self._on_refused(parameters, error),
        )

    def change_sampling(self, sampling: SamplingParameters) -> None:
        """Draw tokens in another way from the next message on."""
        models = self._models

        def work(emit: Emit[LoadEvent], cancel: CancelToken) -> None:
            emit(ModelLoaded(models.change_parameters(cancel, emit, sampling=sampling)))

        self._tasks.run(Lane.ENGINE, work, self._on_sampling_event, lambda _: None, self.failed.emit)

    def stop(self) -> None:
        """Give up the model that is loading."""
        if self._task is not None:
            self._task.cancel()

    def unload(self) -> None:
        """Give the model's memory back as soon as the engine is free."""
        self.stop()
        models = self._models
        self._tasks.run(
            Lane.ENGINE, lambda _emit, _cancel: models.unload(), lambda _: None, self._on_unloaded, self.failed.emit
        )

    def note_lost(self, error: InglenookError) -> None:
        """Something else that uses the model failed with `error`: say so if the model is gone since."""
        if self.current is None and not self.is_loading and not isinstance(error, NoModelError):
            state = ModelState.NONE if isinstance(error, ModelChangedError) else ModelState.FAILED
            self._show_what_is_left(ModelStatus(state))

    def _run(self, name: str, load: _Load, on_failed: Callable[[InglenookError], None]) -> None:
        self.stop()

        def work(emit: Emit[LoadEvent], cancel: CancelToken) -> None:
            emit(ModelLoaded(load(cancel, emit)))

        self.status_changed.emit(ModelStatus(ModelState.LOADING, name, step=LoadStep.LOADING))
        task = self._task = self._tasks.run(
            Lane.ENGINE,
            work,
            lambda event: self._on_event(task, event),
            lambda outcome: self._on_finished(task, outcome),
            lambda error: self._on_failed(task, name, error, on_failed),
        )

    def _on_event(self, task: Task[LoadEvent], event: LoadEvent) -> None:
        if task is not self._task:
            return
        if isinstance(event, ModelLoaded):
            self._show_ready(event.model)
            self.loaded.emit(event.model)
        else:
            self.status_changed.emit(
                ModelStatus(ModelState.LOADING, event.name, fraction=event.fraction, step=event.step)
            )

    def _on_sampling_event(self, event: LoadEvent) -> None:
        if isinstance(event, ModelLoaded) and not self.is_loading:
            self.loaded.emit(event.model)

    def _on_finished(self, task: Task[LoadEvent], outcome: Outcome) -> None:
        if task is self._task:
            self._task = None
            if outcome is Outcome.CANCELLED:
                self._show_what_is_left(ModelStatus(ModelState.NONE))

    def _on_failed(
        self, task: Task[LoadEvent], name: str, error: InglenookError, tell: Callable[[InglenookError], None]
    ) -> None:
        if task is not self._task:
            return
        self._task = None
        self._show_what_is_left(ModelStatus(ModelState.FAILED, name))
        tell(error)

    def _on_refused(self, parameters: LoadParameters, error: InglenookError) -> None:
        if isinstance(error, StorageError):  # they are in use, and only not kept
            self.failed.emit(error)
        else:
            self.refused.emit(parameters, error)

    def _on_unloaded(self, _outcome: Outcome) -> None:
        if not self.is_loading:
            self._show_what_is_left(ModelStatus(ModelState.NONE))

    def _show_what_is_left(self, status: ModelStatus) -> None:
        """Say that the model before is still in use, as when a new file was refused at once; else `status`."""
        if self.current is not None:
            self._show_ready(self.current)
            self.loaded.emit(self.current)
        else:
            self.status_changed.emit(status)
            self.unloaded.emit()

    def _show_ready(self, model: LoadedModel) -> None:
        self.status_changed.emit(ModelStatus(ModelState.READY, model.name, model.info.quantization))
