"""Runs the queue of downloads beside the window: fetches what is startable, and carries out what is asked of it."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.cancel import CancelToken
from app.core.download import Download, DownloadProgress, DownloadRoom, DownloadState
from app.core.errors import InglenookError
from app.services.downloads import DownloadService
from app.ui.downloads.acts import AddRequest
from app.ui.tasks import Emit, Lane, Task, Tasks

_PROGRESS_MILLISECONDS = 100
UNDER_WAY = (DownloadState.WAITING, DownloadState.RUNNING)


@dataclass(frozen=True, slots=True)
class FileDownload:
    """What is on the list of a file: how far it has come, or that the hub `is_asked` for it; false for neither."""

    progress: DownloadProgress | None = None
    is_asked: bool = False

    def __bool__(self) -> bool:
        return self.progress is not None or self.is_asked


@dataclass(frozen=True, slots=True)
class _Snapshot:
    downloads: tuple[Download, ...]
    startable: tuple[Download, ...]


class DownloadRunner(QObject):
    """Nothing here waits: what the service does runs on lanes, and what came of it is told by signals."""

    progressed = Signal(DownloadProgress)  # at most ten times a second for each
    changed = Signal()  # the list, its order, a state, or what is being added
    done = Signal(Download)
    stopped = Signal(Download)  # failed, or paused by itself: its sentence says why
    refused = Signal(AddRequest, InglenookError)
    failed = Signal(InglenookError)
    room_known = Signal(DownloadRoom)

    def __init__(self, service: DownloadService, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self._downloads: tuple[Download, ...] = ()
        self._latest: dict[int, DownloadProgress] = {}
        self._fetches: dict[int, Task[DownloadProgress]] = {}
        self._adding: dict[AddRequest, Task[Download]] = {}
        self._asked_to_pause: set[int] = set()
        self._after: dict[int, Callable[[], None]] = {}  # what waits for the end of a fetch
        self._left_alone: set[int] = set()  # what could not even begin, or is fetched by another program
        self._rested: set[int] = set()  # stopped because the user went offline
        self._is_closing = threading.Event()
        self._is_read = False
        self._untold: set[int] = set()
        self._pace = QTimer(self)
        self._pace.setInterval(_PROGRESS_MILLISECONDS)
        self._pace.setSingleShot(True)
        self._pace.timeout.connect(self._tell_progress)

    @property
    def downloads(self) -> tuple[Download, ...]:
        """All of them in their order, as they were told last."""
        return tuple(self._latest[one.id].download if one.id in self._latest else one for one in self._downloads)

    @property
    def under_way(self) -> tuple[Download, ...]:
        """Those that are fetched or wait for their turn."""
        return tuple(one for one in self.downloads if one.state in UNDER_WAY)

    @property
    def unfinished(self) -> tuple[Download, ...]:
        """Those that are not done, whatever keeps them."""
        return tuple(one for one in self.downloads if one.state is not DownloadState.DONE)

    @property
    def fetched(self) -> tuple[DownloadProgress, ...]:
        """How far those have come that are fetched now."""
        return tuple(self.progress(one) for one in self.downloads if one.id in self._fetches)

    @property
    def is_online(self) -> bool:
        """Whether the hub is contacted."""
        return bool(self._fetches or self._adding)

    @property
    def is_read(self) -> bool:
        """Whether the list is known."""
        return self._is_read

    def progress(self, download: Download) -> DownloadProgress:
        """How far a download has come."""
        return self._latest.get(download.id) or DownloadProgress(download)

    def find(self, repository: str, file_name: str) -> FileDownload:
        """What is on the list of this file of a repository."""
        for one in self.downloads:
            if one.repository == repository and one.files and one.files[0].path == file_name:
                return FileDownload(self.progress(one))
        return FileDownload(is_asked=any(request.is_for(repository, file_name) for request in self._adding))

    def start(self) -> None:
        """Read the list and fetch what is startable."""
        service = self._service

        def work(emit: Emit[_Snapshot], _cancel: CancelToken) -> None:
            emit(_Snapshot(service.downloads(), service.startable()))

        self._tasks.run(Lane.QUEUE, work, self._on_snapshot, lambda _: None, self.failed.emit)

    def add(self, request: AddRequest) -> None:
        """Put a file on the list; `refused` tells when that cannot be done."""
        if request in self._adding:
            return
        service = self._service

        def work(emit: Emit[Download], cancel: CancelToken) -> None:
            emit(
                service.add(
                    request.repository,
                    request.file,
                    cancel,
                    request.name,
                    request.revision,
                    with_projector=request.with_projector,
                )
            )

        self._adding[request] = self._tasks.run(
            Lane.NETWORK,
            work,
            self._on_listed,
            lambda _: self._on_added(request),
            lambda error: self._on_not_added(request, error),
        )
        self.changed.emit()

    def give_up_adding(self, repository: str, file_name: str) -> None:
        """Let a file be that the hub is being asked for."""
        for request, task in list(self._adding.items()):
            if request.is_for(repository, file_name):
                task.cancel()

    def pause(self, download_id: int) -> None:
        """Let a download rest where it is."""
        self._after.pop(download_id, None)
        if download_id in self._fetches:
            self._asked_to_pause.add(download_id)
            self._fetches[download_id].cancel()
        self._order(lambda: self._service.pause(download_id))

    def resume(self, download_id: int) -> None:
        """Let a paused or failed download go on."""
        self._left_alone.discard(download_id)
        self._when_at_rest(download_id, lambda: self._service.resume(download_id))

    def cancel(self, download_id: int) -> None:
        """Take a download off the list; what was fetched of an unfinished one is deleted."""
        if download_id in self._fetches:
            self._asked_to_pause.add(download_id)
            self._fetches[download_id].cancel()
        self._when_at_rest(download_id, lambda: self._service.remove(download_id))

    def move(self, download_id: int, place: int) -> None:
        """Give a waiting download another place among those that wait; 0 is the next."""
        self._order(lambda: self._service.move(download_id, place))

    def ask_room(self) -> None:
        """Find out where a download would go, which `room_known` tells."""
        service = self._service

        def work(emit: Emit[DownloadRoom], _cancel: CancelToken) -> None:
            emit(service.room())

        self._tasks.run(Lane.QUEUE, work, self.room_known.emit, lambda _: None, self.failed.emit)

    def rest(self) -> None:
        """The user goes offline: what is fetched stops, and waits."""
        self._rested |= set(self._fetches)
        self._service.rest()

    def go_on(self) -> None:
        """The user is online again: what waits goes on."""
        self._service.wake()
        self._left_alone.clear()
        self.start()

    def prepare_end(self) -> None:
        """The window closes: what is stopped from now on goes on at the next start."""
        self._is_closing.set()

    def _when_at_rest(self, download_id: int, order: Callable[[], None]) -> None:
        """Carry an order out as soon as the download is not being fetched."""
        if download_id in self._fetches:
            self._after[download_id] = order
        else:
            self._order(order)

    def _order(self, order: Callable[[], None]) -> None:
        """Change the list, and read it anew."""
        self._tasks.run(
            Lane.QUEUE, lambda _emit, _cancel: order(), lambda _: None, lambda _: self.start(), self._on_order_failed
        )

    def _fetch(self, download: Download) -> None:
        service, closing, held = self._service, self._is_closing, self._asked_to_pause

        def work(emit: Emit[DownloadProgress], cancel: CancelToken) -> None:
            for progress in service.fetch(download.id, cancel):
                emit(progress)
            if closing.is_set() and cancel.cancelled and download.id not in held:
                with suppress(InglenookError):  # it stays paused, which the list says at the next start
                    service.resume(download.id)

        self._fetches[download.id] = self._tasks.run(
            Lane.DOWNLOADS,
            work,
            self._on_progress,
            lambda _: self._on_fetch_ended(download.id),
            lambda error: self._on_fetch_failed(download.id, error),
        )

    def _on_snapshot(self, snapshot: _Snapshot) -> None:
        self._is_read = True
        self._downloads = snapshot.downloads
        self._latest = {number: one for number, one in self._latest.items() if number in self._fetches}
        for download in snapshot.startable:
            is_busy = download.id in self._fetches or download.id in self._left_alone
            if not is_busy and not self._is_closing.is_set():
                self._fetch(download)
        self.changed.emit()

    def _on_progress(self, progress: DownloadProgress) -> None:
        number = progress.download.id
        before = self._latest.get(number)
        self._latest[number] = progress
        if before is None or before.download.state is not progress.download.state:
            self._untold.discard(number)
            self.progressed.emit(progress)
            self.changed.emit()
        else:
            self._untold.add(number)
            if not self._pace.isActive():
                self._pace.start()

    def _tell_progress(self) -> None:
        told, self._untold = self._untold, set()
        for number in told:
            if number in self._latest:
                self.progressed.emit(self._latest[number])

    def _on_fetch_ended(self, download_id: int) -> None:
        del self._fetches[download_id]
        was_asked = download_id in self._asked_to_pause
        self._asked_to_pause.discard(download_id)
        last = self._latest.get(download_id)
        order = self._after.pop(download_id, None)
        state = last.download.state if last is not None else DownloadState.WAITING
        was_rested = download_id in self._rested
        self._rested.discard(download_id)
        if state in UNDER_WAY and not was_asked and not was_rested:
            self._left_alone.add(download_id)
        if order is not None and state is not DownloadState.DONE:
            self._order(order)
        else:
            self.start()
        self.changed.emit()
        if last is not None and state is DownloadState.DONE:
            self.done.emit(last.download)
        elif last is not None and order is None and _is_news(state, was_asked=was_asked):
            self.stopped.emit(last.download)

    def _on_fetch_failed(self, download_id: int, error: InglenookError) -> None:
        self._latest.pop(download_id, None)
        self._on_fetch_ended(download_id)
        self.failed.emit(error)

    def _on_listed(self, download: Download) -> None:
        """It is on the list before that is read anew, so that nothing seems to vanish in between."""
        if all(one.id != download.id for one in self._downloads):
            self._downloads = (*self._downloads, download)

    def _on_added(self, request: AddRequest) -> None:
        del self._adding[request]
        self.start()
        self.changed.emit()

    def _on_not_added(self, request: AddRequest, error: InglenookError) -> None:
        del self._adding[request]
        self.changed.emit()
        self.refused.emit(request, error)

    def _on_order_failed(self, error: InglenookError) -> None:
        self.failed.emit(error)
        self.start()


def _is_news(state: DownloadState, *, was_asked: bool) -> bool:
    """Whether somebody should be told that a download rests: whoever paused it knows."""
    return state is DownloadState.FAILED or (state is DownloadState.PAUSED and not was_asked)
