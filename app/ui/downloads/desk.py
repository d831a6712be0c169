"""Does what is pressed on a download, and asks first where something would be lost or an address opened."""

from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtWidgets import QWidget

from app.core.download import Download, DownloadState
from app.core.quantities import file_size
from app.ui.downloads.acts import DownloadAct
from app.ui.downloads.runner import DownloadRunner
from app.ui.downloads.words import called
from app.ui.opening import open_outside

_ASKED_FROM = 100 * 10**6


class DownloadDesk(QObject):
    """`window` is what its questions open in front of."""

    open_requested = Signal(Path)
    token_requested = Signal()

    def __init__(self, runner: DownloadRunner, window: QWidget) -> None:
        super().__init__(window)
        self.runner = runner
        self._window = window

    def act(self, download: Download, act: DownloadAct) -> None:
        """Do it."""
        match act:
            case DownloadAct.PAUSE:
                self.runner.pause(download.id)
            case DownloadAct.RESUME:
                self.runner.resume(download.id)
            case DownloadAct.CANCEL | DownloadAct.CLEAR:
                self._cancel(download)
            case DownloadAct.OPEN:
                self.open_requested.emit(download.model_path)
            case DownloadAct.SHOW_PAGE:
                self.show_page(download.page)
            case DownloadAct.GIVE_TOKEN:
                self.token_requested.emit()
            case DownloadAct.SHOW_IN_FOLDER:
                open_outside(QUrl.fromLocalFile(str(download.model_path.parent)))
            case DownloadAct.MOVE_UP | DownloadAct.MOVE_DOWN:
                self._move(download, -1 if act is DownloadAct.MOVE_UP else 1)
            case DownloadAct.START:
                raise ValueError("a download that is on the list is resumed, not started")

    def show_page(self, address: str) -> None:
        """Show an address, which a press then opens."""
        from app.ui.transcript.links import LinkDialog

        LinkDialog(QUrl(address), self._window).open()

    def _cancel(self, download: Download) -> None:
        if download.state is DownloadState.DONE or download.done_bytes <= _ASKED_FROM:
            self.runner.cancel(download.id)
            return
        from app.ui.questions import QuestionDialog

        question = QuestionDialog(
            f"Cancel the download of {called(download)}?",
            f"The {file_size(download.done_bytes)} that were fetched will be deleted. "
            "Paused, it would stay and could go on later.",
            "Cancel the download",
            self._window,
        )
        question.cancel_button.setText("Keep it")
        question.act_button.clicked.connect(lambda: self.runner.cancel(download.id))
        question.open()

    def _move(self, download: Download, by: int) -> None:
        waiting = [one.id for one in self.runner.downloads if one.state is DownloadState.WAITING]
        if download.id in waiting:
            place = waiting.index(download.id) + by
            if 0 <= place < len(waiting):
                self.runner.move(download.id, place)
