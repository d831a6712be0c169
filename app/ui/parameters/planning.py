"""Has a planner made off the main thread for the load dialog that is open."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.core.cancel import CancelToken
from app.core.errors import InglenookError
from app.services.plans import PlanService
from app.ui.tasks import Emit, Lane, Task, Tasks

if TYPE_CHECKING:
    from app.services.planning import LoadPlanner
    from app.ui.parameters.loading import LoadingDialog


class Planning(QObject):
    """One dialog at a time: a planner that comes when its dialog is closed is dropped."""

    def __init__(self, plans: PlanService, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._plans = plans
        self._tasks = tasks
        self._dialog: LoadingDialog | None = None
        self._task: Task[LoadPlanner] | None = None

    def begin(self, path: Path, dialog: "LoadingDialog") -> None:
        """Give the dialog a planner for the file at `path` as soon as there is one, or say why there is none."""
        self._end()
        plans = self._plans

        def work(emit: "Emit[LoadPlanner]", _cancel: CancelToken) -> None:
            emit(plans.planner(path))

        def show(planner: "LoadPlanner") -> None:
            if self._dialog is dialog:
                dialog.show_planner(planner)

        def show_failure(error: InglenookError) -> None:
            if self._dialog is dialog:
                dialog.show_no_plan(error.sentence)

        def on_closed() -> None:
            if self._dialog is dialog:
                self._end()

        self._dialog = dialog
        dialog.finished.connect(on_closed)
        self._task = self._tasks.run(Lane.SIDE, work, show, lambda _: None, show_failure)

    def _end(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = self._dialog = None
