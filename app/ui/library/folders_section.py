"""The folders in which models are looked for: listed, added, forgotten."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.core.wording import counted
from app.ui.elided_label import ElidedLabel
from app.ui.labels import text_label

_ROW_HEIGHT = 32
_MOST_ROWS = 3.5  # a part of a row says that there is more


class FolderRow(QWidget):
    """One folder; that of the downloads is not forgotten."""

    forget_requested = Signal(Path)

    def __init__(self, folder: Path, *, is_downloads: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folder = folder
        self.path = ElidedLabel(self)
        self.path.setProperty("kind", "figure")
        self.path.show_text(str(folder))
        self.forget_button: QPushButton | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.path, 1)
        row.addStretch()
        if is_downloads:
            row.addWidget(text_label("downloads are kept here", "small", self))
        else:
            self.forget_button = QPushButton("Forget", self)
            self.forget_button.setProperty("kind", "compact")
            self.forget_button.setToolTip("Look there no more; the files stay where they are")
            self.forget_button.setAccessibleName(f"Forget the folder {folder}")
            self.forget_button.clicked.connect(lambda: self.forget_requested.emit(folder))
            row.addWidget(self.forget_button)
        self.setFixedHeight(_ROW_HEIGHT)


class FoldersSection(QWidget):
    """A line that can be opened, and below it a row for each folder."""

    forget_requested = Signal(Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[FolderRow] = []
        self._folders: tuple[Path, ...] = ()
        self.toggle = QPushButton(self)
        self.toggle.setProperty("kind", "ghost")
        self.toggle.setCheckable(True)
        self.toggle.setToolTip("Show or hide in which folders models are looked for")
        self.toggle.toggled.connect(self._show)
        self.add_button = QPushButton("Add a folder…", self)
        self.add_button.setProperty("kind", "compact")
        self.add_button.setToolTip("Choose a folder in which models are looked for, too; nothing in it is changed")
        self.compare_button = QPushButton("Find duplicates", self)
        self.compare_button.setProperty("kind", "compact")
        self.compare_button.setToolTip("Compare the models that are of the same size; each is read from end to end")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.toggle)
        head.addStretch()
        head.addWidget(self.compare_button)
        head.addWidget(self.add_button)
        self._body = QWidget()
        self._body.setObjectName("FormBody")
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._area = QScrollArea(self)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self._body)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self._area)
        self._show()

    def show_folders(self, folders: Sequence[Path]) -> None:
        """List these folders, that of the downloads first."""
        if tuple(folders) == self._folders:
            return
        self._folders = tuple(folders)
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [FolderRow(f, is_downloads=n == 0, parent=self._body) for n, f in enumerate(folders)]
        for row in self.rows:
            row.forget_requested.connect(self.forget_requested)
            self._column.addWidget(row)
        self._show()

    def _show(self) -> None:
        is_open = self.toggle.isChecked()
        words = f"Looked through: {counted(len(self._folders), 'folder')}"
        self.toggle.setText(f"{words} {'▴' if is_open else '▾'}")
        self.toggle.setAccessibleName(words)
        self._area.setFixedHeight(round(_ROW_HEIGHT * min(_MOST_ROWS, max(1, len(self._folders)))))
        self._area.setVisible(is_open)
