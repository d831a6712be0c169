"""Joins the page of the first start with the window: when it is shown, where its ways lead, and what ends it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QWidget

from app.core.offer import OfferedModel
from app.core.plan import FilePlan
from app.services.plans import PlanRequest
from app.ui.centre import CentreView
from app.ui.downloads.acts import AddRequest
from app.ui.downloads.in_window import WindowDownloads
from app.ui.services import WindowServices
from app.ui.sidebar.library import LibraryPlace
from app.ui.tasks import Tasks
from app.ui.theme import Appearance

if TYPE_CHECKING:
    from app.ui.first_run.page import FirstRunPage


class FirstRunInWindow(QObject):
    """`done` tells that nobody is to be asked again; `painted` that the page, which covers the window, is on screen."""

    chats_requested = Signal()
    place_requested = Signal(LibraryPlace)
    done = Signal()
    painted = Signal()

    def __init__(
        self,
        services: WindowServices,
        tasks: Tasks,
        appearance: Appearance,
        centre: CentreView,
        downloads: WindowDownloads,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._services = services
        self._tasks = tasks
        self._appearance = appearance
        self._centre = centre
        self._downloads = downloads
        self._page: FirstRunPage | None = None

    def show(self, speed_floor: int) -> "FirstRunPage":
        """Ask how to start, in place of everything else; the included model is loaded meanwhile."""
        from app.ui.first_run.page import FirstRunPage

        request = PlanRequest(speed_floor=speed_floor)
        included = self._services.models.included.name
        page = FirstRunPage(self._services.plans, self._tasks, self._appearance, included, request=request)
        page.download_chosen.connect(self._on_download_chosen)
        page.left.connect(self.chats_requested)
        page.open_requested.connect(lambda: self.place_requested.emit(LibraryPlace.SHELF))
        page.all_requested.connect(lambda: self.place_requested.emit(LibraryPlace.DISCOVER))
        page.page_requested.connect(self._downloads.desk.show_page)
        self._downloads.runner.room_known.connect(page.show_room)
        self._downloads.runner.ask_room()
        self._page = page
        self._centre.show_alone(page)
        if (covering := page.widget()) is not None:
            covering.installEventFilter(self)  # the window under it is not painted then
        return page

    def leave(self) -> bool:
        """Do not ask any more how to start, now or later; False when nobody was asked."""
        page, self._page = self._page, None
        if page is None:
            return False
        page.stop()
        self._centre.end_alone()
        self.done.emit()
        return True

    def _on_download_chosen(self, offer: OfferedModel, file: FilePlan) -> None:
        self._downloads.runner.add(AddRequest(offer.repository, file.file, offer.name, offer.revision))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            # Once is enough, and a filter in Python must not be called any more while the page is taken apart: what it
            # is given then is half gone, and PySide takes other objects for gone with it.
            watched.removeEventFilter(self)
            self.painted.emit()
        return super().eventFilter(watched, event)
