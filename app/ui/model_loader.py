"""Loads models on the engine lane and says how far that has come."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.cancel import CancelToken
from app.core.errors import InglenookError
from app.core.model import LoadedModel
from app.services.events import LoadEvent, ModelLoaded
from app.services.models import ModelService
from app.ui.chat.model_state import ModelState, ModelStatus
from app.ui.tasks import Emit, Lane, Outcome, Task, Tasks


class ModelLoader(QObject):
    """One load at a time: asking for another model gives up the one that is still loading."""

    status_changed = Signal(ModelStatus)
    loaded = Signal(LoadedModel)
    failed = Signal(InglenookError)

    def __init__(self, models: ModelService, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._models = models
        self._tasks = tasks
        self._task: Task[LoadEvent] | None = None

    @property
    def current(self) -> LoadedModel | None:
        """The model in use; None when there is none."""
        return self._models.current

    def load(self, path: Path | None) -> None:
        """Load a file in place of the current model; None is the included model."""
        if self._task is not None:
            self._task.cancel()
        models = self._models

        def work(emit: Emit[LoadEvent], cancel: CancelToken) -> None:
            emit(ModelLoaded(models.load(path, cancel, emit)))

        name = models.included.name if path is None else path.stem
        self.status_changed.emit(ModelStatus(ModelState.LOADING, name))
        task = self._task = self._tasks.run(
            Lane.ENGINE,
            work,
            lambda event: self._on_event(task, event),
            lambda outcome: self._on_finished(task, outcome),
            lambda error: self._on_failed(task, name, error),
        )

    def unload(self) -> None:
        """Give the model's memory back; called on the engine lane, when nothing else runs there."""
        self._models.unload()

    def _on_event(self, task: Task[LoadEvent], event: LoadEvent) -> None:
        if task is not self._task:
            return
        if isinstance(event, ModelLoaded):
            self._show_ready(event.model)
            self.loaded.emit(event.model)
        else:
            self.status_changed.emit(ModelStatus(ModelState.LOADING, event.name, fraction=event.fraction))

    def _on_finished(self, task: Task[LoadEvent], outcome: Outcome) -> None:
        if task is self._task:
            self._task = None
            if outcome is Outcome.CANCELLED:
                self.status_changed.emit(ModelStatus(ModelState.NONE))

    def _on_failed(self, task: Task[LoadEvent], name: str, error: InglenookError) -> None:
        if task is not self._task:
            return
        self._task = None
        if self.current is not None:  # the file was refused before the model in use was given up
            self._show_ready(self.current)
        else:
            self.status_changed.emit(ModelStatus(ModelState.FAILED, name))
        self.failed.emit(error)

    def _show_ready(self, model: LoadedModel) -> None:
        self.status_changed.emit(ModelStatus(ModelState.READY, model.name, model.info.quantization))
