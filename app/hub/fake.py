"""A hub without a network: it has what its script says, as slowly and as badly as one wishes (--fake-engine)."""

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.errors import (
    CancelledError,
    HubConnectionError,
    HubError,
    HubOfflineError,
    HubTokenError,
    RepositoryFileNotFoundError,
    RepositoryNotFoundError,
)
from app.core.hub_reference import is_repository_id
from app.core.hub_search import FoundRepository, HubSearch, SearchPage
from app.core.rate_limit import RateLimit
from app.hub.base import MOST_RANGE_BYTES, FetchProgress, FileAddress, ReadRange, Repository, RepositoryFile
from app.hub.cards import CARD, MOST_CARD_BYTES, without_front_matter
from app.hub.fetching import Fetch, Patience
from app.hub.ranges import FileStart

PAGE = "https://hub.example"
TOKEN = "hf_good"
"""The only token that the fake knows."""


@dataclass(frozen=True, slots=True)
class PretendedFile:
    """A file of which only the start is written down; zeros follow up to `size_bytes`, None for none."""

    start: bytes
    size_bytes: int | None = None

    @property
    def whole_size_bytes(self) -> int:
        """With the zeros."""
        return len(self.start) if self.size_bytes is None else self.size_bytes

    def read(self, offset: int, length: int) -> bytes:
        """The bytes there; fewer at the end."""
        end = min(offset + length, self.whole_size_bytes)
        return self.start[offset:end].ljust(max(end - offset, 0), b"\0")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What befalls one try to download a file, `at` so many of its bytes: `error`, or silence when that is None.

    `is_damaged` sends a wrong byte there instead, and the rest.
    """

    at: int = 0
    error: HubError | None = None
    is_damaged: bool = False


@dataclass(frozen=True, slots=True)
class HubScript:
    """What the fake does: `repositories` is what it has, `files` their contents by "owner/name" and path.

    Every answer takes `delay_seconds`. `offline` fails all of them, `failures` those about one "owner/name". A download
    comes with `bytes_per_second`, 0 is at once; `troubles` are those of its tries, by path and one after the other.
    """

    repositories: tuple[Repository, ...] = ()
    files: Mapping[str, Mapping[str, PretendedFile]] = field(default_factory=dict)
    delay_seconds: float = 0.0
    offline: bool = False
    failures: Mapping[str, HubError] = field(default_factory=dict)
    bytes_per_second: float = 0.0
    troubles: Mapping[str, tuple[Trouble, ...]] = field(default_factory=dict)

    def having(
        self, repository_id: str, files: Mapping[str, PretendedFile], license_name: str = "", *, gated: bool = False
    ) -> "HubScript":
        """The script with one more repository. A file with zeros has no SHA-256, since nobody has computed it."""
        listed = tuple(_listed(path, file) for path, file in files.items())
        commit = hashlib.sha1(repr((repository_id, listed)).encode(), usedforsecurity=False).hexdigest()
        added = Repository(repository_id, commit, listed, f"{PAGE}/{repository_id}", license_name, gated)
        return replace(self, repositories=(*self.repositories, added), files={**self.files, repository_id: files})


class FakeHub:
    """A scripted hub that keeps the promises of app.hub.base.Hub."""

    def __init__(self, script: HubScript | None = None, patience: Patience | None = None) -> None:
        self.script = script or HubScript()
        self.patience = patience or Patience()
        self._tries: dict[str, int] = {}

    @property
    def name(self) -> str:
        """Not a host that exists."""
        return "hub.example"

    def repository(self, repository_id: str, cancel: CancelToken, revision: str = "") -> Repository:
        """See Hub.repository."""
        self.answer(repository_id, cancel)
        found = next(
            (one for one in self.script.repositories if one.id == repository_id and is_repository_id(repository_id)),
            None,
        )
        if found is None:
            raise RepositoryNotFoundError(f"{self.name} has no model {repository_id}.")
        if revision not in ("", "main", found.revision):
            raise RepositoryFileNotFoundError(f"{repository_id} no longer has the version that was asked for.")
        return found

    def read_range(self, repository: Repository, path: str, offset: int, length: int, cancel: CancelToken) -> bytes:
        """See Hub.read_range."""
        repository.file(path)
        if not 0 <= length <= MOST_RANGE_BYTES or offset < 0:
            raise ValueError(f"the range {offset}+{length} is out of bounds")
        self.answer(repository.id, cancel)
        return self.script.files[repository.id][path].read(offset, length)

    def read_range_of(self, repository: Repository, path: str, cancel: CancelToken) -> ReadRange:
        """See Hub.read_range_of."""
        return FileStart(lambda offset, length: self.read_range(repository, path, offset, length, cancel), path)

    def account(self, token: str, cancel: CancelToken) -> str:
        """See Hub.account."""
        self.answer("", cancel)
        if token != TOKEN:
            raise HubTokenError(f"{self.name} does not accept your token.")
        return "somebody"

    def search(self, query: HubSearch, cancel: CancelToken) -> SearchPage:
        """See Hub.search; all that it knows of a repository is its licence and whether it is gated."""
        self.answer("", cancel)
        found = [
            FoundRepository(one.id, one.page, license=one.license, gated=one.gated)
            for one in self.script.repositories
            if one.models and query.text.strip().lower() in one.id.lower()
        ]
        wanted = [
            one
            for one in found
            if not (query.licenses and one.license not in query.licenses)
            and not (query.without_account and one.gated)
            and not (query.abilities or query.parameters)
        ]
        start = int(query.after or 0)
        end = start + query.page_size
        return SearchPage(tuple(wanted[start:end]), str(end) if end < len(wanted) else "")

    def model_card(self, repository: Repository, cancel: CancelToken) -> str:
        """See Hub.model_card."""
        if all(file.path != CARD for file in repository.files):
            return ""
        read = self.read_range(repository, CARD, 0, MOST_CARD_BYTES, cancel)
        return without_front_matter(read.decode("utf-8", "replace"))

    def resolve(self, repository: Repository, path: str, cancel: CancelToken) -> FileAddress:
        """See Hub.resolve."""
        file = repository.file(path)
        self.answer(repository.id, cancel)
        return FileAddress(f"{PAGE}/{repository.id}/{path}", file.size_bytes, file.etag)

    def fetch(
        self,
        repository: Repository,
        file: RepositoryFile,
        target: Path,
        cancel: CancelToken,
        limit: RateLimit | None = None,
    ) -> Iterator[FetchProgress]:
        """See Hub.fetch: the file is written, and everything is tried as the real one does it."""
        source = _FakeSource(self, repository, file.path, cancel)
        return Fetch(source, repository, file, target, cancel, limit, self.patience).run()

    def next_trouble(self, path: str) -> Trouble | None:
        """That of the next try to download the file."""
        number = self._tries.get(path, 0)
        self._tries[path] = number + 1
        troubles = self.script.troubles.get(path, ())
        return troubles[number] if number < len(troubles) else None

    def answer(self, repository_id: str, cancel: CancelToken) -> None:
        """Take the time of an answer, and fail as the script says."""
        if cancel.wait(self.script.delay_seconds):
            raise CancelledError
        if self.script.offline:
            raise HubOfflineError(f"{self.name} cannot be reached, as its script says.")
        if failure := self.script.failures.get(repository_id):
            raise failure


def _listed(path: str, file: PretendedFile) -> RepositoryFile:
    sha256 = hashlib.sha256(file.start).hexdigest() if file.whole_size_bytes == len(file.start) else ""
    return RepositoryFile(path, file.whole_size_bytes, sha256, sha256)


class _FakeSource:
    """Keeps the promises of app.hub.fetching.Source."""

    def __init__(self, hub: FakeHub, repository: Repository, path: str, cancel: CancelToken) -> None:
        self._hub = hub
        self._repository = repository
        self._path = path
        self._cancel = cancel

    @property
    def name(self) -> str:
        return self._hub.name

    def address(self) -> FileAddress:
        file = self._file()
        return FileAddress("", file.whole_size_bytes, _listed(self._path, file).etag)

    @contextlib.contextmanager
    def reading(self, offset: int) -> Iterator["_FakeBody"]:
        yield _FakeBody(self._hub, self._file(), self._path, offset, self._cancel)

    def _file(self) -> PretendedFile:
        self._hub.answer(self._repository.id, self._cancel)
        found = self._hub.script.files.get(self._repository.id, {}).get(self._path)
        if found is None:
            raise RepositoryFileNotFoundError(f"{self._repository.id} has no file {self._path!r}.")
        return found


class _FakeBody:
    """Keeps the promises of app.hub.fetching.Body."""

    unwanted = 0

    def __init__(self, hub: FakeHub, file: PretendedFile, path: str, offset: int, cancel: CancelToken) -> None:
        self._hub = hub
        self._file = file
        self._offset = offset
        self._cancel = cancel
        self._trouble = hub.next_trouble(path)

    def read_into(self, room: memoryview) -> int:
        self._cancel.raise_if_cancelled()
        trouble, rate = self._trouble, self._hub.script.bytes_per_second
        most = min(len(room), max(int(rate / 20), 1)) if rate else len(room)
        if trouble is not None and trouble.at >= self._offset:
            most = min(most, trouble.at - self._offset)
            if not most:
                self._befall(trouble)
                most = 1
        data = bytearray(self._file.read(self._offset, most))
        if trouble is not None and trouble.is_damaged and trouble.at == self._offset and data:
            data[0] ^= 0xFF
        if rate and self._cancel.wait(len(data) / rate):
            raise CancelledError
        self._offset += len(data)
        room[: len(data)] = data
        return len(data)

    def _befall(self, trouble: Trouble) -> None:
        if trouble.error is not None:
            raise trouble.error
        if not trouble.is_damaged:
            if self._cancel.wait(self._hub.patience.silence_seconds):
                raise CancelledError
            raise HubConnectionError(f"{self._hub.name} has stopped answering. Try again.")
