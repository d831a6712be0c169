"""The heading that folds away what a model thought."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.ui.transcript.blocks.painted import Look
from app.ui.transcript.folded_text import FoldButton

INDENT = 13  # of the heading and of what it folds away, in pixels of the design
_BUTTON_PADDING = 9  # from the button's edge to its arrow: a little blank belongs to that


class FoldHeading(QWidget):
    """A fold button at the left of its line; `toggled` follows every change."""

    toggled = Signal(bool)

    def __init__(self, heading: str, is_open: bool, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = FoldButton(heading, self, is_open=is_open)
        self.button.toggled.connect(self.toggled)
        row = QHBoxLayout(self)
        row.setContentsMargins(look.pixels(INDENT) - _BUTTON_PADDING, 0, 0, 0)
        row.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignLeft)
        row.addStretch()
