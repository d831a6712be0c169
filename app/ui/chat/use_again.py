"""A quiet line that offers the model which wrote the last answer of a conversation, when another one is in use."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from app.core.library import InstalledModel
from app.ui.elided_label import ElidedLabel


class UseAgainLine(QFrame):
    """Nothing is loaded by itself: that may take a minute, and the conversation may only be read."""

    chosen = Signal(Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model: InstalledModel | None = None
        self.setObjectName("UseAgainLine")
        self.words = ElidedLabel(self, Qt.TextElideMode.ElideRight)
        self.button = QPushButton(self)
        self.button.setProperty("kind", "ghost")
        self.button.clicked.connect(self._on_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 3, 10, 3)
        row.addWidget(self.words, 1)
        row.addStretch()
        row.addWidget(self.button)
        self.hide()

    def offer(self, model: InstalledModel | None) -> None:
        """Offer this model; None offers none."""
        self._model = model
        if model is not None:
            self.words.show_text(f"The last answer here was written by {model.name}.")
            shown = self.button.fontMetrics().elidedText(model.name, Qt.TextElideMode.ElideRight, 200)
            self.button.setText(f"Use {shown} again".replace("&", "&&"))
            self.button.setToolTip(f"Load {model.path}")
            self.button.setAccessibleName(f"Use {model.name} again")
        self.setVisible(model is not None)

    def _on_clicked(self) -> None:
        model, self._model = self._model, None
        self.hide()
        if model is not None:
            self.chosen.emit(model.path)
