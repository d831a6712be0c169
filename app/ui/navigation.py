"""Goes between what can fill the window: the chats, the pages of the library, and the question of the first start."""

from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.ui.centre import CentreView
from app.ui.chat.page import ChatPage
from app.ui.downloads.in_window import WindowDownloads
from app.ui.first_run.in_window import FirstRunInWindow
from app.ui.library.discover_in_window import DiscoverInWindow
from app.ui.shelf_in_window import ShelfInWindow
from app.ui.sidebar.library import LibraryPlace, LibrarySidebar


@dataclass(frozen=True, slots=True)
class LibraryParts:
    """What has a page each in the library; it is made when it is first shown."""

    discover: DiscoverInWindow
    shelf: ShelfInWindow
    downloads: WindowDownloads

    def at(self, place: LibraryPlace) -> DiscoverInWindow | ShelfInWindow | WindowDownloads:
        """The part whose page is there."""
        match place:
            case LibraryPlace.DISCOVER:
                return self.discover
            case LibraryPlace.SHELF:
                return self.shelf
            case LibraryPlace.DOWNLOADS:
                return self.downloads


class Navigation(QObject):
    """Whatever is left for something else stays as it is, and what is being written there goes on."""

    def __init__(
        self,
        centre: CentreView,
        chats: ChatPage,
        sidebar: LibrarySidebar,
        library: LibraryParts,
        first_run: FirstRunInWindow,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._centre = centre
        self._chats = chats
        self._sidebar = sidebar
        self._library = library
        self._first_run = first_run
        first_run.chats_requested.connect(self.show_chats)
        first_run.place_requested.connect(self.show_library)
        sidebar.place_chosen.connect(self.show_library)
        sidebar.back_requested.connect(self.show_chats)
        library.downloads.page_requested.connect(lambda: self.show_library(LibraryPlace.DOWNLOADS))
        library.downloads.discover_requested.connect(lambda: self.show_library(LibraryPlace.DISCOVER))
        library.shelf.page_requested.connect(lambda: self.show_library(LibraryPlace.SHELF))
        library.shelf.chats_requested.connect(self.show_chats)

    def show_library(self, place: LibraryPlace | None = None) -> None:
        """Show a page of the library, else that which was shown last."""
        self._first_run.leave()
        if place is not None:
            self._sidebar.show_place(place)
        page = self._library.at(self._sidebar.place).page
        self._library.shelf.drop.watch(page)
        self._centre.show_library(page)

    def show_chats(self) -> None:
        """Show the conversation again, with the keyboard where one writes."""
        if self._first_run.leave() or self._centre.show_chats():
            self._chats.composer.field.setFocus()

    def show_new_chat(self) -> None:
        """Show an empty conversation."""
        self.show_chats()
        self._chats.show_new_chat()

    def find(self) -> None:
        """Let the user look for something in what is shown."""
        if self._centre.shows_library and self._sidebar.place is LibraryPlace.SHELF:
            self._library.shelf.page.field.setFocus()
        elif self._centre.shows_library:
            self.show_library(LibraryPlace.DISCOVER)
            self._library.discover.page.filters.field.setFocus()
        else:
            self._chats.open_find()

    def go_back(self) -> bool:
        """Clear what is looked for, else go back to the chats; False when they are shown."""
        if self._centre.alone is not None:
            self.show_chats()
        elif self._centre.shows_library:
            part = self._library.at(self._sidebar.place)
            if isinstance(part, WindowDownloads) or not part.page.clear_search():
                self.show_chats()
        else:
            return False
        return True
