"""The files that a model is loaded with: LoRA adapters, each with its scale, and a draft model."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from app.core.model import LoraAdapter
from app.ui.elided_label import ElidedLabel
from app.ui.file_choice import choose_file
from app.ui.parameters.fields import NumberBox
from app.ui.parameters.rows import ListRow, ListRows

_MOST_SCALE = 100.0


class AdapterRow(ListRow):
    """One adapter's file and how strongly it acts."""

    def __init__(self, adapter: LoraAdapter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path = adapter.path
        name = ElidedLabel(self)
        name.setText(adapter.path.name)
        name.setToolTip(str(adapter.path))
        caption = QLabel("scale", self)
        caption.setProperty("kind", "small")
        self.scale = NumberBox(-_MOST_SCALE, _MOST_SCALE)
        self.scale.setSingleStep(0.05)
        self.scale.setFixedWidth(90)
        self.scale.setAccessibleName(f"Scale of {adapter.path.name}")
        self.scale.setToolTip("1 is as trained, 0 is none")
        self.scale.setValue(adapter.scale)
        self.fields.addWidget(name, 1)
        self.fields.addStretch()
        self.fields.addWidget(caption)
        self.fields.addWidget(self.scale)
        self.set_name(adapter.path.name)

    @property
    def adapter(self) -> LoraAdapter:
        """The file with the scale as it stands."""
        return LoraAdapter(self._path, self.scale.value())


class AdaptersEditor(ListRows):
    """LoRA adapters, in the order in which they were added."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Add a LoRA file…", parent)
        self.add_requested.connect(self._on_add_requested)

    @property
    def value(self) -> tuple[LoraAdapter, ...]:
        """The adapters with their scales."""
        return tuple(row.adapter for row in self.rows if isinstance(row, AdapterRow))

    def show_value(self, adapters: tuple[LoraAdapter, ...]) -> None:
        """Show other adapters."""
        self.clear()
        for adapter in adapters:
            self.add(AdapterRow(adapter))

    def add_file(self, file: str) -> None:
        """Add an adapter as it was trained."""
        row = AdapterRow(LoraAdapter(Path(file)))
        self.add(row)
        row.scale.setFocus()

    def _on_add_requested(self) -> None:
        choose_file(self, "Add a LoRA adapter", self.add_file)


class DraftModelEditor(QWidget):
    """A smaller model of the same vocabulary, or none."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self.name = ElidedLabel(self)
        self.choose_button = QPushButton("Choose a file…", self)
        self.choose_button.setToolTip("Choose the draft model's file")
        self.remove_button = QPushButton("Remove", self)
        self.remove_button.setToolTip("Use no draft model")
        self.remove_button.setAccessibleName("Remove the draft model")
        for button in (self.choose_button, self.remove_button):
            button.setAutoDefault(False)
        self.choose_button.clicked.connect(self._on_choose_clicked)
        self.remove_button.clicked.connect(lambda: self.show_value(None))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.name, 1)
        row.addStretch()
        row.addWidget(self.choose_button)
        row.addWidget(self.remove_button)
        self.show_value(None)

    @property
    def value(self) -> Path | None:
        """The file; None for no draft model."""
        return self._path

    def show_value(self, path: Path | None) -> None:
        """Show another file, or that there is none."""
        self._path = path
        self.name.setText(path.name if path else "None")
        self.name.setToolTip(str(path) if path else "No draft model")
        self.remove_button.setVisible(path is not None)
        self.changed.emit()

    def _on_choose_clicked(self) -> None:
        choose_file(self, "Choose a draft model", lambda file: self.show_value(Path(file)))
