"""Joins the model in use with the window: the first one, what is shown of each, and what is offered when one fails."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.core.errors import InglenookError, ModelCheckError, StorageError
from app.core.model import Backend, LoadedModel, LoadParameters
from app.ui.chat.header import ChatHeader
from app.ui.chat.live_reply import LiveReply
from app.ui.chat.page import ChatPage
from app.ui.fitting_news import FittingNews
from app.ui.model_dialogs import ModelDialogs
from app.ui.model_loader import ModelLoader
from app.ui.notice import Notice, NoticeAction, NoticeKind
from app.ui.services import WindowServices
from app.ui.settings_in_window import SettingsInWindow
from app.ui.shelf_in_window import ShelfInWindow


class ModelInWindow(QObject):
    """`report_requested` carries what happened, of which the user wants to make a report."""

    report_requested = Signal(str)

    def __init__(
        self,
        services: WindowServices,
        settings: SettingsInWindow,
        loader: ModelLoader,
        dialogs: ModelDialogs,
        shelf: ShelfInWindow,
        page: ChatPage,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._services = services
        self._settings = settings
        self._loader = loader
        self._dialogs = dialogs
        self._shelf = shelf
        self._page = page
        self._news = FittingNews(services.models, loader, page.header, page.notices, dialogs.show_loading)
        loader.status_changed.connect(page.show_status)
        loader.loaded.connect(self._on_loaded)
        loader.unloaded.connect(self._on_unloaded)
        loader.failed.connect(self._on_failed)
        self._connect_header(page.header)

    def load_first(self) -> None:
        """Load the file that the application was opened with, else the default model.

        After a crash the default is not loaded until the user says so.
        """
        if self._services.given_model is not None:
            self._shelf.open(self._services.given_model)
        elif self._services.crash is None:
            stored = self._settings.current.model_path
            self._loader.load(Path(stored) if stored else None)

    def load_included(self) -> None:
        """Load the included model in place of the current one."""
        self._loader.load(None)

    def tell_crash(self) -> None:
        """Say what the last run was doing inside llama.cpp when it ended there, and what can be done now."""
        crash, load = self._services.crash, self._loader.load
        if crash is not None:
            from app.ui.safe_start import safe_start_notice

            self._page.notices.show_notice(
                safe_start_notice(
                    crash,
                    lambda: load(crash.model_path),
                    lambda: load(crash.model_path, LoadParameters(crash.model_path, backend=Backend.CPU)),
                    self.load_included,
                    lambda: self.report_requested.emit(crash.what_happened),
                )
            )

    def note_failed_reply(self, _live: LiveReply, error: InglenookError) -> None:
        """An answer failed: say so if the model is gone since."""
        self._loader.note_lost(error)

    def _connect_header(self, header: ChatHeader) -> None:
        header.open_requested.connect(self._dialogs.show_open)
        header.included_requested.connect(self.load_included)
        header.stop_requested.connect(self._loader.stop)
        header.unload_requested.connect(self._loader.unload)
        header.loading_requested.connect(self._dialogs.show_loading)
        header.sampling_requested.connect(self._dialogs.show_sampling)
        header.about_model_requested.connect(self._dialogs.show_about)

    def _on_loaded(self, model: LoadedModel) -> None:
        self._page.show_model(model)
        is_included = model.entry is not None and model.entry.id == self._services.models.included.id
        if not self._settings.current.model_path and not is_included:
            # Nobody chose the tiny model: the first one that is opened in its place is the default until another is.
            self._shelf.shelf.choose_default(model.info.path)
        self._shelf.note_loaded(model)

    def _on_unloaded(self) -> None:
        self._page.show_model(None)
        self._shelf.note_loaded(None)

    def _on_failed(self, error: InglenookError) -> None:
        self._page.show_model(self._loader.current)
        self._page.notices.show_notice(self._failure_notice(error))

    def _failure_notice(self, error: InglenookError) -> Notice:
        if isinstance(error, StorageError):  # the model is in use, and only what was chosen for it is not kept
            return Notice(error.sentence)
        others: tuple[NoticeAction, ...] = ()
        if isinstance(error, ModelCheckError):
            others = (NoticeAction("Try it again", self._loader.try_again),)
        return Notice(error.sentence, NoticeKind.ERROR, "Open a model file…", self._dialogs.show_open, others)
