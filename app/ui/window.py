"""The main window: makes its parts, joins them, and ends them in their order.

What is not in view at the start is read from the disk and made when it is first opened.
"""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from app.core.errors import InglenookError
from app.core.network import NetworkMode
from app.core.settings import Settings
from app.ui.centre import CentreView
from app.ui.chat.page import ChatPage
from app.ui.chat.replies import Replies
from app.ui.downloads.acts import AddRequest
from app.ui.downloads.in_window import WindowDownloads
from app.ui.file_opening import FileOpening
from app.ui.first_run.in_window import FirstRunInWindow
from app.ui.library.discover_in_window import DiscoverInWindow
from app.ui.lock.in_window import LockInWindow
from app.ui.model_dialogs import ModelDialogs
from app.ui.model_in_window import ModelInWindow
from app.ui.model_loader import ModelLoader
from app.ui.navigation import LibraryParts, Navigation
from app.ui.network.in_window import NetworkInWindow
from app.ui.notice import Notice, NoticeKind
from app.ui.parameters.planning import Planning
from app.ui.qt_settings import keep_qt_settings_in
from app.ui.reading_ahead import ReadingAhead
from app.ui.services import WindowServices
from app.ui.settings_in_window import SettingsInWindow
from app.ui.shelf_in_window import ShelfInWindow
from app.ui.shortcuts import Shortcuts
from app.ui.sidebar.in_window import SidebarInWindow
from app.ui.sidebar.library import LibraryPlace, LibrarySidebar
from app.ui.sidebar.view import SidebarView
from app.ui.tasks import Tasks
from app.ui.temporary_in_window import TemporaryInWindow
from app.ui.theme import Appearance
from app.ui.window_dialogs import WindowDialogs

if TYPE_CHECKING:
    from app.ui.first_run.page import FirstRunPage


class MainWindow(QMainWindow):
    """Everything on screen. The model is loaded once the window is painted; shutdown() ends what still runs."""

    first_painted = Signal()

    def __init__(self, services: WindowServices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        if services.profile is not None:
            keep_qt_settings_in(services.profile)
        self._painted = False
        self.settings = SettingsInWindow(services.settings, self)
        self.appearance = Appearance(_application(), services.resources, self.settings.current.theme)
        self.tasks = Tasks(self)
        self._reading_ahead = ReadingAhead(self.tasks, self)
        self._make_chats()
        self._make_library()
        self.lock = LockInWindow(services.lock, self.tasks, self.replies, self.appearance, self)
        cards = (self.sidebar.footer.network_card, self.library_sidebar.network_card)
        self.network = NetworkInWindow(services.network, self.tasks, self.appearance, cards, self)
        self.model = ModelInWindow(
            services, self.settings, self.loader, self.model_dialogs, self.shelf, self.page, self
        )
        self.dialogs = WindowDialogs(services, self.settings, self.loader, self.lock, self.tasks, self)
        self._lay_out()
        self._connect()
        self._connect_chats()
        self._connect_library()
        Shortcuts(self.navigation, self.dialogs, self.page, self.temporary, self.loader, self)
        self._show_first()

    @property
    def resources(self) -> Path:
        """The folder of what is shipped beside the code."""
        return self._services.resources

    def show_first_run(self) -> "FirstRunPage":
        """Ask how to start, in place of everything else."""
        return self.first_run.show(self.settings.current.speed_floor)

    def shutdown(self) -> bool:
        """Stop what runs, save what could not be saved, give the model back; False when a thread would not end."""
        self.downloads.runner.prepare_end()
        has_ended = self.tasks.shutdown(self._finish_on_engine_lane)
        self.page.drafts.finish()
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

    def _make_chats(self) -> None:
        services = self._services
        self.replies = Replies(services.chat, self.tasks, self)
        self.loader = ModelLoader(services.models, self.tasks, self)
        planning = Planning(services.plans, self.tasks, self)
        self.model_dialogs = ModelDialogs(
            services.models, self.loader, services.resources, self.appearance, self, planning=planning
        )
        self.sidebar = SidebarView(self.appearance, self)
        self.page = ChatPage(services.conversations, self.replies, self.appearance, self)
        if services.drafts is not None:
            self.page.drafts.keep_on_disk(services.drafts, self.tasks)
        self.temporary = TemporaryInWindow(
            services.temporary_chats, services.chat, self.tasks, self.replies, self.page, self
        )
        self._conversations = SidebarInWindow(services.conversations, self.replies, self.sidebar, self.page, self)

    def _make_library(self) -> None:
        services = self._services
        self.library_sidebar = LibrarySidebar(self.appearance, self)
        self.downloads = WindowDownloads(services.downloads, self.tasks, self.appearance, services.resources, self)
        self.downloads.show_in(self.sidebar.footer, self.library_sidebar, self.page.notices)
        self.discover = DiscoverInWindow(services, self.tasks, self.appearance, self.downloads.desk, self)
        self.centre = CentreView(self.sidebar, self.page, self.library_sidebar, self)
        self.shelf = ShelfInWindow(services.library, self.tasks, self.loader, self.page, self.appearance, self)
        self.first_run = FirstRunInWindow(services, self.tasks, self.appearance, self.centre, self.downloads, self)
        parts = LibraryParts(self.discover, self.shelf, self.downloads)
        self.navigation = Navigation(self.centre, self.page, self.library_sidebar, parts, self.first_run, self)

    def _lay_out(self) -> None:
        self.setWindowTitle("Inglenook")
        self.resize(1280, 820)
        self.setMinimumSize(720, 480)
        self.setCentralWidget(self.centre)

    def _connect(self) -> None:
        self.first_painted.connect(self._on_first_painted)
        self.first_run.painted.connect(self._note_painted)
        self.first_run.done.connect(self.settings.keep_first_run_done)
        self.tasks.crashed.connect(self.dialogs.show_crash)
        self.dialogs.offer_in(self.page.header)
        self.dialogs.page_requested.connect(self.downloads.desk.show_page)
        self.model.report_requested.connect(self.dialogs.show_report)
        self.lock.show_in(self.sidebar.lock_button)
        self._reading_ahead.transcript_read.connect(self.page.make_ready)
        self._reading_ahead.calm.connect(self.shelf.shelf.scan)
        self.loader.loaded.connect(self._reading_ahead.note_load)
        self.settings.applied.connect(self._on_settings_applied)
        self.settings.failed.connect(self._on_settings_failed)
        self.settings.network_chosen.connect(self.network.choose)
        self.network.going_offline.connect(self.downloads.runner.rest)
        self.network.mode_changed.connect(self._on_network_changed)
        FileOpening(_application(), self).given.connect(lambda file: self.shelf.open(file.path))

    def _connect_chats(self) -> None:
        self.replies.reply_failed.connect(self.model.note_failed_reply)
        self.page.overflow_chosen.connect(self.settings.choose_overflow)
        self.page.zoom_changed.connect(self.settings.keep_zoom)
        self.page.banner.larger_requested.connect(self.navigation.show_library)
        self.model_dialogs.file_chosen.connect(self.navigation.show_chats)
        self.sidebar.new_chat_requested.connect(self.navigation.show_new_chat)
        self.sidebar.temporary_chat_requested.connect(self.temporary.begin)
        self.sidebar.temporary_button.setVisible(self._services.temporary_chats is not None)
        self.temporary.chats_requested.connect(self.navigation.show_chats)
        self.temporary.changed.connect(self._conversations.refresh)
        self.sidebar.footer.theme_chosen.connect(self.settings.choose_theme)
        self.sidebar.footer.settings_requested.connect(self.dialogs.show_settings)
        self.sidebar.footer.models_requested.connect(self.navigation.show_library)

    def _connect_library(self) -> None:
        self.library_sidebar.speed_requested.connect(self.dialogs.show_speed_report)
        self.downloads.desk.open_requested.connect(self._on_downloaded_requested)
        self.downloads.desk.token_requested.connect(self.dialogs.show_hub_token)
        self.downloads.close_confirmed.connect(self.close)
        self.downloads.runner.done.connect(lambda _: self.shelf.shelf.refresh())
        self.downloads.runner.refused.connect(self._on_download_refused)
        self.shelf.settings_changed.connect(self.settings.read_again)
        self.shelf.count_in(self.library_sidebar.entries[LibraryPlace.SHELF])
        self.discover.open_requested.connect(self.model_dialogs.show_open)
        self.discover.page_requested.connect(self.downloads.desk.show_page)
        self.discover.token_requested.connect(self.dialogs.show_hub_token)
        self.discover.speed_floor_chosen.connect(self.settings.choose_speed_floor)

    def _show_first(self) -> None:
        """Show what is to be seen at the start; what the start must not wait for comes once it is painted."""
        self._show_settings(self.settings.current)
        for sentence in self._services.notices:
            self.page.notices.show_notice(Notice(sentence))
        self.model.tell_crash()
        self._conversations.refresh()
        self.page.show_new_chat()
        if self._services.is_first_run and self._services.crash is None:
            self.show_first_run()

    def _note_painted(self) -> None:
        if not self._painted:
            self._painted = True
            # The children are painted after their window, in the same round: the next round begins when all is there.
            QTimer.singleShot(0, self, self.first_painted.emit)

    def _on_first_painted(self) -> None:
        self.lock.apply(self.settings.current)
        self.shelf.shelf.refresh()
        self.downloads.runner.start()
        self.model.load_first()
        self._reading_ahead.begin()

    def _on_settings_applied(self, settings: Settings) -> None:
        self.appearance.choose(settings.theme)
        self.lock.apply(settings)
        self._show_settings(settings)

    def _show_settings(self, settings: Settings) -> None:
        self.page.set_overflow(settings.overflow)
        self.discover.set_speed_floor(settings.speed_floor)
        self.page.set_zoom(settings.text_percent / 100)

    def _on_settings_failed(self, error: InglenookError) -> None:
        self.page.notices.show_notice(Notice(error.sentence))

    def _on_network_changed(self, mode: NetworkMode) -> None:
        self.settings.keep_network(mode)
        if mode is NetworkMode.ONLINE:
            self.downloads.runner.go_on()

    def _on_download_refused(self, request: AddRequest, error: InglenookError) -> None:
        if not self.centre.shows_library:  # which tells it itself
            again = partial(self.downloads.runner.add, request)
            self.page.notices.show_notice(Notice(error.sentence, NoticeKind.ERROR, "Try again", again))

    def _on_downloaded_requested(self, path: Path) -> None:
        self.navigation.show_chats()
        self.loader.load(path)

    def _on_close_anyway(self) -> None:
        self.replies.forget_unsaved()
        self.close()

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
