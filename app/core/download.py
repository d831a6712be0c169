"""What a download is: the files of one model on their way from the hub, and how far they have come."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class DownloadState(StrEnum):
    """Where a download stands."""

    WAITING = "waiting"  # its turn has not come
    RUNNING = "running"
    PAUSED = "paused"  # by the user, or because it cannot go on without them: the sentence says why
    FAILED = "failed"  # it will not succeed by going on
    DONE = "done"


class DownloadStep(StrEnum):
    """What a running download does."""

    FETCHING = "fetching"
    CHECKING = "checking"  # the part of an earlier run is read to work out its checksum
    RETRYING = "retrying"  # it waits before it asks the hub again


@dataclass(frozen=True, slots=True)
class DownloadFile:
    """One file of a download: `path` in the repository, `target` on this computer. `sha256` empty is not known."""

    path: str
    target: Path
    size_bytes: int
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Download:
    """A model on its way: its parts, and its projector if that was asked for. `done_bytes` is on the disk.

    `repository` is the hub's "owner/name", `revision` the commit that all files are from. `sentence` says why it is
    paused or failed; `page` is the repository's, where the hub gives it only to accounts
    that agreed to its terms, or does not accept the token.
    """

    id: int
    name: str
    repository: str
    revision: str
    quantization: str
    files: tuple[DownloadFile, ...]
    state: DownloadState
    done_bytes: int = 0
    sentence: str = ""
    page: str = ""
    license: str = ""

    @property
    def size_bytes(self) -> int:
        """All files."""
        return sum(file.size_bytes for file in self.files)

    @property
    def model_path(self) -> Path:
        """The file that the model is opened by."""
        return self.files[0].target


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """How far a download has come. The speed is smoothed, in bytes per second; None is not known yet.

    `checked_bytes` of the present file have been read again while the step is CHECKING.
    """

    download: Download
    step: DownloadStep = DownloadStep.FETCHING
    bytes_per_second: float | None = None
    seconds_left: float | None = None
    checked_bytes: int = 0


@dataclass(frozen=True, slots=True)
class DownloadTotals:
    """How far the `count` downloads that run or wait have come together; None is not known yet."""

    count: int
    done_bytes: int
    size_bytes: int
    bytes_per_second: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class DownloadRoom:
    """Where downloads go, and how many bytes are free there; None where that cannot be told."""

    folder: Path
    free_bytes: int | None
