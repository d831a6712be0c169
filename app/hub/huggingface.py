"""The real hub, huggingface.co or a mirror of it, by way of huggingface_hub; imported late, because that is slow."""

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.core.cancel import CancelToken
from app.core.errors import HubOfflineError, InvalidParameterError, RepositoryNotFoundError
from app.core.hub_reference import is_repository_id
from app.core.hub_search import HubSearch, SearchPage
from app.core.network import Purpose
from app.core.rate_limit import RateLimit
from app.hub.base import MOST_RANGE_BYTES, FetchProgress, FileAddress, ReadRange, Repository, RepositoryFile
from app.hub.cards import CARD, MOST_CARD_BYTES, without_front_matter
from app.hub.fetching import Fetch, Patience
from app.hub.ranges import FileStart
from app.network import quiet_libraries
from app.network.gate import Gate

if TYPE_CHECKING:
    from app.hub import wire

ENDPOINT = "https://huggingface.co"

_log = logging.getLogger(__name__)


class HuggingFaceHub:
    """Keeps the promises of app.hub.base.Hub. `token` is asked before each call; it gives an empty text for none.

    No other token is used: neither one in the environment nor one that another program has saved. `proxy` is the
    address of an HTTP proxy, empty for what the environment says. An address of one that cannot be makes every call
    raise InvalidParameterError. Each call passes `gate`, which wants to know what was pressed (see
    network.press); where another one is put up and this was not told of it, nothing gets through.
    """

    def __init__(
        self,
        endpoint: str = ENDPOINT,
        token: Callable[[], str] = str,
        proxy: str = "",
        patience: Patience | None = None,
        gate: Gate | None = None,
    ) -> None:
        self._endpoint = (endpoint or ENDPOINT).rstrip("/")
        self._token = token
        self._proxy = proxy
        self._patience = patience or Patience()
        self._gate = gate or Gate(wants_press=False)
        self._latest: tuple[tuple[str, str, str], FileAddress] | None = None

    @property
    def name(self) -> str:
        """The host of the endpoint."""
        return urlsplit(self._endpoint).hostname or self._endpoint

    def repository(self, repository_id: str, cancel: CancelToken, revision: str = "") -> Repository:
        """See Hub.repository."""
        if not is_repository_id(repository_id):
            raise RepositoryNotFoundError(
                f"{repository_id!r} is no name of a model at {self.name}: those are like owner/name."
            )
        token = self._ready()
        from app.hub import answers, wire

        with wire.calling(self._call(Purpose.FILES, repository_id, cancel, bool(token))):
            return answers.repository(self._endpoint, repository_id, revision, token)

    def read_range(self, repository: Repository, path: str, offset: int, length: int, cancel: CancelToken) -> bytes:
        """See Hub.read_range; a signed link that has expired meanwhile is renewed once."""
        file = repository.file(path)
        if not 0 <= length <= MOST_RANGE_BYTES or offset < 0:
            raise ValueError(f"the range {offset}+{length} is out of bounds")
        if file.size_bytes is not None:
            length = min(length, file.size_bytes - offset)
        if length <= 0:
            return b""
        token = self._ready()
        from app.hub import answers, wire
        from app.hub.refusals import LinkExpiredError

        most_bytes = MOST_RANGE_BYTES + wire.MOST_ANSWER_BYTES
        purpose = Purpose.CARD if path == CARD else Purpose.HEADER
        call = self._call(purpose, f"{repository.id}/{path}", cancel, bool(token))
        call.most_bytes, call.seconds = most_bytes, None
        with wire.calling(call):
            for is_last in (False, True):
                address = self._address(repository, file, token, renew=is_last)
                try:
                    return answers.read_range(address.address, self.name, offset, length, file, token)
                except LinkExpiredError:
                    if is_last:
                        raise
                    _log.debug("the link to %s has expired", path)
        raise AssertionError("the second try returns or raises")

    def read_range_of(self, repository: Repository, path: str, cancel: CancelToken) -> ReadRange:
        """See Hub.read_range_of."""

        def source(offset: int, length: int) -> bytes:
            return self.read_range(repository, path, offset, length, cancel)

        return FileStart(source, path)

    def account(self, token: str, cancel: CancelToken) -> str:
        """See Hub.account."""
        self._ready()
        from app.hub import accounts, wire

        with wire.calling(self._call(Purpose.ACCOUNT, "the account", cancel, has_token=True)):
            return accounts.account(self._endpoint, token)

    def search(self, query: HubSearch, cancel: CancelToken) -> SearchPage:
        """See Hub.search."""
        token = self._ready()
        from app.hub import searching, wire

        with wire.calling(self._call(Purpose.SEARCH, "a list of models", cancel, bool(token))):
            return searching.search(self._endpoint, query, token)

    def model_card(self, repository: Repository, cancel: CancelToken) -> str:
        """See Hub.model_card; what is longer than MOST_CARD_BYTES is cut."""
        if all(file.path != CARD for file in repository.files):
            return ""
        read = self.read_range(repository, CARD, 0, MOST_CARD_BYTES, cancel)
        return without_front_matter(read.decode("utf-8", "replace"))

    def resolve(self, repository: Repository, path: str, cancel: CancelToken) -> FileAddress:
        """See Hub.resolve."""
        file = repository.file(path)
        token = self._ready()
        from app.hub import answers, wire

        with wire.calling(self._call(Purpose.FILES, f"{repository.id}/{path}", cancel, bool(token))):
            return answers.address(self._endpoint, repository, file, token)

    def fetch(
        self,
        repository: Repository,
        file: RepositoryFile,
        target: Path,
        cancel: CancelToken,
        limit: RateLimit | None = None,
    ) -> Iterator[FetchProgress]:
        """See Hub.fetch."""
        self._ready()
        from app.hub import wire
        from app.hub.remote_file import RemoteFile

        with wire.client(self._proxy) as client:
            silence = self._patience.silence_seconds
            source = RemoteFile(
                client, self._endpoint, self._ready, repository, file, cancel, silence, self._gate, self._proxy
            )
            yield from Fetch(source, repository, file, target, cancel, limit, self._patience).run()

    def _call(self, purpose: Purpose, subject: str, cancel: CancelToken, has_token: bool) -> "wire.Call":
        from app.hub import wire

        return wire.Call(
            self._endpoint, subject, cancel, has_token, gate=self._gate, purpose=purpose, proxy=self._proxy
        )

    def _address(self, repository: Repository, file: RepositoryFile, token: str, *, renew: bool) -> FileAddress:
        """Where the file lies; asked once for a series of ranges."""
        from app.hub import answers

        key = (repository.id, repository.revision, file.path)
        latest = self._latest
        if renew or latest is None or latest[0] != key:
            latest = (key, answers.address(self._endpoint, repository, file, token))
            self._latest = latest
        return latest[1]

    def _ready(self) -> str:
        """Import the library with its habits switched off; the token to use, empty for none."""
        if self._proxy and not _can_be_proxy(self._proxy):
            raise InvalidParameterError(
                "The proxy in the settings is no address like http://proxy:3128. Correct it, or leave it empty."
            )
        quiet_libraries(os.environ)
        from huggingface_hub import is_offline_mode

        from app.hub import wire

        if is_offline_mode():
            raise HubOfflineError(
                f"The environment variable HF_HUB_OFFLINE forbids to ask {self.name}. "
                "Unset it and start Inglenook again."
            )
        wire.set_up()
        return self._token()


def _can_be_proxy(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
