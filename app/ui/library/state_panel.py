"""A sentence in place of a list, or below one, and a button that does something about it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.ui.labels import text_label


class StatePanel(QWidget):
    """Hidden while there is nothing to say."""

    pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = text_label("", "quiet", self, wraps=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.button = QPushButton(self)
        self.button.clicked.connect(self.pressed)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(12)
        column.addWidget(self.words)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.hide()

    def show_state(self, sentence: str, button: str = "", explained: str = "") -> None:
        """Show a sentence and, with `button`, the words of a button; an empty sentence hides both."""
        self.words.setText(sentence)
        self.button.setText(button)
        self.button.setToolTip(explained)
        self.button.setVisible(bool(button))
        self.setVisible(bool(sentence))
