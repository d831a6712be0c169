"""The sidebar beside the library: back to the chats, and the library's pages."""

from enum import Enum, auto

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QVBoxLayout, QWidget

from app.ui.labels import text_label
from app.ui.sidebar.brand import BrandRow
from app.ui.sidebar.entry import EntryButton
from app.ui.sidebar.network_card import NetworkCard
from app.ui.theme import Appearance

SIDEBAR_WIDTH = 248


class LibraryPlace(Enum):
    """A page of the library."""

    DISCOVER = auto()
    SHELF = auto()
    DOWNLOADS = auto()


_ENTRIES = (
    (LibraryPlace.DISCOVER, "Discover", "Models that fit this computer"),
    (LibraryPlace.SHELF, "On this computer", "The models that are here: open, verify or remove them"),
    (LibraryPlace.DOWNLOADS, "Downloads", "What is being fetched, and what was"),
)


class LibrarySidebar(QFrame):
    """Says what the user wants."""

    back_requested = Signal()
    place_chosen = Signal(LibraryPlace)
    speed_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.setObjectName("Sidebar")
        self.setFixedWidth(SIDEBAR_WIDTH)
        self.back_button = EntryButton("Back to chats", "Go back to the chats (Esc)", self)
        self.back_button.clicked.connect(self.back_requested)
        self.entries = {place: EntryButton(words, explained, self) for place, words, explained in _ENTRIES}
        self.discover_button = self.entries[LibraryPlace.DISCOVER]
        self._group = QButtonGroup(self)
        for place, entry in self.entries.items():
            entry.setCheckable(True)
            entry.clicked.connect(lambda _=False, place=place: self.place_chosen.emit(place))
            self._group.addButton(entry)
        self.discover_button.setChecked(True)
        self.setFocusProxy(self.discover_button)
        self.speed_button = EntryButton("Speed report", "Measure how fast the model in use is", self)
        self.speed_button.clicked.connect(self.speed_requested)
        self.network_card = NetworkCard(self)
        self._lay_out()
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    @property
    def place(self) -> LibraryPlace:
        """The page that is shown, or was last."""
        return next(place for place, entry in self.entries.items() if entry.isChecked())

    def show_place(self, place: LibraryPlace) -> None:
        """Mark the page that is shown."""
        self.entries[place].setChecked(True)
        self.setFocusProxy(self.entries[place])

    def _lay_out(self) -> None:
        caption = text_label("Models", "caption", self)
        caption.setIndent(0)  # else the padding counts as a frame, and Qt adds an indent of its own
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 14, 12, 14)
        column.setSpacing(4)
        column.addWidget(BrandRow(self._appearance, self))
        column.addSpacing(8)
        column.addWidget(self.back_button)
        column.addWidget(caption)
        for entry in self.entries.values():
            column.addWidget(entry)
        column.addWidget(self.speed_button)
        column.addStretch()
        column.addWidget(self.network_card)

    def _on_appearance_changed(self) -> None:
        self.back_button.setIcon(self._appearance.icon("arrow-left"))
