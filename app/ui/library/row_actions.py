"""What stands at the end of a precision's row: Download with a small menu, or the buttons of its download."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from app.core.download import DownloadState
from app.ui.downloads.acts import DownloadAct
from app.ui.downloads.buttons import DownloadButtons
from app.ui.downloads.runner import FileDownload
from app.ui.text_action import text_action


class RowActions(QWidget):
    """Says what is pressed."""

    acted = Signal(DownloadAct)
    link_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.download_button = QPushButton("Download", self)
        self.download_button.clicked.connect(lambda: self.acted.emit(DownloadAct.START))
        self.buttons = DownloadButtons(self)
        self.buttons.hide()
        self.buttons.acted.connect(self.acted)
        self.menu_button = QToolButton(self)
        self.menu_button.setText("⋯")
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.menu = QMenu(self)
        self.link_action = text_action(self.menu, "Copy link")
        self.link_action.triggered.connect(self._on_link_chosen)
        self.menu_button.setMenu(self.menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self.download_button, self.buttons, self.menu_button):
            row.addWidget(widget)

    def _on_link_chosen(self) -> None:
        self.link_requested.emit()

    def show_file(self, called: str, *, is_advised: bool, has_address: bool) -> None:
        """Show what can be done about a file; without an address it cannot be had."""
        kind = "go" if is_advised else ""
        if self.download_button.property("kind") != kind:
            self.download_button.setProperty("kind", kind)
            self.download_button.style().polish(self.download_button)
        unknown = "Where this file can be had is not known"
        self.download_button.setEnabled(has_address)
        self.download_button.setAccessibleName(f"Download {called}")
        self.download_button.setToolTip("Shows what it takes and its licence first" if has_address else unknown)
        self.menu_button.setEnabled(has_address)
        self.menu_button.setAccessibleName(f"More about {called}")
        self.menu_button.setToolTip("More" if has_address else unknown)
        self.link_action.setToolTip("Copy the address of the page that has this file")

    def show_download(self, found: FileDownload, called: str) -> None:
        """Show the buttons of its download in place of Download."""
        had_keyboard = self.window().focusWidget() is self.download_button  # also behind a dialog
        self.download_button.setVisible(not found)
        self.buttons.setVisible(bool(found))
        if found.progress is not None:
            self.buttons.show_download(found.progress.download)
        elif found.is_asked:
            self.buttons.show_asking(called)
        self.menu_button.setVisible(not found or _is_done(found))
        if had_keyboard and found:
            self.buttons.other_button.setFocus()


def _is_done(found: FileDownload) -> bool:
    return found.progress is not None and found.progress.download.state is DownloadState.DONE
