"""A queue of downloads on a real database and a real folder, with a hub whose every step a test may meddle with."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.download import Download, DownloadProgress, DownloadState
from app.core.plan import ModelFile
from app.core.rate_limit import RateLimit
from app.core.safe_names import part_files
from app.hub.base import FetchProgress, Hub, Repository, RepositoryFile
from app.hub.fake import FakeHub, HubScript, PretendedFile
from app.services.downloads import DownloadService
from app.storage.database import Database
from app.storage.download_disk import DownloadDisk
from app.storage.downloads import DownloadStore
from app.storage.settings import SettingsStore
from app.storage.verified import VerifiedFiles

ID = "owner/Model-GGUF"
CONTENT = bytes(range(250)) * 8
STEP_BYTES = 500


class SteppedHub(FakeHub):
    """Writes 500 bytes a step; `on_step` is called before each with what is there, and may raise or cancel."""

    def __init__(self, *paths: str) -> None:
        super().__init__(HubScript().having(ID, {path: PretendedFile(content_of(path)) for path in paths}, "mit"))
        self.on_step: Callable[[int], None] = lambda _: None
        self.fetched: list[tuple[str, int]] = []

    def fetch(
        self,
        repository: Repository,  # noqa: ARG002 (the protocol's)
        file: RepositoryFile,
        target: Path,
        cancel: CancelToken,
        limit: RateLimit | None = None,  # noqa: ARG002 (the same)
    ) -> Iterator[FetchProgress]:
        """See Hub.fetch."""
        content = content_of(file.path)
        part = part_files(target)[0]
        with part.open("ab", buffering=0) as opened:
            self.fetched.append((file.path, opened.tell()))
            while (done := opened.tell()) < len(content):
                self.on_step(done)
                cancel.raise_if_cancelled()
                opened.write(content[done : done + STEP_BYTES])
                yield FetchProgress(opened.tell())
        part.rename(target)
        yield FetchProgress(len(content), sha256=hashlib.sha256(content).hexdigest())


@dataclass
class Queue:
    """A service with what it stands on. `free` is what the disk tells, None for what it really has."""

    service: DownloadService
    store: DownloadStore
    settings: SettingsStore
    folder: Path
    free: dict[str, int | None] = field(default_factory=dict)

    def add(self, path: str = "Model-Q4_K_M.gguf", *, with_projector: bool = False) -> Download:
        """Queue a file of the repository."""
        file = ModelFile(path, "", 0)
        return self.service.add(ID, file, CancelToken(), with_projector=with_projector)

    def fetch(self, download: Download, cancel: CancelToken | None = None) -> list[DownloadProgress]:
        """Fetch it to its end."""
        return list(self.service.fetch(download.id, cancel or CancelToken()))

    def ended(self, download: Download) -> Download:
        """Fetch it, and see that the queue says the same as the last event."""
        told = self.fetch(download)[-1].download
        assert told in self.service.downloads()
        return told

    def state(self, download: Download) -> DownloadState:
        """What the queue says."""
        found = self.store.get(download.id)
        assert found is not None
        return found.state


def make_queue(hub: Hub, machine: Database, profile: Path, program: str = "The window") -> Queue:
    """A service as the application makes it, without a reserve on the disk."""
    free: dict[str, int | None] = {}
    store, settings = DownloadStore(machine), SettingsStore(profile / "settings.json")
    disk = DownloadDisk(profile / "models", 0, lambda _: free.get("free", 10**15))
    service = DownloadService(hub, store, VerifiedFiles(machine), settings, disk, program)
    return Queue(service, store, settings, profile / "models", free)


def content_of(path: str) -> bytes:
    """What is in a file: another thing for each path."""
    return path.encode().ljust(50, b" ") + CONTENT


def left_of(folder: Path) -> list[str]:
    """The files below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
