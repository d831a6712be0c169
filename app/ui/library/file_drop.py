"""Takes files that are dropped anywhere onto the window, and says over it that they may be."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.ui.labels import text_label

_INSET = 10


@dataclass(frozen=True, slots=True)
class Dropped:
    """Files and folders on this computer, as they were dropped together."""

    paths: tuple[Path, ...]


class DropHint(QFrame):
    """A sheet over the window; what is below it gets the events all the same."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setObjectName("DropHint")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        column = QVBoxLayout(self)
        column.setSpacing(4)
        column.addStretch()
        for words, kind in (
            ("Drop models to add them", "title"),
            ("Files that end in .gguf, or a folder of them", "quiet"),
        ):
            column.addWidget(text_label(words, kind, self), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        self.hide()

    def cover(self) -> None:
        """Show it over the whole of its parent."""
        self.setGeometry(self._over.rect().adjusted(_INSET, _INSET, -_INSET, -_INSET))
        self.raise_()
        self.show()


class FileDrop(QObject):
    """Watches `window` and what in it takes drops by itself, which is left what is no file; later parts by watch()."""

    dropped = Signal(Dropped)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.hint = DropHint(window)
        self.watch(window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def watch(self, part: QWidget) -> None:
        """Watch what takes drops by itself in a part of the window; a second time changes nothing."""
        for child in part.findChildren(QWidget):
            if child.acceptDrops():
                child.installEventFilter(self)

    def _enter(self, event: QDragMoveEvent) -> bool:
        if not _files(event.mimeData()):
            return False
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if not self.hint.isVisible():
            self.hint.cover()
        return True

    def _drop(self, event: QDropEvent) -> bool:
        self.hint.hide()
        files = _files(event.mimeData())
        if not files:
            return False
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.dropped.emit(Dropped(tuple(files)))
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QDragEnterEvent | QDragMoveEvent):
            return self._enter(event)
        if event.type() is QEvent.Type.DragLeave:
            self.hint.hide()
        elif isinstance(event, QDropEvent):
            return self._drop(event)
        return super().eventFilter(watched, event)


def _files(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
