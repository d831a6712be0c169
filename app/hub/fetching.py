"""The download of one file: it goes on where it stopped, tries again what may pass, and ends with the right bytes."""

import logging
import time
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.core.cancel import CancelToken
from app.core.download import DownloadStep
from app.core.errors import (
    CancelledError,
    HubBusyError,
    HubConnectionError,
    HubError,
    HubFaultError,
    ModelFileError,
)
from app.core.rate_limit import RateLimit
from app.hub.base import FetchProgress, FileAddress, Repository, RepositoryFile
from app.hub.part_file import Identity, PartFile, file_digest

TELL_SECONDS = 0.1
_LEAST_READ_BYTES = 1 << 12
_PASSING = (HubConnectionError, HubBusyError, HubFaultError)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a download puts up with what may pass.

    It gives up after `tries` in a row that brought nothing. The wait before the next is `first_wait_seconds`, doubled
    each time up to `most_wait_seconds`; the hub may ask for up to `most_asked_seconds`, more ends the download.
    `silence_seconds` without a byte are a broken connection.
    """

    tries: int = 8
    first_wait_seconds: float = 0.5
    most_wait_seconds: float = 30.0
    most_asked_seconds: float = 300.0
    silence_seconds: float = 15.0


class Body(Protocol):
    """The bytes of a file from somewhere on."""

    @property
    def unwanted(self) -> int:
        """How many come before those that were asked for: the server cannot begin in the middle."""

    def read_into(self, room: memoryview) -> int:
        """Put the next bytes there, as many as there are at present; 0 at the end. Raises HubError, CancelledError."""


class Source(Protocol):
    """Where the bytes of one file come from."""

    @property
    def name(self) -> str:
        """Of the hub, in sentences."""

    def address(self) -> FileAddress:
        """What the hub says of the file now. Raises HubError, CancelledError."""

    def reading(self, offset: int) -> AbstractContextManager[Body]:
        """Its bytes from `offset` on. Raises HubError, CancelledError."""


class Fetch:
    """One download; run() does it. The parameters are those of Hub.fetch."""

    def __init__(
        self,
        source: Source,
        repository: Repository,
        file: RepositoryFile,
        target: Path,
        cancel: CancelToken,
        limit: RateLimit | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._source = source
        self._repository = repository
        self._file = file
        self._target = target
        self._cancel = cancel
        self._limit = limit or RateLimit()
        self._patience = patience or Patience()
        self._failed = 0  # tries in a row that brought nothing
        self._told = 0.0

    def run(self) -> Iterator[FetchProgress]:
        """See Hub.fetch."""
        self._cancel.raise_if_cancelled()
        identity = self._listed()
        if identity is not None and (yield from self._is_there(identity)):
            return
        if identity is None:
            identity = yield from self._asked()
        with PartFile(self._target) as part:
            if part.open(identity):
                yield FetchProgress(0, sentence=self._again("has changed at the hub"))
            yield from self._checked(part)
            digest = yield from self._whole(part, identity)
        yield FetchProgress(identity.size, sha256=digest)

    def _whole(self, part: PartFile, identity: Identity) -> Generator[FetchProgress, None, str]:
        """Fetch the rest and put the file in its place, with a fresh start if it came damaged; its SHA-256."""
        for is_last in (False, True):
            yield from self._filled(part, identity)
            digest = part.digest()
            if identity.sha256 in ("", digest):
                part.place()
                return digest
            damaged = part.quarantine()
            _log.warning("%s has the checksum %s instead of %s", damaged.name, digest, identity.sha256)
            if not is_last:
                yield FetchProgress(0, sentence=self._again("came damaged"))
        part.discard()
        raise ModelFileError(
            f"{self._target.name} came damaged twice: its checksum is not the one that {self._source.name} states. "
            f"It was set aside as {damaged.name}. Try again later, or take another file.",
            f"{digest} instead of {identity.sha256}",
        )

    def _listed(self) -> Identity | None:
        """What the file is by its listing; None when that does not say enough."""
        file = self._file
        if file.size_bytes is None or not file.sha256:
            return None
        return self._identity(file.size_bytes, file.sha256, file.etag)

    def _asked(self) -> Generator[FetchProgress, None, Identity]:
        """What the file is by what the hub says of it now."""
        while True:
            try:
                found = self._source.address()
                break
            except _PASSING as error:
                yield from self._waited(error, 0)
        size = self._file.size_bytes if self._file.size_bytes is not None else found.size_bytes
        if size is None:
            raise HubFaultError(f"{self._source.name} does not say how large {self._file.path} is. Try again later.")
        sha256 = self._file.sha256 or (found.etag if len(found.etag) == 64 else "")
        return self._identity(size, sha256, self._file.etag or found.etag)

    def _identity(self, size: int, sha256: str, etag: str) -> Identity:
        return Identity(self._repository.id, self._repository.revision, self._file.path, size, sha256, etag)

    def _is_there(self, identity: Identity) -> Generator[FetchProgress, None, bool]:
        """Whether the target is the whole file already: an earlier run may have ended between its last two steps."""
        try:
            if self._target.stat().st_size != identity.size:
                return False
        except OSError:  # whatever is wrong with it, opening the part will tell
            return False
        digest = ""
        for done, digest in file_digest(self._target, self._cancel):  # noqa: B007 (the last one counts)
            if self._may_tell():
                yield FetchProgress(done, DownloadStep.CHECKING)
        if digest != identity.sha256:
            return False
        yield FetchProgress(identity.size, sha256=digest)
        return True

    def _checked(self, part: PartFile) -> Iterator[FetchProgress]:
        """The part of an earlier try is read, for its checksum."""
        for done in part.check(self._cancel):
            if self._may_tell():
                yield FetchProgress(done, DownloadStep.CHECKING)
        yield FetchProgress(part.count)

    def _filled(self, part: PartFile, identity: Identity) -> Iterator[FetchProgress]:
        """All that is missing is fetched, in as many tries as it takes."""
        while part.count < identity.size:
            before = part.count
            try:
                with self._source.reading(part.count) as body:
                    yield from self._skipped(part, body)
                    yield from self._received(part, body, identity.size)
            except _PASSING as error:
                part.flush()
                yield from self._waited(error, part.count, part.count > before)
        self._failed = 0

    def _skipped(self, part: PartFile, body: Body) -> Iterator[FetchProgress]:
        """A server that begins at the beginning sends again what is here."""
        while body.unwanted:
            count = body.read_into(part.room()[: body.unwanted])
            self._some(count)
            if self._may_tell():
                name = self._source.name
                yield FetchProgress(part.count, sentence=f"{name} sends the whole file again; what is here is kept.")

    def _received(self, part: PartFile, body: Body, size: int) -> Iterator[FetchProgress]:
        while part.count < size:
            room = part.room()[: min(size - part.count, self._most_at_once())]
            count = body.read_into(room)
            part.received(count)
            self._some(count)
            if self._may_tell():
                part.flush()
                part.raise_if_gone()
                yield FetchProgress(part.count)

    def _some(self, count: int) -> None:
        """So many bytes came; none is the end of a body that should go on."""
        if not count:
            raise HubConnectionError(f"The connection to {self._source.name} broke off. Try again.", "a short body")
        self._limit.take(count, self._cancel)

    def _most_at_once(self) -> int:
        """A slow download is to be slow evenly."""
        rate = self._limit.bytes_per_second
        return max(int(rate * TELL_SECONDS), _LEAST_READ_BYTES) if rate else 1 << 30

    def _waited(self, error: HubError, done: int, has_brought_some: bool = False) -> Iterator[FetchProgress]:
        """Wait before the next try. Raises `error` when it is time to give up, CancelledError."""
        self._failed = 1 if has_brought_some else self._failed + 1
        patience = self._patience
        seconds = min(patience.first_wait_seconds * 2 ** (self._failed - 1), patience.most_wait_seconds)
        asked = error.retry_after_seconds if isinstance(error, HubBusyError) else 0
        if self._failed >= patience.tries or asked > patience.most_asked_seconds:
            raise error
        seconds = max(seconds, asked)
        _log.info("%s: try %d in %.1f s: %s", self._target.name, self._failed + 1, seconds, error.detail)
        yield FetchProgress(done, DownloadStep.RETRYING, error.sentence)
        if self._cancel.wait(seconds):
            raise CancelledError

    def _may_tell(self) -> bool:
        """Whether it is time for another event."""
        now = time.monotonic()
        if now - self._told < TELL_SECONDS:
            return False
        self._told = now
        return True

    def _again(self, why: str) -> str:
        return f"{self._target.name} {why}, so it is fetched from its beginning."
