"""The card of one model: what it is and how it runs here; opened, with a row for each of its precisions."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QFrame, QGridLayout, QPushButton, QVBoxLayout, QWidget

from app.core.download import DownloadState
from app.core.plan import Remedy
from app.ui.downloads.acts import DownloadAct
from app.ui.downloads.buttons import DownloadButtons
from app.ui.downloads.runner import FileDownload
from app.ui.downloads.strip import DownloadStrip
from app.ui.elided_label import ElidedLabel
from app.ui.labels import text_label
from app.ui.library.pill import Pill
from app.ui.library.precision_table import PrecisionTable
from app.ui.library.ranking import ListedModel
from app.ui.library.tile import LetterTile
from app.ui.library.words import fetched_facts, headline, model_facts, verdict_tone, verdict_words
from app.ui.theme import Appearance

_BEST = "best for this computer"
_NO_FILES = "No file of it is known."
_MOST = 16777215
_NAMES_WIDTH = 310


class ModelCard(QFrame):
    """The rows are only made when the card is first opened."""

    row_chosen = Signal(str)
    row_hovered = Signal(str)
    link_requested = Signal(str)
    acted = Signal(str, DownloadAct)
    remedy_requested = Signal(Remedy)
    opened = Signal(bool)
    card_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._listed: ListedModel | None = None
        self._chosen = ""
        self._is_narrow = False
        self._downloads: dict[str, FileDownload] = {}  # by the names of files, those that are on the list
        self._is_best = False
        self._fetched = ""  # the file whose download the head shows
        self.table: PrecisionTable | None = None
        self.setObjectName("ModelCard")
        self.tile = LetterTile(appearance, self)
        self.name = ElidedLabel(self, Qt.TextElideMode.ElideRight)
        self.name.setProperty("kind", "heading")
        self.best = Pill(appearance, self)
        self.best.show_words(_BEST, "accent", "The best quality that is fast enough here")
        self.facts = text_label("", "small", self, wraps=True)
        self.pill = Pill(appearance, self)
        self.reason = text_label("", "small", self, wraps=True)
        self.strip = DownloadStrip(appearance, self)
        self.buttons = DownloadButtons(self)
        self.buttons.acted.connect(lambda act: self.acted.emit(self._fetched, act))
        self.button = QPushButton(self)
        self.button.setToolTip("Every file of this model: how large, how good, where it runs and how fast")
        self.button.setCheckable(True)
        self.button.clicked.connect(self.set_open)
        self.offers_card = False  # whether what the makers say can be asked for
        self.card_button = QPushButton("model card ▾", self)
        self.card_button.setProperty("kind", "ghost")
        self.card_button.setToolTip("Ask the hub for what the makers say of it")
        self.card_button.clicked.connect(self.card_requested)
        self.card_button.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(1, 1, 1, 1)
        self._column.setSpacing(0)
        self._lay_out_head()

    @property
    def listed(self) -> ListedModel | None:
        """What is shown."""
        return self._listed

    @property
    def is_open(self) -> bool:
        """Whether the precisions are shown."""
        return self.table is not None and not self.table.isHidden()

    def show_model(self, listed: ListedModel, *, is_best: bool) -> None:
        """Show how a model runs."""
        plan, file = listed.plan, headline(listed.plan)
        self._is_best = is_best
        self._show_best()
        self.tile.show_letter(plan.name, _tile_tone(listed, is_best=is_best))
        if listed == self._listed:
            return
        self._listed = listed
        self.name.show_text(plan.name)
        self._show_facts()
        self.button.setAccessibleName(f"Precisions of {plan.name}")
        self.card_button.setAccessibleName(f"Model card of {plan.name}")
        self.button.setEnabled(bool(plan.files))
        if file is not None:
            self.pill.show_words(verdict_words(file, plan), verdict_tone(file, plan.machine), file.reason)
        self.reason.setText(f"{file.file.quantization}: {file.reason}" if file else _NO_FILES)
        self._refresh_table()

    def show_chosen(self, file_name: str) -> None:
        """Mark the row of a file; an empty name marks none."""
        self._chosen = file_name
        if self.table is not None:
            self.table.show_chosen(file_name)

    def show_downloads(self, downloads: dict[str, FileDownload]) -> None:
        """Show what is on the list of its files, by their names."""
        if self.table is not None:
            for name in self._downloads.keys() | downloads.keys():
                self.table.show_download(name, downloads.get(name, FileDownload()))
        had_one = self._fetched
        self._downloads = downloads
        self._fetched = next((name for name, found in downloads.items() if _is_unfinished(found)), "")
        found = downloads.get(self._fetched, FileDownload())
        if found.progress is not None:
            self.strip.show_progress(found.progress)
            self.buttons.show_download(found.progress.download)
        elif found.is_asked:
            self.strip.show_asking(self.name.text())
            self.buttons.show_asking(self.name.text())
        if self._fetched != had_one:
            self._show_verdict()

    def set_open(self, is_open: bool) -> None:
        """Show the precisions, or fold them away."""
        if is_open and self.table is None:
            self._make_table()
        if self.table is not None:
            self.table.setVisible(is_open)
        self.button.setChecked(is_open)
        self._foot.setVisible(is_open)
        self._show_verdict()
        self.opened.emit(is_open)

    def set_narrow(self, narrow: bool) -> None:
        """Put the verdict below the name instead of beside it."""
        self._is_narrow = narrow
        head = self._head
        self._title.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        self._title.setSpacing(2 if narrow else 8)
        head.addWidget(self.tile, 0, 0, Qt.AlignmentFlag.AlignTop if narrow else Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self._names, 0, 1, 1, 1)
        head.addWidget(self.button, 0, 5, Qt.AlignmentFlag.AlignTop if narrow else Qt.AlignmentFlag.AlignVCenter)
        if narrow:
            head.addWidget(self.pill, 1, 1, 1, 5)
            head.addWidget(self.reason, 2, 1, 1, 5)
            head.addWidget(self.card_button, 1, 1, 1, 5, Qt.AlignmentFlag.AlignLeft)
        else:
            head.addWidget(self.pill, 0, 2, Qt.AlignmentFlag.AlignVCenter)
            head.addWidget(self.reason, 0, 3)
            head.addWidget(self.card_button, 0, 4, Qt.AlignmentFlag.AlignVCenter)
        self._show_verdict()
        if self.table is not None:
            self.table.set_narrow(narrow)

    def _lay_out_head(self) -> None:
        self._title = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._title.setSpacing(8)
        self._title.addWidget(self.name)
        self._title.addWidget(self.best, 0, Qt.AlignmentFlag.AlignLeft)
        self._title.addStretch()
        self._names = QWidget(self)
        names = QVBoxLayout(self._names)
        names.setContentsMargins(0, 0, 0, 0)
        names.setSpacing(0)
        names.addLayout(self._title)
        names.addWidget(self.facts)
        self._head = QGridLayout()
        self._head.setContentsMargins(17, 13, 17, 13)
        self._head.setHorizontalSpacing(12)
        self._head.setVerticalSpacing(6)
        self._foot = QWidget(self)
        self._foot.setFixedHeight(8)  # keeps the last row's ground out of the rounded corners
        self._foot.hide()
        self._column.addLayout(self._head)
        self._column.addWidget(self._foot)
        self.set_narrow(False)

    def _show_verdict(self) -> None:
        """Opened, the rows say it; the name then has the room."""
        is_open = self.is_open
        is_fetched = bool(self._fetched) and not is_open
        verb = "Hide" if is_open else "Show"
        self.button.setText(verb if self._is_narrow or is_fetched else f"{verb} precisions")
        has_files = self._listed is None or bool(self._listed.plan.files)
        self.pill.setVisible(not is_open and has_files and not is_fetched)
        self.reason.setVisible(not is_open and not is_fetched)
        offer = self._listed.offer if self._listed is not None else None
        self.card_button.setVisible(is_open and self.offers_card and offer is not None and bool(offer.repository))
        self._place_download(is_fetched)
        self._show_best()
        self._show_facts()
        shares_row = not is_open and not self._is_narrow
        self._names.setMinimumWidth(_NAMES_WIDTH if shares_row else 0)
        self._names.setMaximumWidth(_NAMES_WIDTH if shares_row else _MOST)
        self._head.setColumnStretch(1, 0 if shares_row else 1)
        self._head.setColumnStretch(3, 1 if shares_row else 0)

    def _show_best(self) -> None:
        """It gives way to the name where the download stands beside that."""
        self.best.setVisible(self._is_best and (self._is_narrow or self.is_open or not self._fetched))

    def _place_download(self, is_shown: bool) -> None:
        """A hidden widget over several columns would take the spacing between them away, so it leaves the grid."""
        for widget in (self.strip, self.buttons):
            self._head.removeWidget(widget)
            widget.setVisible(is_shown)
        if is_shown and self._is_narrow:
            self._head.addWidget(self.strip, 1, 1, 1, 5)
            self._head.addWidget(self.buttons, 2, 1, 1, 5, Qt.AlignmentFlag.AlignRight)
        elif is_shown:
            self._head.addWidget(self.strip, 0, 2, 1, 2)
            self._head.addWidget(self.buttons, 0, 4)

    def _make_table(self) -> None:
        self.table = PrecisionTable(self._appearance, self)
        self.table.set_narrow(self._is_narrow)
        self.table.row_chosen.connect(self.row_chosen)
        self.table.row_hovered.connect(self.row_hovered)
        self.table.link_requested.connect(self.link_requested)
        self.table.acted.connect(self.acted)
        self.table.remedy_requested.connect(self.remedy_requested)
        self._column.insertWidget(1, self.table)
        self._refresh_table()

    def _refresh_table(self) -> None:
        if self.table is not None and self._listed is not None:
            offer = self._listed.offer
            self.table.show_model(self._listed.plan, offer.repository if offer else "")
            self.table.show_chosen(self._chosen)
            for name, found in self._downloads.items():
                self.table.show_download(name, found)

    def _show_facts(self) -> None:
        """What the model is; while one of its files is fetched, what that is."""
        if self._listed is None:
            return
        plan, offer = self._listed.plan, self._listed.offer
        file = next((one for one in plan.files if one.file.name == self._fetched and not self.is_open), None)
        self.facts.setText(model_facts(plan, offer) if file is None else fetched_facts(file, offer))


def _is_unfinished(found: FileDownload) -> bool:
    return bool(found) and (found.progress is None or found.progress.download.state is not DownloadState.DONE)


def _tile_tone(listed: ListedModel, *, is_best: bool) -> str:
    file = headline(listed.plan)
    if is_best:
        return "accent"
    return verdict_tone(file, listed.plan.machine) if file else "plain"
