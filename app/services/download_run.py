"""Fetches one download from where it stands to its end, whatever that is."""

import hashlib
import logging
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.download import Download, DownloadFile, DownloadProgress, DownloadState, DownloadStep
from app.core.errors import (
    CancelledError,
    GatedError,
    HubBusyError,
    HubConnectionError,
    HubFaultError,
    HubTokenError,
    InglenookError,
    OfflineChosenError,
    StorageError,
)
from app.core.rate_limit import RateLimit
from app.hub.base import Hub, Repository, RepositoryFile
from app.services.download_speed import Moment, SpeedMeter
from app.storage.download_disk import DownloadDisk
from app.storage.downloads import DownloadStore
from app.storage.file_lock import file_lock
from app.storage.verified import VerifiedFiles

_log = logging.getLogger(__name__)

_SHOWN_SECONDS = 0.05  # between two events that say the same but for the bytes
_LOOK_SECONDS = 1.0  # between two looks at disk, queue and settings
_READ_BYTES = 1 << 20
# What goes on by itself or by something that the user does, without another file or another account.
_PASSING = (HubConnectionError, HubBusyError, HubFaultError, OfflineChosenError, StorageError)


@dataclass(frozen=True, slots=True)
class DownloadParts:
    """What every run works with. `on_look` is called about once a second, on the thread of the run."""

    hub: Hub
    store: DownloadStore
    verified: VerifiedFiles
    disk: DownloadDisk
    limit: RateLimit
    on_look: Callable[[], None]


class DownloadRun:
    """A download that `process` has claimed. Cancelling ends it in the state that `state_after_cancel` gives."""

    def __init__(
        self,
        download: Download,
        process: str,
        parts: DownloadParts,
        cancel: CancelToken,
        state_after_cancel: Callable[[], DownloadState],
    ) -> None:
        self._download = replace(download, state=DownloadState.RUNNING, sentence="", page="")
        self._process = process
        self._parts = parts
        self._cancel = cancel
        self._state_after_cancel = state_after_cancel
        self._meter = SpeedMeter()
        self._before_bytes = 0  # those of the files that are done
        self._put_there: list[Path] = []  # by this download, now or in an earlier run
        self._looked = 0.0
        self._shown: tuple[float, DownloadStep, str] = (0.0, DownloadStep.FETCHING, "")

    def events(self) -> Generator[DownloadProgress, None, None]:
        """What happens; the last event tells how it ended. A consumer that leaves early pauses it."""
        ending = self._ending(CancelledError())
        try:
            yield DownloadProgress(self._download)
            yield from self._steps()
            ending = replace(self._download, state=DownloadState.DONE, done_bytes=self._download.size_bytes)
        except InglenookError as error:
            ending = self._ending(error)
        finally:
            ended = self._ended(ending)
        yield DownloadProgress(ended)

    def _steps(self) -> Iterator[DownloadProgress]:
        parts, download = self._parts, self._download
        self._cancel.raise_if_cancelled()
        parts.disk.prepare(download)
        self._put_there += parts.store.fetched(download.id)
        self._look(is_first=True)
        running = [one for one in parts.store.list() if one.state is DownloadState.RUNNING]
        parts.disk.check_room(download, running)
        with ExitStack() as locks:
            locks.callback(parts.disk.remove_folders, download)
            for file in download.files:
                if not locks.enter_context(file_lock(file.target)):
                    raise StorageError(
                        f"Another program is fetching {file.target.name} into {file.target.parent}. Wait until it is "
                        "done, then try again."
                    )
            locks.callback(parts.disk.tidy, download)
            for file in download.files:
                if not (yield from self._is_there(file)):
                    yield from self._fetched(file)
                self._before_bytes += file.size_bytes

    def _is_there(self, file: DownloadFile) -> Generator[DownloadProgress, None, bool]:
        """Whether the very file lies in its place already. Raises StorageError when another one does."""
        try:
            size = file.target.stat().st_size
        except OSError:
            return False
        if size == file.size_bytes and (not file.sha256 or (yield from self._checksum(file)) == file.sha256):
            return True
        raise StorageError(
            f"There is another file {file.target.name} in {file.target.parent} already, which is not the one at the "
            "hub. Move it away or rename it, then try again."
        )

    def _checksum(self, file: DownloadFile) -> Generator[DownloadProgress, None, str]:
        known = self._remembered(file)
        if known is not None:
            return known
        digest = hashlib.sha256()
        checked = 0
        try:
            with file.target.open("rb") as opened:
                while block := opened.read(_READ_BYTES):
                    self._cancel.raise_if_cancelled()
                    digest.update(block)
                    checked += len(block)
                    yield from self._told(file.size_bytes, DownloadStep.CHECKING, "", checked)
        except OSError as error:
            raise StorageError(f"{file.target} cannot be read: {error.strerror}.", str(error)) from error
        self._remember(file, digest.hexdigest())
        return digest.hexdigest()

    def _fetched(self, file: DownloadFile) -> Iterator[DownloadProgress]:
        repository = Repository(self._download.repository, self._download.revision, ())
        wanted = RepositoryFile(file.path, file.size_bytes, file.sha256, file.sha256)
        parts = self._parts
        sha256 = ""
        for progress in parts.hub.fetch(repository, wanted, file.target, self._cancel, parts.limit):
            sha256 = progress.sha256
            checking = progress.step is DownloadStep.CHECKING
            done = parts.disk.file_bytes(file) if checking else progress.done_bytes
            yield from self._told(done, progress.step, progress.sentence, progress.done_bytes if checking else 0)
        self._put_there.append(file.target)
        parts.store.keep_fetched(self._download.id, file)
        if sha256:
            self._remember(file, sha256)

    def _told(
        self, file_bytes: int, step: DownloadStep, sentence: str, checked_bytes: int = 0
    ) -> Iterator[DownloadProgress]:
        """The event for so many bytes of the present file, unless one was told a moment ago."""
        self._download = replace(self._download, done_bytes=self._before_bytes + file_bytes, sentence=sentence)
        now = time.monotonic()
        if step is not DownloadStep.FETCHING:
            self._meter = self._meter.rested()
        if now - self._looked >= _LOOK_SECONDS:
            self._look()
        shown, step_before, sentence_before = self._shown
        if now - shown < _SHOWN_SECONDS and step is step_before and sentence == sentence_before:
            return
        self._shown = (now, step, sentence)
        if step is not DownloadStep.FETCHING:
            yield DownloadProgress(self._download, step, checked_bytes=checked_bytes)
            return
        self._meter = self._meter.after(Moment(now, time.time(), self._download.done_bytes))
        left = self._meter.seconds_left(self._download.size_bytes - self._download.done_bytes)
        yield DownloadProgress(self._download, step, self._meter.bytes_per_second, left)

    def _look(self, *, is_first: bool = False) -> None:
        """See whether all is still well. Raises CancelledError when it was paused or removed since, StorageError."""
        self._looked = time.monotonic()
        self._parts.on_look()
        if not self._parts.store.keep_progress(self._download.id, self._process, self._download.done_bytes):
            raise CancelledError
        if not is_first:
            self._parts.disk.check_running(self._download)

    def _ending(self, error: InglenookError) -> Download:
        """What the download is after this error."""
        if isinstance(error, CancelledError):
            return replace(self._download, state=self._state_after_cancel(), sentence="")
        _log.info("%s: %s (%s)", self._download.name, error.sentence, error.detail)
        state = DownloadState.PAUSED if isinstance(error, _PASSING) else DownloadState.FAILED
        page = error.page if isinstance(error, GatedError | HubTokenError) else ""
        return replace(self._download, state=state, sentence=error.sentence, page=page)

    def _ended(self, ending: Download) -> Download:
        """Keep how it ended; what the queue says where somebody else has decided meanwhile."""
        parts = self._parts
        if ending.state is not DownloadState.DONE:
            ending = replace(ending, done_bytes=parts.disk.done_bytes(ending))
        try:
            if parts.store.end(ending, self._process):
                return ending
            found = parts.store.get(ending.id)
            if found is not None:
                parts.store.keep_bytes(ending.id, ending.done_bytes)
                return replace(found, done_bytes=ending.done_bytes)
            parts.disk.discard(ending, self._put_there, parts.store.list())
        except StorageError as error:
            _log.warning("how %s ended is not kept: %s (%s)", ending.name, error.sentence, error.detail)
            return ending
        return replace(ending, state=DownloadState.PAUSED, done_bytes=0, sentence="It was removed.")

    def _remembered(self, file: DownloadFile) -> str | None:
        try:
            return self._parts.verified.sha256(file.target)
        except StorageError as error:
            _log.info("the checksum of %s is worked out anew: %s", file.target, error)
            return None

    def _remember(self, file: DownloadFile, sha256: str) -> None:
        try:
            self._parts.verified.remember(file.target, sha256)
        except StorageError as error:
            _log.info("the checksum of %s is not remembered: %s", file.target, error)
