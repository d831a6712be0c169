"""Makes a speed report on the engine lane and says how far that has come."""

from PySide6.QtCore import QObject, Signal

from app.core.cancel import CancelToken
from app.core.errors import InglenookError
from app.core.speed import DEFAULT_RUNS, STANDARD_TESTS
from app.services.speed import SpeedService
from app.services.speed_events import (
    SpeedEvent,
    SpeedModelLoading,
    SpeedReportDone,
    SpeedRunDone,
    SpeedTestStarted,
)
from app.ui.tasks import Emit, Lane, Outcome, Task, Tasks


class SpeedRunner(QObject):
    """One report at a time. `ended` follows every start, after everything else."""

    model_loading = Signal(SpeedModelLoading)
    test_started = Signal(SpeedTestStarted)
    run_done = Signal(SpeedRunDone)
    report_done = Signal(SpeedReportDone)
    failed = Signal(InglenookError)
    ended = Signal()

    def __init__(self, speed: SpeedService, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._speed = speed
        self._tasks = tasks
        self._task: Task[SpeedEvent] | None = None

    @property
    def is_running(self) -> bool:
        """Whether a report is being made, or waits for its turn."""
        return self._task is not None

    @property
    def has_to_wait(self) -> bool:
        """Whether the engine is at work for somebody else now."""
        return self._task is None and self._tasks.is_busy_on(Lane.ENGINE)

    def start(self) -> None:
        """Measure the model in use as soon as the engine is free; harmless while that is done."""
        if self._task is not None:
            return
        speed = self._speed

        def work(emit: Emit[SpeedEvent], cancel: CancelToken) -> None:
            for event in speed.run(STANDARD_TESTS, DEFAULT_RUNS, cancel):
                emit(event)

        self._task = self._tasks.run(Lane.ENGINE, work, self._on_event, self._on_finished, self._on_failed)

    def stop(self) -> None:
        """Ask the run to end with what there is."""
        if self._task is not None:
            self._task.cancel()

    def _on_event(self, event: SpeedEvent) -> None:
        if isinstance(event, SpeedModelLoading):
            self.model_loading.emit(event)
        elif isinstance(event, SpeedTestStarted):
            self.test_started.emit(event)
        elif isinstance(event, SpeedRunDone):
            self.run_done.emit(event)
        elif isinstance(event, SpeedReportDone):
            self.report_done.emit(event)

    def _on_finished(self, _outcome: Outcome) -> None:
        self._task = None
        self.ended.emit()

    def _on_failed(self, error: InglenookError) -> None:
        self._task = None
        self.failed.emit(error)
        self.ended.emit()
