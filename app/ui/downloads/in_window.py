"""Joins the downloads with the rest of the window: its sidebars, its title, its notices and its end."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.core.wording import counted
from app.services.downloads import DownloadService
from app.ui.downloads.desk import DownloadDesk
from app.ui.downloads.news import DownloadNews
from app.ui.downloads.runner import DownloadRunner
from app.ui.later import Later
from app.ui.notice import NoticeBar
from app.ui.sidebar.footer import SidebarFooter
from app.ui.sidebar.library import LibraryPlace, LibrarySidebar
from app.ui.tasks import Tasks
from app.ui.theme import Appearance

if TYPE_CHECKING:
    from app.ui.downloads.page import DownloadsPage

_TITLE = "Inglenook"


class WindowDownloads(QObject):
    """Makes what downloads need; show_in() then ties it to what the window has. The page is made when first shown."""

    page_requested = Signal()
    discover_requested = Signal()
    close_confirmed = Signal()

    def __init__(
        self, service: DownloadService, tasks: Tasks, appearance: Appearance, resources: Path, window: QWidget
    ) -> None:
        super().__init__(window)
        self._window = window
        self._resources = resources
        self._appearance = appearance
        self._may_close = False
        self._page: Later[DownloadsPage] = Later(self._make_page)
        self.runner = DownloadRunner(service, tasks, self)
        self.desk = DownloadDesk(self.runner, window)

    @property
    def page(self) -> "DownloadsPage":
        """The page "Downloads", made now if need be."""
        return self._page.get()

    @property
    def going_on(self) -> int:
        """How many go on by themselves after the profile was locked: all in the row, where any is being fetched."""
        return len(self.runner.under_way) if self.runner.fetched else 0

    def show_in(self, footer: SidebarFooter, sidebar: LibrarySidebar, notices: NoticeBar) -> None:
        """Show in these what is fetched, and tell how it ended."""
        self._footer = footer
        self._sidebar = sidebar
        self.news = DownloadNews(self.desk, notices.show_notice, self._resources, self._window)
        self.news.show_requested.connect(self.page_requested)
        footer.download_line.clicked.connect(self.page_requested)
        self.runner.changed.connect(self._refresh)
        self.runner.progressed.connect(self._show_fetched)

    def may_close(self) -> bool:
        """Whether the window can close now; else the user is asked, and `close_confirmed` is their yes."""
        count = len(self.runner.under_way)
        if self._may_close or not count:
            return True
        from app.ui.questions import QuestionDialog

        is_one = count == 1
        question = QuestionDialog(
            f"{counted(count, 'download')} {'is' if is_one else 'are'} under way.",
            f"{'It goes on where it is' if is_one else 'They go on where they are'} when you start Inglenook again.",
            "Close",
            self._window,
        )
        question.cancel_button.setText("Stay")
        question.act_button.clicked.connect(self._on_close_chosen)
        question.open()
        return False

    def let_close(self) -> None:
        """Do not ask: nothing is lost, and whoever ends the process cannot answer."""
        self._may_close = True

    def _make_page(self) -> "DownloadsPage":
        from app.ui.downloads.page import DownloadsPage

        page = DownloadsPage(self.desk, self._appearance, self._window)
        page.discover_requested.connect(self.discover_requested)
        return page

    def _refresh(self) -> None:
        unfinished = len(self.runner.unfinished)
        self._sidebar.entries[LibraryPlace.DOWNLOADS].show_note(str(unfinished) if unfinished else "")
        for card in (self._footer.network_card, self._sidebar.network_card):
            card.show_online(self.runner.is_online)
        self._show_fetched()

    def _show_fetched(self) -> None:
        """In the sidebar, and in the title for the system's taskbar, of whose own progress bars Qt 6 knows nothing."""
        line = self._footer.download_line
        fetched = self.runner.fetched
        line.show_downloads(fetched)
        title = f"{line.percent} · {_TITLE}" if fetched else _TITLE
        if title != self._window.windowTitle():
            self._window.setWindowTitle(title)

    def _on_close_chosen(self) -> None:
        self.let_close()
        self.close_confirmed.emit()
