"""The connection log as a table: the newest first, of which those are shown that hold the words looked for."""

from collections.abc import Sequence
from enum import Enum, auto
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.core.network import Connection
from app.ui.network.words import columns_of, explained
from app.ui.theme import Appearance

_Index = QModelIndex | QPersistentModelIndex
_TITLES = ("Time", "Host", "Purpose", "Pressed", "Received", "Sent", "Result")
_FIGURES = (4, 5)
_RESULT = 6
_HOST = 1
_WIDTHS = (166, 210, 130, 196, 84, 78, 184)
_ROW_HEIGHT = 30


class Shown(Enum):
    """Which entries are shown."""

    ALL = auto()
    ALLOWED = auto()
    REFUSED = auto()


class ConnectionModel(QAbstractTableModel):
    """Holds all entries, and shows those that fit."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._all: tuple[Connection, ...] = ()
        self._words: tuple[str, ...] = ()
        self._kind = Shown.ALL
        self.shown: tuple[Connection, ...] = ()
        self._cells: list[tuple[str, ...]] = []

    @property
    def is_empty(self) -> bool:
        """Whether the log has nothing at all."""
        return not self._all

    def show_connections(self, connections: Sequence[Connection]) -> None:
        """Show these, the newest first."""
        if tuple(connections) != self._all:
            self._all = tuple(connections)
            self._choose()

    def show_like(self, text: str, kind: Shown) -> None:
        """Show those of a kind that hold every word."""
        self._words, self._kind = tuple(text.casefold().split()), kind
        self._choose()

    def _choose(self) -> None:
        self.beginResetModel()
        found = [(one, columns_of(one)) for one in self._all if self._is_kind(one)]
        kept = [(one, cells) for one, cells in found if self._has_words(" ".join(cells).casefold())]
        self.shown = tuple(one for one, _ in kept)
        self._cells = [cells for _, cells in kept]
        self.endResetModel()

    def _is_kind(self, one: Connection) -> bool:
        return self._kind is Shown.ALL or one.allowed is (self._kind is Shown.ALLOWED)

    def _has_words(self, text: str) -> bool:
        return all(word in text for word in self._words)

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.shown)

    def columnCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(_TITLES)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        one, column = self.shown[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._cells[index.row()][column]
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(part for part in (self._cells[index.row()][column], explained(one)) if part)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ForegroundRole:
            tokens = self._appearance.tokens
            if column == _RESULT:
                return QColor(tokens.good if one.allowed else tokens.bad)
            return QColor(tokens.text if column == _HOST else tokens.text_2)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _TITLES[section]
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None


class ConnectionTable(QTableView):
    """Shows the model; a row is chosen as a whole, and its cells are copied by nobody."""

    def __init__(self, model: ConnectionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ConnectionTable")
        self.setAccessibleName("Connections")
        self.setModel(model)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionsClickable(False)
        for column, width in enumerate(_WIDTHS):
            self.setColumnWidth(column, width)
        head.setSectionResizeMode(_HOST, QHeaderView.ResizeMode.Stretch)


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in _FIGURES else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
