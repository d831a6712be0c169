"""The main window: joins the sidebar, the chat page, the tasks and the settings.

What is not in view at the start is read from the disk and made when it is first opened.
"""

import logging
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QPaintEvent, QShortcut
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from app.core.errors import InglenookError, ModelCheckError, StorageError
from app.core.model import Backend, LoadedModel, LoadParameters
from app.core.network import NetworkMode
from app.core.settings import OverflowPolicy, Settings, Theme
from app.ui.centre import CentreView
from app.ui.chat.live_reply import LiveReply
from app.ui.chat.page import ChatPage
from app.ui.chat.replies import Replies
from app.ui.downloads.acts import AddRequest
from app.ui.downloads.in_window import WindowDownloads
from app.ui.file_opening import FileOpening
from app.ui.first_run.in_window import FirstRunInWindow
from app.ui.fitting_news import FittingNews
from app.ui.library.discover_in_window import DiscoverInWindow
from app.ui.lock.in_window import LockInWindow
from app.ui.model_dialogs import ModelDialogs
from app.ui.model_loader import ModelLoader
from app.ui.network.in_window import NetworkInWindow
from app.ui.notice import Notice, NoticeAction, NoticeKind
from app.ui.parameters.planning import Planning
from app.ui.qt_settings import keep_qt_settings_in
from app.ui.reading_ahead import ReadingAhead
from app.ui.services import WindowServices
from app.ui.shelf_in_window import ShelfInWindow
from app.ui.sidebar.in_window import SidebarInWindow
from app.ui.sidebar.library import LibraryPlace, LibrarySidebar
from app.ui.sidebar.view import TEMPORARY_CHAT_KEYS, SidebarView
from app.ui.speed_report.runner import SpeedRunner
from app.ui.tasks import Tasks
from app.ui.temporary_in_window import TemporaryInWindow
from app.ui.theme import Appearance

if TYPE_CHECKING:
    from app.ui.first_run.page import FirstRunPage

_log = logging.getLogger(__name__)


class MainWindow(QMainWindow):
    """Everything on screen. The model is loaded once the window is painted; shutdown() ends what still runs."""

    first_painted = Signal()

    def __init__(self, services: WindowServices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        if services.profile is not None:
            keep_qt_settings_in(services.profile)
        self._painted = False
        self._settings = _load_settings(services)
        self.appearance = Appearance(_application(), services.resources, self._settings.theme)
        self.tasks = Tasks(self)
        self._reading_ahead = ReadingAhead(self.tasks, self)
        self.replies = Replies(services.chat, self.tasks, self)
        self.loader = ModelLoader(services.models, self.tasks, self)
        planning = Planning(services.plans, self.tasks, self)
        self.dialogs = ModelDialogs(
            services.models, self.loader, services.resources, self.appearance, self, planning=planning
        )
        self.speed_runner = SpeedRunner(services.speed, self.tasks, self)
        self.sidebar = SidebarView(self.appearance, self)
        self.page = ChatPage(services.conversations, self.replies, self.appearance, self)
        self.temporary = TemporaryInWindow(
            services.temporary_chats, services.chat, self.tasks, self.replies, self.page, self
        )
        self.lock = LockInWindow(services.lock, self.tasks, self.replies, self.appearance, self)
        self._fitting_news = FittingNews(
            services.models, self.loader, self.page.header, self.page.notices, self.dialogs.show_loading
        )
        self.library_sidebar = LibrarySidebar(self.appearance, self)
        self.downloads = WindowDownloads(services.downloads, self.tasks, self.appearance, services.resources, self)
        self.downloads.show_in(self.sidebar.footer, self.library_sidebar, self.page.notices)
        self.discover = DiscoverInWindow(services, self.tasks, self.appearance, self.downloads.desk, self)
        self.centre = CentreView(self.sidebar, self.page, self.library_sidebar, self)
        self.shelf = ShelfInWindow(services.library, self.tasks, self.loader, self.page, self.appearance, self)
        self._library_parts: dict[LibraryPlace, DiscoverInWindow | ShelfInWindow | WindowDownloads] = {
            LibraryPlace.DISCOVER: self.discover,
            LibraryPlace.SHELF: self.shelf,
            LibraryPlace.DOWNLOADS: self.downloads,
        }
        self.first_run = FirstRunInWindow(services, self.tasks, self.appearance, self.centre, self.downloads, self)
        self._conversations = SidebarInWindow(services.conversations, self.replies, self.sidebar, self.page, self)
        cards = (self.sidebar.footer.network_card, self.library_sidebar.network_card)
        self.network = NetworkInWindow(services.network, self.tasks, self.appearance, cards, self)
        self._lay_out()
        self._connect()
        self.page.set_overflow(self._settings.overflow)
        self.lock.show_in(self.sidebar.lock_button)
        self.discover.set_speed_floor(self._settings.speed_floor)
        self.page.set_zoom(self._settings.text_percent / 100)
        for sentence in services.notices:
            self.page.notices.show_notice(Notice(sentence))
        self._tell_crash()
        self._conversations.refresh()
        self.page.show_new_chat()
        if services.is_first_run and services.crash is None:
            self.show_first_run()

    @property
    def resources(self) -> Path:
        """The folder of what is shipped beside the code."""
        return self._services.resources

    def open_model(self, path: Path | None) -> None:
        """Load a model file in place of the current one; None is the included model."""
        self.loader.load(path)

    def show_library(self, place: LibraryPlace | None = None) -> None:
        """Show a page of the library, else that which was shown last; what is being written goes on."""
        self.first_run.leave()
        if place is not None:
            self.library_sidebar.show_place(place)
        page = self._library_parts[self.library_sidebar.place].page
        self.shelf.drop.watch(page)
        self.centre.show_library(page)

    def show_chats(self) -> None:
        """Show the conversation again, with the keyboard where one writes."""
        if self.first_run.leave() or self.centre.show_chats():
            self.page.composer.field.setFocus()

    def show_first_run(self) -> "FirstRunPage":
        """Ask how to start, in place of everything else."""
        return self.first_run.show(self._settings.speed_floor)

    def show_new_chat(self) -> None:
        """Show an empty conversation."""
        self.show_chats()
        self.page.show_new_chat()

    def show_temporary_chat(self) -> None:
        """Show an empty conversation that is kept in memory only."""
        self.show_chats()
        self.temporary.begin()

    def show_crash(self, details: str) -> None:
        """Show the details of an error that nobody foresaw."""
        from app.ui.crash_dialog import CrashDialog

        dialog = CrashDialog(details, self)
        dialog.report_button.setVisible(self._services.report is not None)
        dialog.report_requested.connect(lambda: self.show_report(details))
        dialog.open()

    def show_report(self, details: str = "") -> None:
        """Let the user read and save what a report of a problem contains."""
        if self._services.report is not None:
            from app.ui.reporting import Reporting

            Reporting(self._services.report, self.loader, self.tasks, self).show(details)

    def show_about(self) -> None:
        """Show the version and the licences."""
        from app.ui.about_dialog import about_inglenook

        about_inglenook(self._services.resources, self).open()

    def show_releases(self) -> None:
        """Say where newer versions are, and open that page if the user wants it."""
        from app.ui.releases_dialog import ReleasesDialog

        ReleasesDialog(self).open()

    def show_speed_report(self) -> None:
        """Let the user measure the model in use, and see what was measured before."""
        from app.ui.speed_report.dialog import SpeedReportDialog

        SpeedReportDialog(self._services.speed, self.speed_runner, self).open()

    def show_settings(self) -> None:
        """Let the user choose how the application behaves."""
        from app.ui.parameters.settings import SettingsDialog

        dialog = SettingsDialog(self._settings, self)
        dialog.settings_chosen.connect(self._on_settings_chosen)
        dialog.token_button.setVisible(self._services.tokens is not None)
        dialog.token_requested.connect(lambda: self.show_hub_token(dialog))
        dialog.lock_button.setVisible(self.lock.is_possible)
        dialog.lock_requested.connect(lambda: self.lock.show_dialog(dialog))
        dialog.open()

    def show_hub_token(self, parent: QWidget | None = None) -> None:
        """Let the user give, try and forget the token of their account at the hub."""
        from app.ui.hub_token_dialog import HubTokenDialog

        if self._services.tokens is not None:
            dialog = HubTokenDialog(self._services.tokens, self._services.hub, self.tasks, parent or self)
            dialog.page_requested.connect(self.downloads.desk.show_page)
            dialog.open()

    def shutdown(self) -> bool:
        """Stop what runs, save what could not be saved, give the model back; False when a thread would not end."""
        self.downloads.runner.prepare_end()
        has_ended = self.tasks.shutdown(self._finish_on_engine_lane)
        self.lock.stop()
        return has_ended

    def end(self) -> None:
        """Close because the process is asked to end, without a question about what will go on by itself."""
        self.downloads.let_close()
        self.close()

    def _finish_on_engine_lane(self) -> None:
        try:
            if self.replies.unsaved:
                self._services.chat.retry_unsaved()
        finally:
            self._services.models.unload()

    def _load_first_model(self) -> None:
        if self._services.given_model is not None:
            self.shelf.open(self._services.given_model)
            return
        stored = self._settings.model_path
        self.open_model(Path(stored) if stored else None)

    def _change_settings(self, settings: Settings) -> None:
        self._settings = settings
        try:
            self._services.settings.save(settings)
        except StorageError as error:
            self.page.notices.show_notice(Notice(error.sentence))

    def _tell_crash(self) -> None:
        crash = self._services.crash
        if crash is not None:
            from app.ui.safe_start import safe_start_notice

            self.page.notices.show_notice(
                safe_start_notice(
                    crash,
                    lambda: self.open_model(crash.model_path),
                    lambda: self.loader.load(crash.model_path, LoadParameters(crash.model_path, backend=Backend.CPU)),
                    self._on_included_requested,
                    lambda: self.show_report(crash.what_happened),
                )
            )

    def _note_painted(self) -> None:
        if not self._painted:
            self._painted = True
            # The children are painted after their window, in the same round: the next round begins when all is there.
            QTimer.singleShot(0, self, self.first_painted.emit)

    def _on_first_painted(self) -> None:
        self.lock.apply(self._settings)
        self.shelf.shelf.refresh()
        self.downloads.runner.start()
        # After a crash nothing is loaded until the user says so, as they do by opening a file.
        if self._services.crash is None or self._services.given_model is not None:
            self._load_first_model()
        self._reading_ahead.begin()

    def _on_first_run_done(self) -> None:
        if not self._settings.first_run_done:
            self._change_settings(replace(self._settings, first_run_done=True))

    def _on_theme_chosen(self, theme: Theme) -> None:
        self._on_settings_chosen(replace(self._settings, theme=theme))

    def _on_zoom_changed(self, zoom: float) -> None:
        self._change_settings(replace(self._settings, text_percent=round(zoom * 100)))

    def _on_overflow_chosen(self, policy: OverflowPolicy) -> None:
        self._on_settings_chosen(replace(self._settings, overflow=policy))

    def _on_speed_floor_chosen(self, tokens_per_second: int) -> None:
        self._on_settings_chosen(replace(self._settings, speed_floor=tokens_per_second))

    def _on_find(self) -> None:
        if self.centre.shows_library and self.library_sidebar.place is LibraryPlace.SHELF:
            self.shelf.page.field.setFocus()
        elif self.centre.shows_library:
            self.show_library(LibraryPlace.DISCOVER)
            self.discover.page.filters.field.setFocus()
        else:
            self.page.open_find()

    def _on_settings_chosen(self, settings: Settings) -> None:
        self.appearance.choose(settings.theme)
        self.page.set_overflow(settings.overflow)
        self.lock.apply(settings)
        self.discover.set_speed_floor(settings.speed_floor)
        self.page.set_zoom(settings.text_percent / 100)
        network = settings.network if settings.network is not self._settings.network else None
        self._change_settings(settings)
        if network is not None:
            self.network.choose(network)

    def _on_network_changed(self, mode: NetworkMode) -> None:
        self._change_settings(replace(self._settings, network=mode))
        if mode is NetworkMode.ONLINE:
            self.downloads.runner.go_on()

    def _on_escape(self) -> None:
        if self.centre.alone is not None:
            self.show_chats()
        elif self.centre.shows_library:
            part = self._library_parts[self.library_sidebar.place]
            if isinstance(part, WindowDownloads) or not part.page.clear_search():
                self.show_chats()
        elif not (self.page.leave_editing() or self.page.stop()):
            self.loader.stop()

    def _on_model_loaded(self, model: LoadedModel) -> None:
        self._reading_ahead.note_load()
        self.page.show_model(model)
        is_included = model.entry is not None and model.entry.id == self._services.models.included.id
        if not self._settings.model_path and not is_included:
            # Nobody chose the tiny model: the first one that is opened in its place is the default until another is.
            self.shelf.shelf.choose_default(model.info.path)
        self.shelf.note_loaded(model)

    def _on_model_unloaded(self) -> None:
        self.page.show_model(None)
        self.shelf.note_loaded(None)

    def _on_settings_stored(self) -> None:
        self._settings = _load_settings(self._services)

    def _on_model_failed(self, error: InglenookError) -> None:
        self.page.show_model(self.loader.current)
        self.page.notices.show_notice(self._failure_notice(error))

    def _failure_notice(self, error: InglenookError) -> Notice:
        if isinstance(error, StorageError):  # the model is in use, and only what was chosen for it is not kept
            return Notice(error.sentence)
        others: tuple[NoticeAction, ...] = ()
        if isinstance(error, ModelCheckError):
            others = (NoticeAction("Try it again", self.loader.try_again),)
        return Notice(error.sentence, NoticeKind.ERROR, "Open a model file…", self.dialogs.show_open, others)

    def _on_reply_failed(self, _live: LiveReply, error: InglenookError) -> None:
        self.loader.note_lost(error)

    def _on_download_refused(self, request: AddRequest, error: InglenookError) -> None:
        if not self.centre.shows_library:  # which tells it itself
            again = partial(self.downloads.runner.add, request)
            self.page.notices.show_notice(Notice(error.sentence, NoticeKind.ERROR, "Try again", again))

    def _on_downloaded_requested(self, path: Path) -> None:
        self.show_chats()
        self.open_model(path)

    def _on_included_requested(self) -> None:
        self.open_model(None)

    def _on_close_anyway(self) -> None:
        self.replies.forget_unsaved()
        self.close()

    def _connect(self) -> None:
        self.first_painted.connect(self._on_first_painted)
        self.first_run.painted.connect(self._note_painted)
        self.first_run.chats_requested.connect(self.show_chats)
        self.first_run.place_requested.connect(self.show_library)
        self.first_run.done.connect(self._on_first_run_done)
        self.tasks.crashed.connect(self.show_crash)
        self._reading_ahead.transcript_read.connect(self.page.make_ready)
        self._reading_ahead.calm.connect(self.shelf.shelf.scan)
        self.loader.status_changed.connect(self.page.show_status)
        self.loader.loaded.connect(self._on_model_loaded)
        self.loader.unloaded.connect(self._on_model_unloaded)
        self.loader.failed.connect(self._on_model_failed)
        self.replies.reply_failed.connect(self._on_reply_failed)
        self.page.overflow_chosen.connect(self._on_overflow_chosen)
        self.page.banner.larger_requested.connect(self.show_library)
        self._connect_header()
        self.sidebar.new_chat_requested.connect(self.show_new_chat)
        self.sidebar.temporary_chat_requested.connect(self.show_temporary_chat)
        self.sidebar.temporary_button.setVisible(self._services.temporary_chats is not None)
        self.temporary.changed.connect(self._conversations.refresh)
        self.sidebar.footer.theme_chosen.connect(self._on_theme_chosen)
        self.sidebar.footer.settings_requested.connect(self.show_settings)
        self._connect_library()
        self.addAction(self.page.header.open_action)
        QShortcut(QKeySequence(QKeySequence.StandardKey.New), self, self.show_new_chat)
        QShortcut(QKeySequence(TEMPORARY_CHAT_KEYS), self, self.show_temporary_chat)
        QShortcut(QKeySequence("Ctrl+,"), self, self.show_settings)
        QShortcut(QKeySequence("Ctrl+M"), self, self.show_library)
        self.page.zoom_changed.connect(self._on_zoom_changed)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, self._on_find)
        for key in ("Ctrl++", "Ctrl+="):
            QShortcut(QKeySequence(key), self, lambda: self.page.transcript.zoom_by(1))
        QShortcut(QKeySequence("Ctrl+-"), self, lambda: self.page.transcript.zoom_by(-1))
        QShortcut(QKeySequence("Ctrl+0"), self, lambda: self.page.transcript.zoom_by(0))
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self._on_escape)

    def _connect_library(self) -> None:
        self.sidebar.footer.models_requested.connect(self.show_library)
        self.library_sidebar.place_chosen.connect(self.show_library)
        self.downloads.page_requested.connect(lambda: self.show_library(LibraryPlace.DOWNLOADS))
        self.downloads.discover_requested.connect(lambda: self.show_library(LibraryPlace.DISCOVER))
        self.downloads.desk.open_requested.connect(self._on_downloaded_requested)
        self.downloads.desk.token_requested.connect(self.show_hub_token)
        self.downloads.close_confirmed.connect(self.close)
        self.network.going_offline.connect(self.downloads.runner.rest)
        self.network.mode_changed.connect(self._on_network_changed)
        self.downloads.runner.done.connect(lambda _: self.shelf.shelf.refresh())
        self.library_sidebar.back_requested.connect(self.show_chats)
        self.library_sidebar.speed_requested.connect(self.show_speed_report)
        self.shelf.page_requested.connect(lambda: self.show_library(LibraryPlace.SHELF))
        self.shelf.chats_requested.connect(self.show_chats)
        self.shelf.settings_changed.connect(self._on_settings_stored)
        self.shelf.count_in(self.library_sidebar.entries[LibraryPlace.SHELF])
        FileOpening(_application(), self).given.connect(lambda file: self.shelf.open(file.path))
        self.discover.open_requested.connect(self.dialogs.show_open)
        self.discover.page_requested.connect(self.downloads.desk.show_page)
        self.discover.token_requested.connect(self.show_hub_token)
        self.downloads.runner.refused.connect(self._on_download_refused)
        self.discover.speed_floor_chosen.connect(self._on_speed_floor_chosen)
        self.dialogs.file_chosen.connect(self.show_chats)

    def _connect_header(self) -> None:
        header = self.page.header
        header.open_requested.connect(self.dialogs.show_open)
        header.included_requested.connect(self._on_included_requested)
        header.stop_requested.connect(self.loader.stop)
        header.unload_requested.connect(self.loader.unload)
        header.loading_requested.connect(self.dialogs.show_loading)
        header.sampling_requested.connect(self.dialogs.show_sampling)
        header.settings_requested.connect(self.show_settings)
        header.speed_requested.connect(self.show_speed_report)
        self.speed_runner.failed.connect(self.loader.note_lost)
        header.about_model_requested.connect(self.dialogs.show_about)
        header.about_requested.connect(self.show_about)
        header.report_action.setVisible(self._services.report is not None)
        header.report_requested.connect(self.show_report)
        header.releases_requested.connect(self.show_releases)

    def _lay_out(self) -> None:
        self.setWindowTitle("Inglenook")
        self.resize(1280, 820)
        self.setMinimumSize(720, 480)
        self.setCentralWidget(self.centre)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.replies.unsaved:
            from app.ui.questions import unsaved_question

            event.ignore()
            question = unsaved_question(self)
            question.act_button.clicked.connect(self._on_close_anyway)
            question.open()
        else:
            event.setAccepted(self.downloads.may_close())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self._note_painted()


def _application() -> QApplication:
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        raise TypeError("a QApplication must exist before the window")
    return application


def _load_settings(services: WindowServices) -> Settings:
    """The stored settings, else the defaults; the services' notices tell the user why."""
    try:
        return services.settings.load()
    except StorageError as error:
        _log.warning("the defaults are in use: %s (%s)", error.sentence, error.detail)
        return Settings()
