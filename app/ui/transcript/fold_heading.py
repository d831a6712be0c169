"""The heading that folds away what a model thought."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.ui.transcript.folded_text import FoldButton


class FoldHeading(QWidget):
    """A fold button at the left of its line; `toggled` follows every change."""

    toggled = Signal(bool)

    def __init__(self, heading: str, is_open: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = FoldButton(heading, self, is_open=is_open)
        self.button.toggled.connect(self.toggled)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 0, 0)
        row.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignLeft)
        row.addStretch()
