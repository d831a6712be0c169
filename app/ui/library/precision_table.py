"""The precisions of one model, a row for each under the columns' titles."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.core.plan import FilePlan, ModelPlan, Remedy, RemedyKind
from app.ui.downloads.acts import DownloadAct
from app.ui.downloads.runner import FileDownload
from app.ui.labels import hairline, text_label
from app.ui.library.precision_row import (
    ACTION_WIDTH,
    GAP,
    INSET,
    PRECISION_WIDTH,
    QUALITY_WIDTH,
    SIZE_WIDTH,
    SPEED_WIDTH,
    PrecisionRow,
)
from app.ui.theme import Appearance

_TITLES = (
    ("Precision", PRECISION_WIDTH),
    ("Download", SIZE_WIDTH),
    ("Quality against full precision", QUALITY_WIDTH),
    ("Where it runs", 0),
    ("Speed, expected", SPEED_WIDTH),
    ("", ACTION_WIDTH),
)


class PrecisionTable(QWidget):
    """Rows are told apart by the names of their files."""

    row_chosen = Signal(str)
    row_hovered = Signal(str)  # empty when the pointer has left
    link_requested = Signal(str)
    acted = Signal(str, DownloadAct)
    remedy_requested = Signal(Remedy)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._is_narrow = False
        self.rows: dict[str, PrecisionRow] = {}
        self._line = hairline(self)
        self._titles = _title_row(self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._line)
        self._column.addWidget(self._titles)

    def show_model(self, model: ModelPlan, repository: str) -> None:
        """Show a model's files; rows of the same files are kept, with the keyboard where it was."""
        if list(self.rows) != [plan.file.name for plan in model.files]:
            self._make_rows(model.files)
        for plan in model.files:
            self.rows[plan.file.name].show_plan(plan, model, repository)

    def show_chosen(self, file_name: str) -> None:
        """Mark the row of a file; an empty name marks none."""
        for name, row in self.rows.items():
            row.show_chosen(name == file_name)

    def show_download(self, file_name: str, found: FileDownload) -> None:
        """Show how far a file's download has come."""
        if (row := self.rows.get(file_name)) is not None:
            row.show_download(found)

    def set_narrow(self, narrow: bool) -> None:
        """Leave out the columns' titles, and make the rows of two lines."""
        self._is_narrow = narrow
        self._titles.setVisible(not narrow)
        self._line.setVisible(not narrow)  # each row has one of its own above it
        for row in self.rows.values():
            row.set_narrow(narrow)

    def _make_rows(self, files: tuple[FilePlan, ...]) -> None:
        for row in self.rows.values():
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = {}
        for plan in files:
            name = plan.file.name
            row = PrecisionRow(self._appearance, self)
            row.set_narrow(self._is_narrow)
            row.clicked.connect(lambda _=False, name=name: self._on_clicked(name))
            row.hovered.connect(lambda inside, name=name: self.row_hovered.emit(name if inside else ""))
            row.link_requested.connect(lambda name=name: self.link_requested.emit(name))
            row.acted.connect(lambda act, name=name: self.acted.emit(name, act))
            row.remedy_chosen.connect(self._on_remedy_chosen)
            self.rows[name] = row
            self._column.addWidget(row)

    def _on_clicked(self, name: str) -> None:
        self.rows[name].setChecked(True)  # a second press does not take it back
        self.row_chosen.emit(name)

    def _on_remedy_chosen(self, remedy: Remedy) -> None:
        if remedy.kind is RemedyKind.SMALLER_PRECISION and remedy.file_name in self.rows:
            row = self.rows[remedy.file_name]
            row.setFocus()
            self.row_chosen.emit(remedy.file_name)
            _bring_into_view(row)
        else:
            self.remedy_requested.emit(remedy)


def _bring_into_view(row: QWidget) -> None:
    around = row.parentWidget()
    while around is not None and not isinstance(around, QScrollArea):
        around = around.parentWidget()
    if around is not None:
        around.ensureWidgetVisible(row)


def _title_row(parent: QWidget) -> QWidget:
    titles = QWidget(parent)
    row = QHBoxLayout(titles)
    row.setContentsMargins(INSET, 6, INSET, 6)
    row.setSpacing(GAP)
    for words, width in _TITLES:
        label = text_label(words, "tiny", titles)
        if width:
            label.setFixedWidth(width)
        row.addWidget(label, 0 if width else 1)
    return titles
