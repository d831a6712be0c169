"""The models on this computer as the window knows them: asks the library's service on lanes, and tells what came."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.cancel import CancelToken
from app.core.errors import InglenookError
from app.core.library import InstalledModel, ModelOrigin, Removal
from app.core.provenance import Provenance
from app.services.library import LibraryService
from app.ui.library.adder import Adder
from app.ui.library.shelf_words import compared_words, found_words, removed_words
from app.ui.library.verifier import Verifier
from app.ui.notice import Notice, NoticeKind
from app.ui.tasks import Emit, Lane, Outcome, Task, Tasks


@dataclass(frozen=True, slots=True)
class Shelved:
    """What the index holds."""

    models: tuple[InstalledModel, ...] = ()
    folders: tuple[Path, ...] = ()
    watched: tuple[Path, ...] = ()  # the folders in which a new one may appear


class Shelf(QObject):
    """One for the window. What is shown comes from the index; scan() brings that up to date."""

    changed = Signal()  # the models or the folders
    work_changed = Signal(str)  # what is being looked for or copied; empty when nothing is
    settings_changed = Signal()  # the service has stored another default model, or other folders
    added = Signal(Path)
    told = Signal(Notice)

    def __init__(self, library: LibraryService, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._tasks = tasks
        self._shelved = Shelved()
        self._scan: Task[int | Shelved] | None = None
        self._tells_found = False
        self._scans_again = False
        self._comparing: Task[float | Shelved] | None = None
        self._adder = Adder(library, tasks, self)
        self._awaited: list[Path] = []  # added, and not listed yet
        self.verifier = Verifier(library, tasks, self)
        self.is_known = False
        self._adder.work_changed.connect(self.tell_work)
        self._adder.told.connect(self.told)
        self.verifier.verified.connect(self.refresh)

    @property
    def models(self) -> tuple[InstalledModel, ...]:
        """All that are known, the included one first, the others by name."""
        return self._shelved.models

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where models are looked for, the folder of downloads first."""
        return self._shelved.folders

    @property
    def watched(self) -> tuple[Path, ...]:
        """The folders that are there and in which a new model may appear."""
        return self._shelved.watched

    @property
    def is_scanning(self) -> bool:
        """Whether folders are being looked through, or are about to be."""
        return self._scan is not None

    def model(self, path: Path) -> InstalledModel | None:
        """The model that is opened by this file; None when it is not known."""
        return next((one for one in self.models if one.path == path), None)

    def model_of(self, provenance: Provenance) -> InstalledModel | None:
        """The model that made an answer, by its checksum or else its file; None when it is not here any more."""
        there = [one for one in self.models if not one.is_missing and not one.problem]
        by_path = [one for one in there if one.path == provenance.load.path]
        if provenance.sha256:
            same = [one for one in (*by_path, *there) if one.sha256 == provenance.sha256]
            unknown = [one for one in by_path if not one.sha256]
            return next(iter(same + unknown), None)
        return next(iter(by_path), None)

    def path_to_load(self, path: Path) -> Path | None:
        """What the loader is asked for: None stands for the included model."""
        model = self.model(path)
        return None if model is not None and model.origin is ModelOrigin.INCLUDED else path

    def refresh(self) -> None:
        """Ask the index."""
        library = self._library
        self._run(Lane.SIDE, lambda emit, _: emit(_ask(library)), self._on_shelved)

    def scan(self, *, tells_found: bool = False) -> None:
        """Look through all folders; `tells_found` says afterwards what there is of other applications."""
        self._tells_found = self._tells_found or tells_found
        if self._scan is not None:
            return
        library, before = self._library, self.models

        def work(emit: Emit[int | Shelved], cancel: CancelToken) -> None:
            for count in library.scan(cancel):
                emit(count)
            emit(_ask(library))

        self._scan = self._tasks.run(
            Lane.SIDE, work, self._on_scan_event, lambda out: self._end_scan(before, out), self._on_scan_failed
        )
        self.tell_work()

    def stop(self) -> None:
        """Give up looking and copying."""
        self._adder.stop()
        self._scans_again = False
        for task in (self._scan, self._comparing):
            if task is not None:
                task.cancel()

    def add(self, paths: Sequence[Path], *, copy: bool = False) -> None:
        """Add files, or copies of them in the folder of downloads; `added` follows for each."""
        for path in paths:
            self._adder.add(path, copy=copy, on_added=self._on_added)

    def removal(self, path: Path) -> Removal | None:
        """What would go to the trash with a model; None where that cannot be told, which `told` says."""
        try:
            return self._library.removal(path)
        except InglenookError as error:
            self._on_failed(error)
            return None

    def remove(self, model: InstalledModel, *, quietly: bool = False) -> None:
        """Move a model's files to the trash, or take another application's off the list; says what was done."""
        library = self._library

        def work(emit: Emit[int | Shelved], _cancel: CancelToken) -> None:
            emit(library.remove(model.path))
            emit(_ask(library))

        def on_event(event: int | Shelved) -> None:
            if isinstance(event, Shelved):
                self.settings_changed.emit()  # it may have been the default
                self._on_shelved(event)
            elif not quietly:
                self.told.emit(Notice(removed_words(model, event), NoticeKind.NOTE))

        self._run(Lane.SIDE, work, on_event)

    def add_folder(self, folder: Path) -> None:
        """Look there too, now and from now on."""
        if self._do(lambda: self._library.add_folder(folder)):
            self.settings_changed.emit()
            self._scans_again = self.is_scanning  # what runs may have passed there already
            self.scan()

    def forget_folder(self, folder: Path) -> None:
        """Look there no more."""
        if self._do(lambda: self._library.forget_folder(folder)):
            self.settings_changed.emit()
            self._scans_again = self.is_scanning  # what runs may have passed there already
            self.scan()

    def choose_default(self, path: Path) -> None:
        """Load this one at the start from now on."""
        if self._do(lambda: self._library.choose_default(self.path_to_load(path))):
            self.settings_changed.emit()
            self.refresh()

    def find_duplicates(self) -> None:
        """Work out which files have the same content; reads those that are as large as another from end to end."""
        if self._comparing is not None:
            return
        library = self._library

        def work(emit: Emit[float | Shelved], cancel: CancelToken) -> None:
            library.find_duplicates(cancel, emit)
            emit(_ask(library))

        self._comparing = self._tasks.run(
            Lane.FILES, work, self._on_compare_event, self._end_comparing, self._on_compare_failed
        )
        self.tell_work("Comparing models of the same size…")

    def tell_work(self, copying: str = "") -> None:
        """Say by `work_changed` the last of what is under way; what else is comes to word when that is done."""
        looking = "Looking for models…" if self._scan is not None else ""
        comparing = "Comparing models of the same size…" if self._comparing is not None else ""
        self.work_changed.emit(copying or looking or comparing)

    def _do(self, act: Callable[[], None]) -> bool:
        """What only writes a line of the settings or of the index is done at once."""
        try:
            act()
        except InglenookError as error:
            self._on_failed(error)
            return False
        return True

    def _run(self, lane: Lane, work: Callable[..., None], on_event: Callable[..., None]) -> None:
        self._tasks.run(lane, work, on_event, lambda _: None, self._on_failed)

    def _on_added(self, model: InstalledModel) -> None:
        self._awaited.append(model.path)
        self.refresh()

    def _on_shelved(self, shelved: Shelved) -> None:
        is_first, self.is_known = not self.is_known, True
        if shelved != self._shelved or is_first:
            self._shelved = shelved
            self.changed.emit()
        for path in [path for path in self._awaited if self.model(path) is not None]:
            self._awaited.remove(path)
            self.added.emit(path)

    def _on_scan_event(self, event: int | Shelved) -> None:
        if isinstance(event, Shelved):
            self._on_shelved(event)
        else:
            self.work_changed.emit(f"Looking for models… {event:,} found so far")

    def _end_scan(self, before: Sequence[InstalledModel], outcome: Outcome) -> None:
        self._scan = None
        self.tell_work()
        if self._tells_found and outcome is Outcome.COMPLETED:
            self.told.emit(Notice(found_words(before, self.models), NoticeKind.NOTE))
        self._tells_found = False
        again, self._scans_again = self._scans_again, False
        if again:
            self.scan()

    def _on_compare_event(self, event: float | Shelved) -> None:
        if isinstance(event, Shelved):
            self._on_shelved(event)
            self.told.emit(Notice(compared_words(event.models), NoticeKind.NOTE))
        else:
            self.work_changed.emit(f"Comparing models of the same size: {event:.0%}")

    def _end_comparing(self, _outcome: Outcome) -> None:
        self._comparing = None
        self.tell_work()

    def _on_compare_failed(self, error: InglenookError) -> None:
        self._end_comparing(Outcome.CANCELLED)
        self._on_failed(error)

    def _on_scan_failed(self, error: InglenookError) -> None:
        self._end_scan((), Outcome.CANCELLED)
        self._on_failed(error)

    def _on_failed(self, error: InglenookError) -> None:
        self.told.emit(Notice(error.sentence))


def _ask(library: LibraryService) -> Shelved:
    return Shelved(library.models(), library.folders(), library.folders_to_watch())
