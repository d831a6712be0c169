"""The buttons of a download: what can be done about it in the state that it is in."""

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.core.download import Download, DownloadState
from app.ui.downloads.acts import DownloadAct
from app.ui.downloads.words import called


@dataclass(frozen=True, slots=True)
class _Button:
    words: str
    act: DownloadAct
    explained: str


_PAUSE = _Button("Pause", DownloadAct.PAUSE, "Let it rest; what is fetched stays")
_RESUME = _Button("Resume", DownloadAct.RESUME, "Go on where it is")
_RETRY = _Button("Retry", DownloadAct.RESUME, "Try it again, from where it is")
_OPEN = _Button("Open", DownloadAct.OPEN, "Load this model and chat with it")
_CANCEL = _Button("Cancel", DownloadAct.CANCEL, "Take it off the list, and delete what is fetched of it")
_CLEAR = _Button("Clear", DownloadAct.CLEAR, "Take it off the list; the model stays on this computer")

_MAIN = {
    DownloadState.WAITING: _PAUSE,
    DownloadState.RUNNING: _PAUSE,
    DownloadState.PAUSED: _RESUME,
    DownloadState.FAILED: _RETRY,
    DownloadState.DONE: _OPEN,
}


class DownloadButtons(QWidget):
    """Two buttons that stay the same ones whatever they say, so that the keyboard stays where it is; others at need.

    With `is_listed`, on the page of downloads, what is finished can be taken off the list, and a token can be given for
    what the hub refused.
    """

    acted = Signal(DownloadAct)

    def __init__(self, parent: QWidget | None = None, *, is_listed: bool = False) -> None:
        super().__init__(parent)
        self._is_listed = is_listed
        self._acts = (DownloadAct.PAUSE, DownloadAct.CANCEL)
        self.page_button = QPushButton("Open its page…", self)
        self.page_button.setToolTip("Shows the address of the page, and opens it in your browser if you like")
        self.page_button.clicked.connect(lambda: self.acted.emit(DownloadAct.SHOW_PAGE))
        self.token_button = QPushButton("Hub token…", self)
        self.token_button.setToolTip("Give the token of your account at the hub")
        self.token_button.clicked.connect(lambda: self.acted.emit(DownloadAct.GIVE_TOKEN))
        self.main_button = QPushButton(self)
        self.other_button = QPushButton(self)
        self.other_button.setProperty("kind", "ghost")
        self.main_button.clicked.connect(lambda: self.acted.emit(self._acts[0]))
        self.other_button.clicked.connect(lambda: self.acted.emit(self._acts[1]))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for button in (self.page_button, self.token_button, self.main_button, self.other_button):
            row.addWidget(button)

    def show_download(self, download: Download) -> None:
        """Show what can be done about it."""
        name = called(download)
        is_done = download.state is DownloadState.DONE
        main, other = _MAIN[download.state], _CLEAR if is_done else _CANCEL
        self._acts = (main.act, other.act)
        for button, says in ((self.main_button, main), (self.other_button, other)):
            button.setText(says.words)
            button.setToolTip(says.explained)
            button.setAccessibleName(f"{says.words}: {name}")
        self._show_kind("go" if is_done else "")
        self.other_button.setVisible(self._is_listed or not is_done)
        is_refused = bool(download.page) and not is_done
        self.page_button.setVisible(is_refused)
        self.token_button.setVisible(is_refused and self._is_listed)
        self.token_button.setAccessibleName(f"Hub token for {name}")
        self.page_button.setAccessibleName(f"Open the page of {name}")

    def show_asking(self, name: str) -> None:
        """Show what can be done while the hub is being asked."""
        self._acts = (DownloadAct.PAUSE, DownloadAct.CANCEL)
        self.main_button.setText(_PAUSE.words)
        self.main_button.setAccessibleName(f"{_PAUSE.words}: {name}")
        self.main_button.setEnabled(False)
        self.other_button.setText(_CANCEL.words)
        self.other_button.setAccessibleName(f"{_CANCEL.words}: {name}")
        self.other_button.show()
        self.page_button.hide()
        self.token_button.hide()

    def _show_kind(self, kind: str) -> None:
        self.main_button.setEnabled(True)
        if self.main_button.property("kind") != kind:
            self.main_button.setProperty("kind", kind)
            self.main_button.style().polish(self.main_button)
