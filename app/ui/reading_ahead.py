"""Reads from the disk, beside the window and in moments when nobody waits, what will be needed next."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.cancel import CancelToken
from app.ui.tasks import Emit, Lane, Tasks

_CALM_MILLISECONDS = 3000


class ReadingAhead(QObject):
    """`calm` tells once that nobody has waited for the window or the engine since it was started."""

    transcript_read = Signal()
    calm = Signal()

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._has_read = False
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(_CALM_MILLISECONDS)
        self._calm.timeout.connect(self._on_calm)

    def begin(self) -> None:
        """Read what the first message and the library need now that the window is painted, the rest when it is calm."""
        self._calm.start()
        self._read(_read_pages, self.transcript_read.emit)

    def note_load(self) -> None:
        """A model was loaded: somebody may want to write to it now."""
        if not self._has_read:
            self._calm.start()

    def _on_calm(self) -> None:
        if self._tasks.is_busy_on(Lane.ENGINE):  # beside an answer it would halve its speed
            self._calm.start()
            return
        self._has_read = True
        self._read(_read_blocks, lambda: None)
        self.calm.emit()

    def _read(self, read: Callable[[CancelToken], None], tell: Callable[[], None]) -> None:
        def work(_emit: Emit[None], cancel: CancelToken) -> None:
            read(cancel)

        self._tasks.run(Lane.SIDE, work, lambda _: None, lambda _: tell(), lambda _: None)


def _read_pages(_cancel: CancelToken) -> None:
    from app.ui.downloads import page  # noqa: F401 (that they are read is what is wanted)
    from app.ui.library import page as library_page  # noqa: F401
    from app.ui.library import shelf_page  # noqa: F401
    from app.ui.transcript import view  # noqa: F401


def _read_blocks(cancel: CancelToken) -> None:
    from app.ui.transcript.blocks.read_ahead import read_ahead

    read_ahead(cancel)
