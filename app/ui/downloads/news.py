"""Tells how downloads end: in the window, and by the system's own notification where the window is not in front."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QSystemTrayIcon, QWidget

from app.core.download import Download
from app.core.errors import InglenookError
from app.ui.downloads.desk import DownloadDesk
from app.ui.downloads.words import called
from app.ui.icons import application_icon
from app.ui.notice import Notice, NoticeKind

_SHOWN_MILLISECONDS = 15_000


class DownloadNews(QObject):
    """`show_notice` is the chat page's; with a notice of a finished model comes the offer to change to it.

    `resources` has the icon that stands beside the system's notifications.
    """

    show_requested = Signal()  # the page of downloads

    def __init__(
        self, desk: DownloadDesk, show_notice: Callable[[Notice], None], resources: Path, window: QWidget
    ) -> None:
        super().__init__(window)
        self._show_notice = show_notice
        self._desk = desk
        self._resources = resources
        self._window = window
        self._tray: QSystemTrayIcon | None = None
        self._finished: Path | None = None
        self._hide = QTimer(self)
        self._hide.setSingleShot(True)
        self._hide.setInterval(_SHOWN_MILLISECONDS)
        self._hide.timeout.connect(self._on_shown_long_enough)
        desk.runner.done.connect(self._on_done)
        desk.runner.stopped.connect(self._on_stopped)
        desk.runner.failed.connect(self._on_failed)

    def _on_done(self, download: Download) -> None:
        path = download.model_path
        sentence = f"{called(download)} is ready."
        self._show_notice(Notice(sentence, NoticeKind.NOTE, "Open it", lambda: self._desk.open_requested.emit(path)))
        self._finished = path
        self._tell_system(sentence)

    def _on_stopped(self, download: Download) -> None:
        sentence = f"The download of {called(download)} stopped. {download.sentence}".strip()
        self._show_notice(Notice(sentence, NoticeKind.ERROR, "Show downloads", self.show_requested.emit))
        self._finished = None
        self._tell_system(sentence)

    def _on_failed(self, error: InglenookError) -> None:
        self._show_notice(Notice(error.sentence))

    def _tell_system(self, sentence: str) -> None:
        """Only where the system can: a tray icon has to be in view as long as its message."""
        if self._window.isActiveWindow() or not QSystemTrayIcon.isSystemTrayAvailable():
            return
        icon = application_icon(self._resources)
        if self._tray is None:
            self._tray = QSystemTrayIcon(icon, self)
            self._tray.messageClicked.connect(self._on_message_clicked)
        if self._tray.supportsMessages():
            self._tray.show()
            self._tray.showMessage("Inglenook", sentence, icon)
            self._hide.start()

    def _on_message_clicked(self) -> None:
        self._window.raise_()
        self._window.activateWindow()
        if self._finished is None:
            self.show_requested.emit()

    def _on_shown_long_enough(self) -> None:
        if self._tray is not None:
            self._tray.hide()
