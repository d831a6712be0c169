"""A line that says what is being looked for or copied, with a button to stop it."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.ui.labels import text_label

_PATIENCE_MILLISECONDS = 300


class WorkLine(QWidget):
    """Hidden while there is nothing to say."""

    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = text_label("", "small", self)
        self.button = QPushButton("Stop", self)
        self.button.setProperty("kind", "compact")
        self.button.setToolTip("Give it up; what was found so far stays")
        self.button.clicked.connect(self.stop_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 0, 0, 0)
        row.addWidget(self.words)
        row.addStretch()
        row.addWidget(self.button)
        self._patience = QTimer(self)  # else the page would start whenever its folders are looked through
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MILLISECONDS)
        self._patience.timeout.connect(self.show)
        self.hide()

    def show_work(self, words: str) -> None:
        """Say what is under way, when it takes its time; empty when nothing is."""
        self.words.setText(words)
        if not words:
            self._patience.stop()
            self.hide()
        elif self.isHidden() and not self._patience.isActive():
            self._patience.start()
