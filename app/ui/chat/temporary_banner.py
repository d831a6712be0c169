"""Says of a temporary chat that it is one, and lets the user keep it after all."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from app.ui.icon_view import IconView
from app.ui.labels import text_label
from app.ui.theme import Appearance

WORDS = "Temporary chat: kept in memory only, gone when you leave it"
_PIXELS = 16


class TemporaryBanner(QFrame):
    """A slim line below the header, for as long as the chat is shown."""

    keep_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.setObjectName("TemporaryBanner")
        self._mark = IconView(_PIXELS, self)
        self.keep_button = QPushButton("Keep this chat", self)
        self.keep_button.setProperty("kind", "ghost")
        self.keep_button.setToolTip("Store it among your conversations")
        self.keep_button.clicked.connect(self.keep_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 3, 10, 3)
        row.setSpacing(8)
        row.addWidget(self._mark)
        row.addWidget(text_label(WORDS, "small", self))
        row.addStretch()
        row.addWidget(self.keep_button)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()
        self.hide()

    def _on_appearance_changed(self) -> None:
        tokens = self._appearance.tokens
        self._mark.show_icon(self._appearance.icon("message-circle-dashed", tokens.info, _PIXELS))
