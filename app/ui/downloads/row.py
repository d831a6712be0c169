"""One download on its page: what it is, how far it has come, and what can be done about it."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.core.download import DownloadProgress, DownloadState
from app.ui.downloads.acts import DownloadAct
from app.ui.downloads.buttons import DownloadButtons
from app.ui.downloads.strip import DownloadStrip
from app.ui.downloads.words import called, facts_words
from app.ui.elided_label import ElidedLabel
from app.ui.labels import text_label
from app.ui.library.tile import LetterTile
from app.ui.theme import Appearance

_NAMES_WIDTH = 230
_MOST = 16777215
_TONES = {
    DownloadState.RUNNING: "accent",
    DownloadState.FAILED: "bad",
    DownloadState.DONE: "good",
}


class DownloadRow(QFrame):
    """Says what is pressed."""

    acted = Signal(DownloadAct)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._is_narrow = False
        self._acts_place: tuple[int, bool] | None = None
        self.setObjectName("ModelCard")
        self.tile = LetterTile(appearance, self)
        self.name = ElidedLabel(self, Qt.TextElideMode.ElideRight)
        self.name.setProperty("kind", "heading")
        self.facts = text_label("", "small", self, wraps=True)
        self.strip = DownloadStrip(appearance, self)
        self.buttons = DownloadButtons(self, is_listed=True)
        self.buttons.acted.connect(self.acted)
        self.folder_button = QPushButton("Show in folder", self)
        self.folder_button.setToolTip("Open the folder that the model lies in")
        self.folder_button.clicked.connect(lambda: self.acted.emit(DownloadAct.SHOW_IN_FOLDER))
        self.up_button = _arrow("Fetch it sooner", self)
        self.down_button = _arrow("Fetch it later", self)
        self.up_button.clicked.connect(lambda: self.acted.emit(DownloadAct.MOVE_UP))
        self.down_button.clicked.connect(lambda: self.acted.emit(DownloadAct.MOVE_DOWN))
        self._lay_out()
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def show_progress(self, progress: DownloadProgress) -> None:
        """Show how far it has come."""
        download = progress.download
        is_done = download.state is DownloadState.DONE
        self.name.show_text(download.name)
        self.facts.setText(facts_words(download))
        self.facts.setToolTip("\n".join((download.repository, *(file.path for file in download.files))))
        self.tile.show_letter(download.name, _TONES.get(download.state, "plain"))
        self.strip.show_progress(progress)
        self.buttons.show_download(download)
        self.folder_button.setVisible(is_done)
        self.folder_button.setAccessibleName(f"Show in folder: {called(download)}")
        self.up_button.setAccessibleName(f"Fetch sooner: {called(download)}")
        self.down_button.setAccessibleName(f"Fetch later: {called(download)}")
        self._place_acts()

    def show_moves(self, *, sooner: bool, later: bool) -> None:
        """Show whether it can come sooner or later; both buttons go where neither can be."""
        for button, can in ((self.up_button, sooner), (self.down_button, later)):
            button.setVisible(sooner or later)
            button.setEnabled(can)
        self._place_acts()

    def set_narrow(self, narrow: bool) -> None:
        """Put the bar below the names instead of beside them."""
        grid, middle = self._grid, Qt.AlignmentFlag.AlignVCenter
        self._is_narrow = narrow
        for widget in (self.tile, self._names, self.strip):
            grid.removeWidget(widget)
        top = Qt.AlignmentFlag.AlignTop if narrow else middle
        grid.addWidget(self.tile, 0, 0, top)
        grid.addWidget(self._names, 0, 1, top)
        if narrow:
            grid.addWidget(self.strip, 1, 1, 1, 3)
        else:
            grid.addWidget(self.strip, 0, 2)
        self._names.setMinimumWidth(0 if narrow else _NAMES_WIDTH)
        self._names.setMaximumWidth(_MOST if narrow else _NAMES_WIDTH)
        grid.setColumnStretch(1, 1 if narrow else 0)
        grid.setColumnStretch(2, 0 if narrow else 1)
        self._place_acts()

    def _place_acts(self) -> None:
        """Beside the rest, or below it where little width would have to hold more than two buttons."""
        extras = (self.up_button, self.folder_button, self.buttons.page_button)
        is_below = self._is_narrow and not all(button.isHidden() for button in extras)
        place = (2 if is_below else 0, self._is_narrow)
        if place != self._acts_place:
            self._acts_place = place
            self._grid.removeWidget(self._acts)
            if is_below:
                self._grid.addWidget(self._acts, 2, 1, 1, 3, Qt.AlignmentFlag.AlignRight)
            else:
                top = Qt.AlignmentFlag.AlignTop if self._is_narrow else Qt.AlignmentFlag.AlignVCenter
                self._grid.addWidget(self._acts, 0, 3, top)

    def _lay_out(self) -> None:
        self._names = QWidget(self)
        names = QVBoxLayout(self._names)
        names.setContentsMargins(0, 0, 0, 0)
        names.setSpacing(0)
        names.addWidget(self.name)
        names.addWidget(self.facts)
        self._acts = QWidget(self)
        acts = QHBoxLayout(self._acts)
        acts.setContentsMargins(0, 0, 0, 0)
        acts.setSpacing(6)
        for widget in (self.up_button, self.down_button, self.folder_button, self.buttons):
            acts.addWidget(widget)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(17, 13, 17, 13)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(8)
        self.set_narrow(False)

    def _on_appearance_changed(self) -> None:
        self.up_button.setIcon(self._appearance.icon("arrow-up"))
        self.down_button.setIcon(self._appearance.icon("arrow-down"))


def _arrow(explained: str, parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setToolTip(explained)
    button.setIconSize(QSize(16, 16))
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
