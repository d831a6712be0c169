"""A queue of downloads that goes as a test says: nothing moves by itself."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.download import Download, DownloadFile, DownloadProgress, DownloadRoom, DownloadState, DownloadStep
from app.core.errors import InglenookError
from app.core.plan import ModelFile
from app.services.downloads import DownloadService

FOLDER = Path("/models")
_POLL_SECONDS = 0.002


class FakeDownloads(DownloadService):
    """`threads` are those that the service was called on; `fetching` are the ids that are being fetched.

    Events that tell() gives are yielded by the fetch of the same download, which ends with one that is not running.
    """

    def __init__(self, *downloads: Download, at_once: int = 3) -> None:
        # Nothing of the real one is made: it would need a hub and a database.
        self._lock = threading.Lock()
        self._rows = {one.id: one for one in downloads}
        self._events: dict[int, list[DownloadProgress]] = {}
        self._at_once = at_once
        self.fetching: set[int] = set()
        self.most_at_once = 0
        self.threads: set[threading.Thread] = set()
        self.refusal: InglenookError | None = None
        self.free_bytes: int | None = 100 * 10**9
        self.gate: threading.Event | None = None
        self.added: list[tuple[str, str, str]] = []
        self.projectors: list[bool] = []

    def rest(self) -> None:
        """See DownloadService; a fetch here ends when it is cancelled."""

    def wake(self) -> None:
        """See DownloadService."""

    def tell(
        self,
        download_id: int,
        done_bytes: int,
        speed: float | None = None,
        left: float | None = None,
        step: DownloadStep = DownloadStep.FETCHING,
    ) -> None:
        """Let a fetch come this far."""
        row = replace(self._rows[download_id], state=DownloadState.RUNNING, done_bytes=done_bytes)
        self._tell(DownloadProgress(row, step, speed, left))

    def finish(self, download_id: int) -> None:
        """Let a fetch end well."""
        row = self._rows[download_id]
        self._tell(DownloadProgress(replace(row, state=DownloadState.DONE, done_bytes=row.size_bytes)))

    def stop(self, download_id: int, state: DownloadState, sentence: str, page: str = "") -> None:
        """Let a fetch end badly."""
        self._tell(DownloadProgress(replace(self._rows[download_id], state=state, sentence=sentence, page=page)))

    def state(self, download_id: int) -> DownloadState:
        """What is kept of a download."""
        return self._rows[download_id].state

    def downloads(self) -> tuple[Download, ...]:
        self._note()
        with self._lock:
            return tuple(sorted(self._rows.values(), key=lambda one: one.state is DownloadState.DONE))

    def startable(self) -> tuple[Download, ...]:
        self._note()
        with self._lock:
            room = self._at_once - len(self.fetching)
            return tuple(one for one in self._rows.values() if one.state is DownloadState.WAITING)[: max(room, 0)]

    def room(self) -> DownloadRoom:
        self._note()
        return DownloadRoom(FOLDER, self.free_bytes)

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
        self.projectors.append(with_projector)
        self._note()
        while self.gate is not None and not self.gate.is_set():
            cancel.raise_if_cancelled()
            self.gate.wait(_POLL_SECONDS)
        if self.refusal is not None:
            raise self.refusal
        self.added.append((repository, file.name, revision))
        with self._lock:
            made = a_download(max(self._rows, default=0) + 1, name, file.quantization, file.size_bytes)
            made = replace(made, repository=repository, files=(replace(made.files[0], path=file.name),))
            self._rows[made.id] = made
        return made

    def fetch(self, download_id: int, cancel: CancelToken) -> Iterator[DownloadProgress]:
        self._note()
        with self._lock:
            self.fetching.add(download_id)
            self.most_at_once = max(self.most_at_once, len(self.fetching))
            row = self._rows[download_id] = replace(self._rows[download_id], state=DownloadState.RUNNING, sentence="")
        yield DownloadProgress(row)
        while row.state is DownloadState.RUNNING:
            event = self._next_event(download_id)
            if event is not None:
                row = event.download
            elif cancel.wait(_POLL_SECONDS):
                row = replace(self._rows[download_id], state=DownloadState.PAUSED)
            with self._lock:
                self._rows[download_id] = row
                if row.state is not DownloadState.RUNNING:
                    self.fetching.discard(download_id)
            if event is not None or row.state is DownloadState.PAUSED:
                yield event or DownloadProgress(row)

    def pause(self, download_id: int) -> None:
        self._change(download_id, DownloadState.PAUSED)

    def resume(self, download_id: int) -> None:
        self._change(download_id, DownloadState.WAITING)

    def move(self, download_id: int, place: int) -> None:
        self._note()
        with self._lock:
            waiting = [one.id for one in self._rows.values() if one.state is DownloadState.WAITING]
            waiting.remove(download_id)
            waiting.insert(place, download_id)
            others = [number for number in self._rows if number not in waiting]
            self._rows = {number: self._rows[number] for number in [*others, *waiting]}

    def remove(self, download_id: int) -> None:
        self._note()
        assert download_id not in self.fetching
        with self._lock:
            del self._rows[download_id]

    def _change(self, download_id: int, state: DownloadState) -> None:
        self._note()
        with self._lock:
            row = self._rows[download_id]
            if row.state is not DownloadState.DONE and download_id not in self.fetching:
                self._rows[download_id] = replace(row, state=state, sentence="", page="")

    def _tell(self, progress: DownloadProgress) -> None:
        with self._lock:
            self._events.setdefault(progress.download.id, []).append(progress)

    def _next_event(self, download_id: int) -> DownloadProgress | None:
        with self._lock:
            waiting = self._events.get(download_id)
            return waiting.pop(0) if waiting else None

    def _note(self) -> None:
        self.threads.add(threading.current_thread())


def a_download(
    number: int,
    name: str = "Phi-4 14B",
    quantization: str = "Q6_K",
    size_bytes: int = 12_030_251_328,
    state: DownloadState = DownloadState.WAITING,
    done_bytes: int = 0,
    sentence: str = "",
) -> Download:
    """A download of one file."""
    file = DownloadFile(f"{name}-{quantization}.gguf", FOLDER / f"{name}-{quantization}.gguf", size_bytes)
    return Download(
        number,
        name,
        f"maker/{name.replace(' ', '-')}",
        "c0ffee",
        quantization,
        (file,),
        state,
        done_bytes,
        sentence,
        license="mit",
    )
