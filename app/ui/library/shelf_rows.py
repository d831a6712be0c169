"""The models on this computer as an item model: filtered, in the chosen order, each with what is to be said of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.core.library import InstalledModel
from app.ui.library.shelf_words import MISSING, duplicate_words, fact_words, spoken
from app.ui.library.verifier import RowNews

ROW_ROLE = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class ShelfOrder(StrEnum):
    """By what the models are sorted."""

    NAME = "name"
    SIZE = "size"
    LAST_USED = "last used"
    SPEED = "speed"


@dataclass(frozen=True, slots=True)
class ShelfRow:
    """One model, and the sentence below it in the colour of `tone`; `fraction` while its file is being verified."""

    model: InstalledModel
    is_in_use: bool = False
    note: str = ""
    tone: str = "plain"
    fraction: float | None = None

    @property
    def can_open(self) -> bool:
        """Whether it can be loaded, and is not."""
        return not self.model.is_missing and not self.model.problem and not self.is_in_use


def shelf_row(
    model: InstalledModel, models: Sequence[InstalledModel], news: RowNews | None, in_use: Path | None
) -> ShelfRow:
    """A model with the gravest of what there is to say of it: what is done to it now comes before all else."""
    is_in_use = model.path == in_use
    if news is not None:
        return ShelfRow(model, is_in_use, news.words, news.tone, news.fraction)
    if model.is_missing:
        return ShelfRow(model, is_in_use, MISSING, "warn")
    if model.problem:
        return ShelfRow(model, is_in_use, model.problem, "bad")
    return ShelfRow(model, is_in_use, duplicate_words(model, models))


def arranged(models: Sequence[InstalledModel], words: str, order: ShelfOrder) -> list[InstalledModel]:
    """Those in which every one of `words` is found; what is not known comes last, and equals stay in their order."""
    wanted = words.lower().split()
    found = [model for model in models if all(word in _searched(model) for word in wanted)]
    never = datetime.min.replace(tzinfo=UTC)
    if order is ShelfOrder.SIZE:
        return sorted(found, key=lambda model: model.size_bytes, reverse=True)
    if order is ShelfOrder.LAST_USED:
        return sorted(found, key=lambda model: model.last_used or never, reverse=True)
    if order is ShelfOrder.SPEED:
        return sorted(found, key=lambda model: model.tokens_per_second or 0.0, reverse=True)
    return found


def rows_of(
    models: Sequence[InstalledModel],
    everything: Sequence[InstalledModel],
    news: Mapping[Path, RowNews],
    in_use: Path | None,
) -> list[ShelfRow]:
    """The rows of `models`, which are some of `everything`."""
    return [shelf_row(model, everything, news.get(model.path), in_use) for model in models]


class ShelfListModel(QAbstractListModel):
    """Rows that stay where they are keep their selection."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[ShelfRow] = []

    @property
    def rows(self) -> list[ShelfRow]:
        """What is listed, from above."""
        return list(self._rows)

    def show(self, rows: Sequence[ShelfRow]) -> None:
        """List these rows."""
        if [row.model.path for row in rows] == [row.model.path for row in self._rows]:
            changed = [n for n, (old, new) in enumerate(zip(self._rows, rows, strict=True)) if old != new]
            self._rows = list(rows)
            for number in changed:
                self.dataChanged.emit(self.index(number), self.index(number))
            return
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def row_at(self, index: Index) -> ShelfRow | None:
        """The row of an index; None when it is none."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def index_of(self, path: Path) -> QModelIndex:
        """Where a model is listed; an invalid index when it is not."""
        return next((self.index(n) for n, row in enumerate(self._rows) if row.model.path == path), QModelIndex())

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row_at(index)
        if row is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return row.model.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(map(str, row.model.files or (row.model.path,))) + (f"\n{row.note}" if row.note else "")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(row.model, row.note, datetime.now(UTC), in_use=row.is_in_use)
        return row if role == ROW_ROLE else None


def _searched(model: InstalledModel) -> str:
    return f"{model.name} {model.quantization} {model.architecture} {fact_words(model)} {model.path}".lower()
