"""A list whose rows are added and removed by buttons: the base of the editors of adapters and of logit bias."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget


class ListRow(QWidget):
    """One row: its fields, and at the right end the button that removes it."""

    removed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fields = QHBoxLayout()
        self.fields.setSpacing(8)
        self.remove_button = QToolButton(self)
        self.remove_button.setText("Remove")
        self.remove_button.setProperty("kind", "small")
        self.remove_button.clicked.connect(self.removed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addLayout(self.fields, 1)
        row.addWidget(self.remove_button)

    def set_name(self, name: str) -> None:
        """Say for assistive technology what the remove button removes."""
        self.remove_button.setAccessibleName(f"Remove {name}")
        self.remove_button.setToolTip(f"Remove {name}")


class ListRows(QWidget):
    """Rows from the top, and below them the button that asks for another."""

    add_requested = Signal()
    changed = Signal()

    def __init__(self, add_text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[ListRow] = []
        self._column = QVBoxLayout()
        self._column.setSpacing(6)
        self.add_button = QPushButton(add_text, self)
        self.add_button.setToolTip(add_text)
        self.add_button.setAutoDefault(False)
        self.add_button.clicked.connect(self.add_requested)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        whole.addLayout(self._column)
        whole.addWidget(self.add_button, alignment=Qt.AlignmentFlag.AlignLeft)
        self.setFocusProxy(self.add_button)

    @property
    def rows(self) -> list[ListRow]:
        """The rows from the top."""
        return list(self._rows)

    def add(self, row: ListRow) -> None:
        """Put a row below the others."""
        row.removed.connect(lambda: self._remove(row))
        self._rows.append(row)
        self._column.addWidget(row)
        self.changed.emit()

    def clear(self) -> None:
        """Remove every row."""
        for row in list(self._rows):
            self._remove(row)

    def _remove(self, row: ListRow) -> None:
        self._rows.remove(row)
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()
        self.add_button.setFocus()
        self.changed.emit()
