"""Says that the model is tiny, and shows the way to a larger one."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget


class TinyBanner(QFrame):
    """A slim line below the header."""

    larger_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("TinyBanner")
        self.button = QPushButton("Use a larger model…", self)
        self.button.setProperty("kind", "ghost")
        self.button.setToolTip("See which models fit this computer (Ctrl+M)")
        self.button.clicked.connect(self.larger_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 3, 10, 3)
        row.addWidget(QLabel("Tiny model, expect mistakes", self))
        row.addStretch()
        row.addWidget(self.button)
        self.hide()
