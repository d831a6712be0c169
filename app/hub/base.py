"""What every hub can do: the protocol that services know."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.core.cancel import CancelToken
from app.core.download import DownloadStep
from app.core.errors import RepositoryFileNotFoundError
from app.core.file_names import grouped, is_model, quantization_of
from app.core.hub_search import HubSearch, SearchPage
from app.core.plan import ModelFile
from app.core.rate_limit import RateLimit

ReadRange = Callable[[int, int], bytes]
"""(offset, length) gives the bytes there: fewer than `length` only at the end of the file."""

MOST_RANGE_BYTES = 1 << 26
"""The longest range that read_range() is to be asked for."""


@dataclass(frozen=True, slots=True)
class RepositoryFile:
    """One file of a repository. `sha256` is empty where the hub does not tell it, `size_bytes` None likewise.

    `etag` changes when the file does: the SHA-256 of a large file, Git's object id of a small one.
    """

    path: str
    size_bytes: int | None
    sha256: str = ""
    etag: str = ""


@dataclass(frozen=True, slots=True)
class FileAddress:
    """Where the bytes of a file lie for a while: a signed link of the hub's storage, as a rule.

    `size_bytes` None and `etag` empty are not known.
    """

    address: str
    size_bytes: int | None
    etag: str


@dataclass(frozen=True, slots=True)
class Repository:
    """A model's repository at one revision, which is a commit. What the hub does not say is empty, 0 or None.

    `id` is "owner/name" and `page` the address of its page. `gated`: it is given only to those who agreed to its terms.
    Architecture, parameter count and context length in tokens are those of one of its GGUF files.
    """

    id: str
    revision: str
    files: tuple[RepositoryFile, ...]
    page: str = ""
    license: str = ""
    gated: bool | None = None
    architecture: str = ""
    parameter_count: int = 0
    context_length: int = 0

    def file(self, path: str) -> RepositoryFile:
        """The file of this path. Raises RepositoryFileNotFoundError."""
        for file in self.files:
            if file.path == path:
                return file
        raise RepositoryFileNotFoundError(f"{self.id} has no file {path!r}.")

    @property
    def models(self) -> tuple[ModelFile, ...]:
        """Its language models in their order, split ones as one; those of which a part or a size is missing left out.

        `name` is the path of the first part, `sha256` empty for a split one.
        """
        listed = {file.path: file for file in self.files}
        found = []
        for group in grouped(path for path in listed if is_model(path)):
            sizes = [listed[path].size_bytes for path in group.paths]
            known = [size for size in sizes if size]
            if group.complete and len(known) == len(sizes):
                sha256 = listed[group.name].sha256 if group.part_count == 1 else ""
                found.append(ModelFile(group.name, quantization_of(group.name), sum(known), sha256=sha256))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class FetchProgress:
    """How far a file has come: `done_bytes` of it are in its part, or were checked when the step is CHECKING.

    `sentence` says why it waits (RETRYING), or what the user should know of it: that it begins again, for example.
    `sha256` is empty but in the last event, when the file is in its place.
    """

    done_bytes: int
    step: DownloadStep = DownloadStep.FETCHING
    sentence: str = ""
    sha256: str = ""


class Hub(Protocol):
    """Where models come from. Every method may wait for the network, on any thread, and ends soon when cancelled.

    Beside what they name, all raise CancelledError, HubConnectionError (HubOfflineError), HubBusyError, HubFaultError
    and HubRefusedError (GatedError, HubTokenError).
    """

    @property
    def name(self) -> str:
        """What the hub is called in sentences: its host."""

    def repository(self, repository_id: str, cancel: CancelToken, revision: str = "") -> Repository:
        """What is in the repository "owner/name" at `revision`, a branch or commit; empty for its newest.

        Raises RepositoryNotFoundError, RepositoryFileNotFoundError when there is no such revision.
        """

    def read_range(self, repository: Repository, path: str, offset: int, length: int, cancel: CancelToken) -> bytes:
        """The `length` bytes from `offset` on of a listed file; fewer only at its end. At most MOST_RANGE_BYTES.

        Raises RepositoryFileNotFoundError, HubChangedError.
        """

    def read_range_of(self, repository: Repository, path: str, cancel: CancelToken) -> ReadRange:
        """read_range() for a header's reader: what lies at the file's beginning, fetched ahead and kept.

        The function that it gives raises what read_range() does, and HubFaultError far behind any header.
        """

    def search(self, query: HubSearch, cancel: CancelToken) -> SearchPage:
        """One page of what the hub finds."""

    def model_card(self, repository: Repository, cancel: CancelToken) -> str:
        """What its makers say of it, in Markdown, without the facts for machines at its head; empty without a card."""

    def account(self, token: str, cancel: CancelToken) -> str:
        """The name of the account that `token` is of, whatever token is used else. Raises HubTokenError if of none."""

    def resolve(self, repository: Repository, path: str, cancel: CancelToken) -> FileAddress:
        """Where a listed file lies at present.

        Raises RepositoryFileNotFoundError, HubChangedError when it is no longer the one that was listed.
        """

    def fetch(
        self,
        repository: Repository,
        file: RepositoryFile,
        target: Path,
        cancel: CancelToken,
        limit: RateLimit | None = None,
    ) -> Iterator[FetchProgress]:
        """Download one file to `target`, from where its part of an earlier try ends, and check it.

        Of the repository only `id` and `revision` are used; `file` need not be listed in it. The folder of `target` is
        made. Until the file is whole and right it lies beside the target under the names of
        core.safe_names.part_files(); it stays there when this ends early, and a later call goes on with it. Broken
        connections, expired links and faults that may pass are tried again. No target is to be fetched twice at once.
        A file that is there already under the name of the target is taken if it is the same, and replaced if not.

        Raises CancelledError within 100 ms, RepositoryFileNotFoundError, HubChangedError when the file is no longer the
        one that was listed, ModelFileError when it came damaged twice, DiskFullError and other StorageErrors.
        """
