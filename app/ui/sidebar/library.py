"""The sidebar beside the library: back to the chats, and the library's pages."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from app.ui.labels import text_label
from app.ui.sidebar.brand import BrandRow
from app.ui.sidebar.footer import offline_card
from app.ui.theme import Appearance

SIDEBAR_WIDTH = 248


class LibrarySidebar(QFrame):
    """Says what the user wants."""

    back_requested = Signal()
    speed_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.setObjectName("Sidebar")
        self.setFixedWidth(SIDEBAR_WIDTH)
        self.back_button = _entry("Back to chats", "Go back to the chats (Esc)", self)
        self.discover_button = _entry("Discover", "Models that fit this computer", self)
        self.discover_button.setCheckable(True)
        self.discover_button.setChecked(True)
        self.discover_button.clicked.connect(lambda: self.discover_button.setChecked(True))
        self.setFocusProxy(self.discover_button)
        self.speed_button = _entry("Speed report", "Measure how fast the model in use is", self)
        self.back_button.clicked.connect(self.back_requested)
        self.speed_button.clicked.connect(self.speed_requested)
        caption = text_label("Models", "caption", self)
        caption.setIndent(0)  # else the padding counts as a frame, and Qt adds an indent of its own
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 14, 12, 14)
        column.setSpacing(4)
        column.addWidget(BrandRow(appearance, self))
        column.addSpacing(8)
        column.addWidget(self.back_button)
        column.addWidget(caption)
        column.addWidget(self.discover_button)
        column.addWidget(self.speed_button)
        column.addStretch()
        column.addWidget(offline_card(self))
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def _on_appearance_changed(self) -> None:
        self.back_button.setIcon(self._appearance.icon("arrow-left"))


def _entry(words: str, explained: str, parent: QWidget) -> QPushButton:
    button = QPushButton(words, parent)
    button.setProperty("kind", "entry")
    button.setToolTip(explained)
    button.setAccessibleName(words)
    return button
