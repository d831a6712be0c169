"""Joins the page "Discover models" with the window; it is made when it is first shown."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.ui.downloads.desk import DownloadDesk
from app.ui.later import Later
from app.ui.services import WindowServices
from app.ui.tasks import Tasks
from app.ui.theme import Appearance

if TYPE_CHECKING:
    from app.ui.library.page import LibraryPage


class DiscoverInWindow(QObject):
    """What the page asks for is asked of the window by signals of the same names."""

    open_requested = Signal()
    speed_floor_chosen = Signal(int)
    page_requested = Signal(str)
    token_requested = Signal()

    def __init__(
        self, services: WindowServices, tasks: Tasks, appearance: Appearance, desk: DownloadDesk, window: QWidget
    ) -> None:
        super().__init__(window)
        self._services = services
        self._tasks = tasks
        self._appearance = appearance
        self._desk = desk
        self._window = window
        self._speed_floor: int | None = None
        self._page: Later[LibraryPage] = Later(self._make_page)

    @property
    def page(self) -> "LibraryPage":
        """The page, made now if need be."""
        return self._page.get()

    def set_speed_floor(self, tokens_per_second: int) -> None:
        """How fast the advised precision is to be at least."""
        self._speed_floor = tokens_per_second
        if (page := self._page.made) is not None:
            page.set_speed_floor(tokens_per_second)

    def _make_page(self) -> "LibraryPage":
        from app.ui.library.page import LibraryPage

        services = self._services
        page = LibraryPage(services.plans, self._tasks, self._appearance, self._desk, self._window, services.hub)
        page.open_requested.connect(self.open_requested)
        page.speed_floor_chosen.connect(self.speed_floor_chosen)
        page.page_requested.connect(self.page_requested)
        page.token_requested.connect(self.token_requested)
        if self._speed_floor is not None:
            page.set_speed_floor(self._speed_floor)
        return page
