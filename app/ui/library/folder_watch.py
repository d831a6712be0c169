"""Watches the folders of models, and has them looked through when a model comes or goes."""

import os
from collections.abc import Callable, Collection
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer

from app.core.cancel import CancelToken
from app.ui.library.shelf import Shelf
from app.ui.tasks import Emit, Lane, Tasks

_SETTLING_MILLISECONDS = 1500
_Names = dict[Path, frozenset[str]]


class FolderWatch(QObject):
    """Folders of models and those that models were found in; a download that is written to one of them is no news."""

    def __init__(self, shelf: Shelf, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._tasks = tasks
        self._touched: set[Path] = set()
        self._names: _Names = {}
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self._on_directory_changed)
        self.settling = QTimer(self)
        self.settling.setSingleShot(True)
        self.settling.setInterval(_SETTLING_MILLISECONDS)
        self.settling.timeout.connect(self._on_settled)
        shelf.changed.connect(self._on_shelf_changed)

    @property
    def folders(self) -> list[Path]:
        """What is watched."""
        return sorted(Path(folder) for folder in self._watcher.directories())

    def _on_shelf_changed(self) -> None:
        names = {str(folder) for folder in self._shelf.watched}
        watched = set(self._watcher.directories())
        if gone := watched - names:
            self._watcher.removePaths(sorted(gone))
        if new := sorted(names - watched):
            self._watcher.addPaths(new)
            self._list([Path(name) for name in new], self._names.update)

    def _on_directory_changed(self, folder: str) -> None:
        self._touched.add(Path(folder))
        self.settling.start()

    def _on_settled(self) -> None:
        touched, self._touched = self._touched, set()
        self._list(touched, self._on_listed)

    def _on_listed(self, names: _Names) -> None:
        has_news = any(self._names.get(folder) != listed for folder, listed in names.items())
        self._names.update(names)
        if has_news:
            self._shelf.scan()

    def _list(self, folders: Collection[Path], tell: Callable[[_Names], None]) -> None:
        """What lies in the folders, asked on a lane: a disk of the network may take its time."""

        def work(emit: Emit[_Names], _cancel: CancelToken) -> None:
            emit({folder: _names_in(folder) for folder in folders})

        self._tasks.run(Lane.SIDE, work, tell, lambda _: None, lambda _: None)


def _names_in(folder: Path) -> frozenset[str]:
    """The folders and GGUF files in a folder; none when it is gone."""
    try:
        with os.scandir(folder) as entries:
            return frozenset(one.name for one in entries if one.name.lower().endswith(".gguf") or one.is_dir())
    except OSError:
        return frozenset()
