"""Joins the models on this computer with the rest of the window: menu, conversation, drops, settings."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.core.conversation import Message
from app.core.library import InstalledModel
from app.core.model import LoadedModel
from app.services.library import LibraryService
from app.ui.chat.model_chooser import ModelChooser
from app.ui.chat.model_state import ModelState, ModelStatus
from app.ui.chat.page import ChatPage
from app.ui.later import Later
from app.ui.library.file_drop import Dropped, FileDrop
from app.ui.library.folder_watch import FolderWatch
from app.ui.library.shelf import Shelf
from app.ui.library.shelf_words import total_words
from app.ui.model_loader import ModelLoader
from app.ui.notice import Notice
from app.ui.sidebar.entry import EntryButton
from app.ui.tasks import Tasks
from app.ui.theme import Appearance

if TYPE_CHECKING:
    from app.ui.library.adding import Adding
    from app.ui.library.shelf_page import ShelfPage


class ShelfInWindow(QObject):
    """Made once `window` has its parts, since drops are watched wherever they are taken; its page, when first shown."""

    page_requested = Signal()
    chats_requested = Signal()
    settings_changed = Signal()

    def __init__(
        self,
        library: LibraryService,
        tasks: Tasks,
        loader: ModelLoader,
        chat: ChatPage,
        appearance: Appearance,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._loader = loader
        self._chat = chat
        self._appearance = appearance
        self._window = window
        self._is_loading = False
        self._page: Later[ShelfPage] = Later(self._make_page)
        self._adding: Later[Adding] = Later(self._make_adding)
        self.shelf = Shelf(library, tasks, self)
        self.watch = FolderWatch(self.shelf, tasks, self)
        self.chooser = ModelChooser(chat.header.menu, self)
        self.drop = FileDrop(window)
        self._entry: EntryButton | None = None
        self._connect()

    @property
    def page(self) -> "ShelfPage":
        """The page "On this computer", made now if need be."""
        return self._page.get()

    @property
    def adding(self) -> "Adding":
        """What adds files and folders."""
        return self._adding.get()

    def count_in(self, entry: EntryButton) -> None:
        """Say in this entry of the sidebar how many models there are."""
        self._entry = entry
        self._on_changed()

    def open(self, path: Path) -> None:
        """Load a model and show the chats."""
        self.chats_requested.emit()
        self._loader.load(self.shelf.path_to_load(path))

    def note_loaded(self, model: LoadedModel | None) -> None:
        """A model was loaded or given back; None when there is none."""
        if model is not None:
            self.shelf.refresh()  # the service has noted its use
        self._on_changed()

    def _make_page(self) -> "ShelfPage":
        from app.ui.library.shelf_page import ShelfPage

        page = ShelfPage(self.shelf, self._appearance, self._window)
        page.open_requested.connect(self.open)
        page.add_requested.connect(self._on_add_requested)
        page.show_in_use(self._in_use())
        self.shelf.tell_work()
        return page

    def _make_adding(self) -> "Adding":
        from app.ui.library.adding import Adding

        adding = Adding(self.shelf, self._window)
        adding.begun.connect(self.page_requested)
        adding.told.connect(self._on_told)
        return adding

    def _in_use(self) -> Path | None:
        current = self._loader.current
        return current.info.path if current is not None else None

    def _on_changed(self) -> None:
        in_use = self._in_use()
        if (page := self._page.made) is not None:
            page.show_in_use(in_use)
        self.chooser.show_models(self.shelf.models, in_use)
        if self._entry is not None:
            self._entry.show_note(total_words(self.shelf.models))
        self._offer_again()

    def _offer_again(self) -> None:
        self._chat.again.offer(None if self._is_loading else self._model_to_offer(self._chat.last_answer))

    def _model_to_offer(self, answer: Message | None) -> InstalledModel | None:
        """The model of the last answer, where that is here and another one is in use."""
        if answer is None or answer.provenance is None:
            return None
        current = self._loader.current
        if current is not None:
            is_same_file = current.info.path == answer.provenance.load.path
            if is_same_file or (current.sha256 and current.sha256 == answer.provenance.sha256):
                return None
        return self.shelf.model_of(answer.provenance)

    def _connect(self) -> None:
        self.shelf.changed.connect(self._on_changed)
        self.shelf.settings_changed.connect(self.settings_changed)
        self.shelf.told.connect(self._on_shelf_told)
        self.drop.dropped.connect(self._on_dropped)
        self.chooser.chosen.connect(self.open)
        self.chooser.all_requested.connect(self.page_requested)
        self._chat.again.chosen.connect(self.open)
        self._chat.conversation_shown.connect(self._offer_again)
        self._chat.conversations_changed.connect(self._offer_again)
        self._loader.status_changed.connect(self._on_status_changed)

    def _on_status_changed(self, status: ModelStatus) -> None:
        self._is_loading = status.state is ModelState.LOADING
        self._offer_again()

    def _on_dropped(self, dropped: Dropped) -> None:
        self.adding.add(dropped.paths)

    def _on_add_requested(self) -> None:
        self.adding.choose()

    def _on_shelf_told(self, notice: Notice) -> None:
        if self._page.made is None:  # else it hears of it itself
            self.page.notices.show_notice(notice)

    def _on_told(self, notice: Notice) -> None:
        page = self._page.made
        bar = page.notices if page is not None and page.isVisible() else self._chat.notices
        bar.show_notice(notice)
