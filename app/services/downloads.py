"""The queue of downloads: what is fetched in which order, and how each ends."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.download import Download, DownloadProgress, DownloadRoom, DownloadState
from app.core.errors import StorageError
from app.core.plan import ModelFile
from app.core.rate_limit import RateLimit
from app.core.settings import Settings
from app.hub.base import Hub
from app.network.press import carried, current_press, pressed
from app.services.download_plan import planned_download
from app.services.download_run import DownloadParts, DownloadRun
from app.storage.download_disk import DownloadDisk, free_bytes
from app.storage.downloads import DownloadStore, Holder
from app.storage.settings import SettingsStore
from app.storage.verified import VerifiedFiles
from app.storage.writers import this_writer

_log = logging.getLogger(__name__)

WINDOW = "The window"
TERMINAL = "A terminal"
"""What the programs that fetch are called in sentences."""

_PRESS = "Download pressed"
_EARLIER = "Download pressed in an earlier run"
_ENDED = "Inglenook ended before this was done; it goes on from there."
_MEGABYTE = 1_000_000
_STOPPED = (DownloadState.PAUSED, DownloadState.FAILED)


class DownloadService:
    """Keeps the queue; nothing runs by itself: whoever has a thread calls fetch().

    The queue is shared by all processes of a profile, and `program` names this one in sentences for the others.
    What was pressed in an earlier run goes on where `is_online` says that it may. `on_done` is told of each finished
    download, on the thread that fetched it, and must not raise. Every method but fetch() may raise StorageError.
    """

    def __init__(
        self,
        hub: Hub,
        store: DownloadStore,
        verified: VerifiedFiles,
        settings: SettingsStore,
        disk: DownloadDisk,
        program: str = WINDOW,
        is_online: Callable[[], bool] = lambda: True,
    ) -> None:
        self._hub = hub
        self._store = store
        self._settings = settings
        self._disk = disk
        self._program = program
        self._limit = RateLimit()
        self._parts = DownloadParts(hub, store, verified, disk, self._limit, self._heed_settings)
        self._is_online = is_online
        self._presses: dict[int, str] = {}  # of this run, by the downloads' ids
        self._running: dict[int, CancelToken] = {}
        self._is_closing = False
        self._is_resting = False
        self.on_done: Callable[[Download], None] = lambda _: None

    @property
    def folder(self) -> Path:
        """Where new downloads go: the folder of models that is set, else the one in the profile."""
        chosen = self._chosen().models_folder
        return Path(chosen).expanduser().absolute() if chosen else self._disk.own_folder

    def downloads(self) -> tuple[Download, ...]:
        """All of them in their order, the finished ones last."""
        self._store.take_over(_ENDED)
        return tuple(self._measured(download) for download in self._store.list())

    def room(self) -> DownloadRoom:
        """The folder that a download added now would go to, and what is free there."""
        folder = self.folder
        there = next((one for one in (folder, *folder.parents) if one.exists()), folder)  # it is made when needed
        return DownloadRoom(folder, free_bytes(there))

    def add(
        self,
        repository: str,
        file: ModelFile,
        cancel: CancelToken,
        name: str = "",
        revision: str = "",
        *,
        with_projector: bool = False,
    ) -> Download:
        """Queue a model's file, with all its parts; one that is queued already is given back as it is.

        `with_projector` adds the file that lets the model see. The hub is asked for the list of files. Raises HubError
        (GatedError with the page), DiskFullError when there is no room, InvalidParameterError for a name that cannot be
        a file, CancelledError.
        """
        folder = self.folder
        self._disk.check_root(folder)
        with pressed(_PRESS):
            found = self._hub.repository(repository, cancel, revision)
        planned = planned_download(found, file, folder, name=name, with_projector=with_projector)
        listed = self.downloads()
        for download in listed:
            if download.repository == planned.repository and _is_within(planned, download):
                if download.state is not DownloadState.DONE or _is_whole(download):
                    self._note_press(download.id)
                    return download
                self._store.remove(download.id)  # its files have gone since
        self._disk.check_room(planned, [one for one in listed if one.state in _ACTIVE])
        added = self._store.add(replace(planned, done_bytes=self._disk.done_bytes(planned)))
        self._note_press(added.id)
        return added

    def startable(self) -> tuple[Download, ...]:
        """Those that are to be fetched now: waiting ones, as many as may run at once beside those that do.

        One for which fetch() was called is startable until its first event.
        """
        listed = self.downloads()
        running = sum(download.state is DownloadState.RUNNING for download in listed)
        waiting = [download for download in listed if download.state is DownloadState.WAITING]
        if not self._is_online():
            waiting = [download for download in waiting if download.id in self._presses]
        return tuple(waiting[: max(self._chosen().downloads_at_once - running, 0)])

    def fetch(self, download_id: int, cancel: CancelToken) -> Iterator[DownloadProgress]:
        """Fetch one to its end, from where it stands; the last event tells how it ended, and nothing known is raised.

        One that does not wait its turn is told as it is; of one that is no longer listed nothing is told. A cancelled
        token pauses it within 100 ms. Several may be fetched at once, each on a thread of its own.
        """
        if self._is_closing:
            return
        try:
            process = this_writer()
            claimed = self._store.claim(download_id, Holder(process, self._program))
            download = self._store.get(download_id)
            if download is None:
                return  # it was removed meanwhile
            if not claimed:
                yield DownloadProgress(self._told_as_it_is(download))
                return
        except StorageError as error:
            _log.warning("the queue of downloads cannot be used: %s (%s)", error.sentence, error.detail)
            return
        yield from self._run(download, process, cancel)

    def _run(self, download: Download, process: str, cancel: CancelToken) -> Iterator[DownloadProgress]:
        own = CancelToken()
        self._running[download.id] = own
        last = DownloadProgress(download)
        try:
            with cancel.calling(own.cancel):
                run = DownloadRun(download, process, self._parts, own, self._state_after_cancel)
                for last in carried(self._presses.get(download.id, _EARLIER), run.events()):
                    if last.download.state is DownloadState.DONE:
                        self.on_done(last.download)
                    yield last
        finally:
            del self._running[download.id]

    def pause(self, download_id: int) -> None:
        """Let it not be startable, and stop it where it is being fetched, in another process within a second or so."""
        self._store.change(download_id, _ACTIVE, DownloadState.PAUSED)
        self._stop(download_id)

    def resume(self, download_id: int) -> None:
        """Let a paused or failed one wait for its turn again."""
        self._note_press(download_id, "Resume pressed")
        self._store.change(download_id, _STOPPED, DownloadState.WAITING)

    def move(self, download_id: int, place: int) -> None:
        """Give it another place among those that wait; 0 is the next."""
        self._store.move(download_id, place)

    def remove(self, download_id: int) -> None:
        """Take it off the list; what was fetched of an unfinished one is deleted.

        Where it is being fetched, it is stopped first, and deleted there.
        """
        self._store.take_over(_ENDED)
        download = self._store.get(download_id)
        if download is None:
            return
        fetched = self._store.fetched(download_id)
        self._store.remove(download_id)
        if download.state is DownloadState.RUNNING:
            self._stop(download_id)
        elif download.state is not DownloadState.DONE:
            self._disk.discard(download, fetched, self._store.list())

    def rest(self) -> None:
        """Offline was chosen: what is being fetched stops, and waits until that ends."""
        self._presses.clear()
        self._is_resting = True
        for download_id in tuple(self._running):
            self._stop(download_id)

    def wake(self) -> None:
        """Offline has ended: what waits may go on."""
        self._is_resting = False

    def close(self) -> None:
        """The application ends: what is being fetched stops, and waits for its turn at the next start."""
        self._is_closing = True
        for download_id in tuple(self._running):
            self._stop(download_id)

    def _stop(self, download_id: int) -> None:
        if token := self._running.get(download_id):
            token.cancel()

    def _state_after_cancel(self) -> DownloadState:
        return DownloadState.WAITING if self._is_closing or self._is_resting else DownloadState.PAUSED

    def _note_press(self, download_id: int, what: str = _PRESS) -> None:
        self._presses[download_id] = current_press() or what

    def _told_as_it_is(self, download: Download) -> Download:
        holder = self._store.holder(download.id)
        if holder is None:
            return self._measured(download)
        number = holder.process.partition(" ")[0]
        return replace(
            self._measured(download), sentence=f"{holder.program} (process {number}) is fetching this already."
        )

    def _measured(self, download: Download) -> Download:
        """The same with what lies on the disk now, which is more than was noted when a process was killed."""
        if download.state is DownloadState.DONE:
            return download
        return replace(download, done_bytes=self._disk.done_bytes(download))

    def _chosen(self) -> Settings:
        try:
            return self._settings.load()
        except StorageError as error:
            _log.info("downloads go on by the defaults: %s (%s)", error.sentence, error.detail)
            return Settings()

    def _heed_settings(self) -> None:
        self._limit.bytes_per_second = self._chosen().download_limit_megabytes * _MEGABYTE


_ACTIVE = (DownloadState.WAITING, DownloadState.RUNNING)


def _is_within(planned: Download, download: Download) -> bool:
    """Whether all the files of one are among those of the other."""
    return {file.target for file in planned.files} <= {file.target for file in download.files}


def _is_whole(download: Download) -> bool:
    return all(file.target.is_file() for file in download.files)
