"""Adds model files to the library on a lane, one after the other, and says how far copying has come."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.cancel import CancelToken
from app.core.errors import InglenookError
from app.core.library import InstalledModel
from app.services.library import LibraryService
from app.ui.notice import Notice
from app.ui.tasks import Emit, Lane, Outcome, Task, Tasks


class Adder(QObject):
    """A file that cannot be added keeps none of the others from it."""

    work_changed = Signal(str)  # what is being copied; empty when nothing is any more
    added = Signal(Path)
    told = Signal(Notice)

    def __init__(self, library: LibraryService, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._tasks = tasks
        self._copying: list[Task[float | InstalledModel]] = []

    @property
    def is_copying(self) -> bool:
        """Whether a file is being copied, or is about to be."""
        return bool(self._copying)

    def add(self, path: Path, *, copy: bool, on_added: Callable[[InstalledModel], None]) -> None:
        """Add a file in place, or a copy of it in the folder of downloads."""
        library = self._library

        def work(emit: Emit[float | InstalledModel], cancel: CancelToken) -> None:
            emit(library.add(path, cancel, copy=copy, on_progress=emit))

        def on_event(event: float | InstalledModel) -> None:
            if isinstance(event, InstalledModel):
                on_added(event)
            elif copy:
                self.work_changed.emit(f"Copying {path.name}: {event:.0%}")

        def on_ended(_outcome: Outcome) -> None:
            if task in self._copying:
                self._copying.remove(task)
                self.work_changed.emit("")

        def on_failed(error: InglenookError) -> None:
            on_ended(Outcome.CANCELLED)
            self.told.emit(Notice(error.sentence))

        task = self._tasks.run(Lane.FILES if copy else Lane.SIDE, work, on_event, on_ended, on_failed)
        if copy:
            self._copying.append(task)
            self.work_changed.emit(f"Copying {path.name}…")

    def stop(self) -> None:
        """Give up copying."""
        for task in self._copying:
            task.cancel()
