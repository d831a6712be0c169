"""Takes the files that the system asks the running application to open, as macOS does for a double click."""

import sys
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Signal
from PySide6.QtGui import QFileOpenEvent

IS_ASKED_BY_SYSTEM = sys.platform == "darwin"


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file on this computer that the user opened outside the window."""

    path: Path


class FileOpening(QObject):
    """Watches the `application` on macOS; `parent` is what uses the files.

    Nowhere else: all events of all objects pass through an application's filter, and each costs a call of Python.
    """

    given = Signal(GivenFile)

    def __init__(self, application: QCoreApplication, parent: QObject) -> None:
        super().__init__(parent)
        if IS_ASKED_BY_SYSTEM:
            application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.FileOpen and isinstance(event, QFileOpenEvent) and event.file():
            self.given.emit(GivenFile(Path(event.file())))
            return True
        return super().eventFilter(watched, event)
