"""The heading that folds away what a model thought."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.ui.transcript.folded_text import FoldButton


class FoldHeading(QWidget):
    """Space, Enter or a click opens and folds; `toggled` follows every change."""

    toggled = Signal(bool)

    def __init__(self, heading: str, is_open: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading = heading
        self.button = FoldButton(self)
        self.button.setChecked(is_open)
        self.button.toggled.connect(self._on_toggled)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 0, 0, 0)
        row.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignLeft)
        row.addStretch()
        self.show_heading(heading)

    def show_heading(self, heading: str) -> None:
        """Put another heading in place."""
        self.heading = heading
        is_open = self.button.isChecked()
        self.button.setText(f"{'▾' if is_open else '▸'} {heading}")
        self.button.setAccessibleName(heading)
        self.button.setToolTip("Fold it away" if is_open else "Open it")

    def _on_toggled(self, is_open: bool) -> None:
        self.show_heading(self.heading)
        self.toggled.emit(is_open)
