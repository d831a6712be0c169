"""The page of the network: the switch, and the log of every connection that was made or refused."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.network import Connection, NetworkMode
from app.core.wording import counted
from app.services.connections import as_csv, as_json
from app.ui.labels import hairline, text_label
from app.ui.library.state_panel import StatePanel
from app.ui.network.table import ConnectionModel, ConnectionTable, Shown
from app.ui.network.words import HELD, NOTHING, NOTHING_LIKE_IT, STATE, TITLES, switch_words
from app.ui.questions import QuestionDialog
from app.ui.theme import Appearance

_SIZE = (1100, 620)
_MARGIN = 24
_FORMATS = "Comma-separated values (*.csv);;JSON (*.json)"
_KINDS = ((Shown.ALL, "All"), (Shown.ALLOWED, "Allowed"), (Shown.REFUSED, "Refused"))


class NetworkDialog(QDialog):
    """Shows what it is given, and says what the user wants; what is exported is what the table shows."""

    mode_chosen = Signal(NetworkMode)
    clear_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mode = NetworkMode.UNTIL_ASKED
        self.setWindowTitle("Network")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE)
        self.title = text_label("", "title", self)
        self.state = text_label("", "quiet", self, wraps=True)
        self.switch_button = QPushButton(self)
        self.switch_button.clicked.connect(self._on_switched)
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("Look for a host, a purpose or a press")
        self.field.setAccessibleName("Look for a host, a purpose or a press")
        self.field.setClearButtonEnabled(False)
        self.field.textChanged.connect(self._on_filtered)
        self.kinds = {kind: self._kind_button(words) for kind, words in _KINDS}
        self.kinds[Shown.ALL].setChecked(True)
        self.model = ConnectionModel(appearance, self)
        self.table = ConnectionTable(self.model, self)
        self.empty = StatePanel(self)
        self.count = text_label("", "small", self)
        self.export_button = self._button("Export…", "Save what the table shows as CSV or JSON")
        self.clear_button = self._button("Clear…", "Forget the log")
        self.close_button = self._button("Close", "")
        self.export_button.clicked.connect(self._on_export)
        self.clear_button.clicked.connect(self._on_clear)
        self.close_button.clicked.connect(self.accept)
        self._lay_out()
        self.show_connections(())

    def show_mode(self, mode: NetworkMode, *, is_held: bool = False) -> None:
        """Say whether anything may leave this computer."""
        self._mode = mode
        self.title.setText(TITLES[NetworkMode.OFFLINE if is_held else mode])
        self.state.setText(HELD if is_held else STATE[mode])
        self.switch_button.setText(switch_words(mode))
        self.switch_button.setVisible(not is_held)

    def show_connections(self, connections: Sequence[Connection]) -> None:
        """Show the log, the newest entry first."""
        self.model.show_connections(connections)
        self._show_count()

    def export(self, path: Path) -> None:
        """Write what the table shows; JSON when the name says so, else CSV."""
        is_json = path.suffix.lower() == ".json"
        text = as_json(self.model.shown) if is_json else as_csv(self.model.shown)
        try:
            with path.open("w", encoding="utf-8", newline="") as file:
                file.write(text)
        except OSError as error:
            self.count.setText(f"{path} cannot be written: {error.strerror}.")
        else:
            self.count.setText(f"Saved as {path}.")

    def _show_count(self) -> None:
        shown, is_empty = len(self.model.shown), self.model.is_empty
        self.empty.show_state("" if shown else NOTHING if is_empty else NOTHING_LIKE_IT)
        self.table.setVisible(bool(shown))
        for space in self._spaces:
            space.setVisible(not shown)
        self.export_button.setEnabled(bool(shown))
        self.clear_button.setEnabled(not is_empty)
        refused = sum(not one.allowed for one in self.model.shown)
        words = f"{counted(shown, 'connection')}, {refused or 'none'} refused" if shown else ""
        self.count.setText(words)

    def _on_filtered(self) -> None:
        kind = next(kind for kind, button in self.kinds.items() if button.isChecked())
        self.model.show_like(self.field.text(), kind)
        self._show_count()

    def _on_switched(self) -> None:
        goes_online = self._mode is NetworkMode.OFFLINE
        self.mode_chosen.emit(NetworkMode.ONLINE if goes_online else NetworkMode.OFFLINE)

    def _on_export(self) -> None:
        dialog = QFileDialog(self, "Export the connections", "inglenook-connections.csv", _FORMATS)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix("json" if "json" in chosen else "csv"))
        dialog.setDefaultSuffix("csv")
        dialog.fileSelected.connect(lambda name: self.export(Path(name)))
        dialog.open()

    def _on_clear(self) -> None:
        question = QuestionDialog(
            "Forget the connection log?",
            "What was sent, and what was refused, can then no longer be seen.",
            "Forget it",
            self,
        )
        question.act_button.clicked.connect(self.clear_requested)
        question.open()

    def _button(self, words: str, explained: str) -> QPushButton:
        button = QPushButton(words, self)
        button.setToolTip(explained)
        button.setAutoDefault(False)
        return button

    def _kind_button(self, words: str) -> QPushButton:
        button = self._button(words, "")
        button.setCheckable(True)
        button.setProperty("kind", "toggle")
        button.clicked.connect(self._on_filtered)
        return button

    def _lay_out(self) -> None:
        self._group = QButtonGroup(self)
        for button in self.kinds.values():
            self._group.addButton(button)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.title)
        words.addWidget(self.state)
        head = QHBoxLayout()
        head.setContentsMargins(_MARGIN, 20, _MARGIN, 14)
        head.setSpacing(18)
        head.addLayout(words, 1)
        head.addWidget(self.switch_button, 0, Qt.AlignmentFlag.AlignVCenter)
        tools = QHBoxLayout()
        tools.setContentsMargins(_MARGIN, 12, _MARGIN, 12)
        tools.setSpacing(8)
        tools.addWidget(self.field, 1)
        for button in self.kinds.values():
            tools.addWidget(button)
        foot = QHBoxLayout()
        foot.setContentsMargins(_MARGIN, 12, _MARGIN, 18)
        foot.setSpacing(8)
        foot.addWidget(self.export_button)
        foot.addWidget(self.clear_button)
        foot.addSpacing(8)
        foot.addWidget(self.count, 1)
        foot.addWidget(self.close_button)
        self._spaces = (QWidget(self), QWidget(self))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(hairline(self))
        column.addLayout(tools)
        column.addWidget(hairline(self))
        column.addWidget(self._spaces[0], 1)
        column.addWidget(self.empty)
        column.addWidget(self._spaces[1], 2)
        rows = QHBoxLayout()
        rows.setContentsMargins(_MARGIN - 11, 0, 0, 0)  # a cell's text stands 11 pixels inside it
        rows.addWidget(self.table)
        column.addLayout(rows, 1)
        column.addWidget(hairline(self))
        column.addLayout(foot)
