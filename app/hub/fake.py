"""A hub without a network: it has what its script says, as slowly and as badly as one wishes (--fake-engine)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.core.cancel import CancelToken
from app.core.errors import (
    CancelledError,
    HubError,
    HubOfflineError,
    HubTokenError,
    RepositoryFileNotFoundError,
    RepositoryNotFoundError,
)
from app.core.hub_reference import is_repository_id
from app.hub.base import MOST_RANGE_BYTES, ReadRange, Repository, RepositoryFile
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
class HubScript:
    """What the fake does: `repositories` is what it has, `files` their contents by "owner/name" and path.

    Every answer takes `delay_seconds`. `offline` fails all of them, `failures` those about one "owner/name".
    """

    repositories: tuple[Repository, ...] = ()
    files: Mapping[str, Mapping[str, PretendedFile]] = field(default_factory=dict)
    delay_seconds: float = 0.0
    offline: bool = False
    failures: Mapping[str, HubError] = field(default_factory=dict)

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

    def __init__(self, script: HubScript | None = None) -> None:
        self.script = script or HubScript()

    @property
    def name(self) -> str:
        """Not a host that exists."""
        return "hub.example"

    def repository(self, repository_id: str, cancel: CancelToken, revision: str = "") -> Repository:
        """See Hub.repository."""
        self._answer(repository_id, cancel)
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
        self._answer(repository.id, cancel)
        return self.script.files[repository.id][path].read(offset, length)

    def read_range_of(self, repository: Repository, path: str, cancel: CancelToken) -> ReadRange:
        """See Hub.read_range_of."""
        return FileStart(lambda offset, length: self.read_range(repository, path, offset, length, cancel), path)

    def account(self, token: str, cancel: CancelToken) -> str:
        """See Hub.account."""
        self._answer("", cancel)
        if token != TOKEN:
            raise HubTokenError(f"{self.name} does not accept your token.")
        return "somebody"

    def _answer(self, repository_id: str, cancel: CancelToken) -> None:
        if cancel.wait(self.script.delay_seconds):
            raise CancelledError
        if self.script.offline:
            raise HubOfflineError(f"{self.name} cannot be reached, as its script says.")
        if failure := self.script.failures.get(repository_id):
            raise failure


def _listed(path: str, file: PretendedFile) -> RepositoryFile:
    sha256 = hashlib.sha256(file.start).hexdigest() if file.whole_size_bytes == len(file.start) else ""
    return RepositoryFile(path, file.whole_size_bytes, sha256, sha256)
