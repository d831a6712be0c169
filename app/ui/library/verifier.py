"""Works out the checksums of model files on a lane, and keeps what came of it to be shown in their rows."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.cancel import CancelToken
from app.core.errors import InglenookError
from app.core.library import Soundness, Verification
from app.services.library import LibraryService
from app.ui.tasks import Emit, Lane, Outcome, Task, Tasks

_TONES = {Soundness.SOUND: "good", Soundness.UNKNOWN: "plain", Soundness.DAMAGED: "bad"}


@dataclass(frozen=True, slots=True)
class RowNews:
    """What is being done to a model's file, or came of it. `fraction` (0 to 1) while it is under way."""

    words: str
    tone: str = "plain"
    fraction: float | None = None


class Verifier(QObject):
    """One file after the other; `news` has what is known of each until the window is closed."""

    changed = Signal()
    verified = Signal(Path)

    def __init__(self, library: LibraryService, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._tasks = tasks
        self._under_way: dict[Path, Task[float | Verification]] = {}
        self.news: dict[Path, RowNews] = {}

    def is_verifying(self, path: Path) -> bool:
        """Whether the file's checksum is being worked out, or is about to be."""
        return path in self._under_way

    def verify(self, path: Path) -> None:
        """Work out a file's checksum, and say what it means; a second call while it runs does nothing."""
        if path in self._under_way:
            return
        library = self._library

        def work(emit: Emit[float | Verification], cancel: CancelToken) -> None:
            emit(library.verify(path, cancel, emit))

        self._under_way[path] = self._tasks.run(
            Lane.FILES,
            work,
            lambda event: self._on_event(path, event),
            lambda outcome: self._on_finished(path, outcome),
            lambda error: self._on_failed(path, error),
        )
        self._tell(path, RowNews("Waiting to be verified…", fraction=0.0))

    def stop(self, path: Path) -> None:
        """Give up working out a checksum."""
        if path in self._under_way:
            self._under_way[path].cancel()

    def _tell(self, path: Path, news: RowNews) -> None:
        self.news[path] = news
        self.changed.emit()

    def _on_event(self, path: Path, event: float | Verification) -> None:
        if isinstance(event, Verification):
            self._tell(path, RowNews(event.sentence, _TONES[event.soundness]))
        else:
            self._tell(path, RowNews(f"Verifying… {event:.0%}", fraction=event))

    def _on_finished(self, path: Path, outcome: Outcome) -> None:
        del self._under_way[path]
        if outcome is Outcome.CANCELLED:
            del self.news[path]
        self.changed.emit()
        self.verified.emit(path)

    def _on_failed(self, path: Path, error: InglenookError) -> None:
        del self._under_way[path]
        self._tell(path, RowNews(error.sentence, "bad"))
