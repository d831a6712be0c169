"""Downloads on the page "Discover models": asks before one begins, and shows them where their models stand."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.core.download import DownloadProgress
from app.core.errors import GatedError, InglenookError
from app.core.hub_reference import page_of
from app.ui.downloads.acts import AddRequest, DownloadAct
from app.ui.downloads.confirm import DownloadDialog
from app.ui.downloads.desk import DownloadDesk
from app.ui.library.model_list import ChosenFile, ModelCards
from app.ui.library.ranking import ListedModel
from app.ui.notice import Notice, NoticeAction, NoticeKind


class PageDownloads(QObject):
    """`lists` are where they are shown; `window` is what is asked in front of."""

    noticed = Signal(Notice)
    token_requested = Signal()

    def __init__(self, lists: Sequence[ModelCards], desk: DownloadDesk, window: QWidget) -> None:
        super().__init__(window)
        self._lists = tuple(lists)
        self._desk = desk
        self._window = window
        runner = desk.runner
        for models in self._lists:
            models.find_download = runner.find
            models.acted.connect(partial(self._on_acted, models))
            runner.changed.connect(models.show_downloads)
        runner.progressed.connect(self._on_progressed)
        runner.refused.connect(self._on_refused)

    def _on_acted(self, models: ModelCards, chosen: ChosenFile, act: DownloadAct) -> None:
        listed = models.cards[chosen.model_id].listed
        if listed is None or listed.offer is None:
            return
        found = self._desk.runner.find(listed.offer.repository, chosen.file_name)
        if act is DownloadAct.START:
            self._ask(listed, chosen.file_name)
        elif found.progress is not None:
            self._desk.act(found.progress.download, act)
        elif act is DownloadAct.CANCEL:
            self._desk.runner.give_up_adding(listed.offer.repository, chosen.file_name)

    def _ask(self, listed: ListedModel, file_name: str) -> None:
        """Show size, licence and place; Download then puts it on the list."""
        offer = listed.offer
        file = next((one.file for one in listed.plan.files if one.file.name == file_name), None)
        if offer is None or file is None:
            return
        request = AddRequest(offer.repository, file, listed.plan.name, offer.revision)
        dialog = DownloadDialog(
            request,
            offer.license,
            page_of(offer.repository),
            self._window.window(),
            gated=bool(offer.gated),
            sees="vision" in offer.abilities,
        )
        dialog.page_requested.connect(self._desk.show_page)
        dialog.accepted.connect(lambda: self._desk.runner.add(dialog.request))
        self._desk.runner.room_known.connect(dialog.show_room)
        self._desk.runner.ask_room()
        dialog.open()

    def _on_progressed(self, progress: DownloadProgress) -> None:
        for models in self._lists:
            models.show_downloads_of(progress.download.repository)

    def _on_refused(self, request: AddRequest, error: InglenookError) -> None:
        if isinstance(error, GatedError):
            page = error.page or page_of(request.repository)
            token = NoticeAction("Hub token…", self.token_requested.emit, closes=False)
            act = partial(self._desk.show_page, page)
            notice = Notice(error.sentence, NoticeKind.ERROR, "Open its page…", act, (token,))
        else:
            notice = Notice(error.sentence, NoticeKind.ERROR, "Try again", lambda: self._desk.runner.add(request))
        self.noticed.emit(notice)
