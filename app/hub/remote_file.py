"""One file at the real hub, as a source of bytes: its link is asked for, renewed, and read as fast as can be."""

import contextlib
import logging
import socket
from collections.abc import Callable, Iterator
from typing import Any

import httpx2

from app.core.cancel import CancelToken
from app.core.errors import InglenookError
from app.core.network import Purpose
from app.hub import answers, wire
from app.hub.base import FileAddress, Repository, RepositoryFile
from app.hub.refusals import LinkExpiredError, host_of
from app.network.gate import Gate

_log = logging.getLogger(__name__)


class RemoteFile:
    """Keeps the promises of app.hub.fetching.Source, for one download: `client` is its own.

    A client that others use could be closed under it. `token` is asked before each request.
    """

    def __init__(
        self,
        client: httpx2.Client,
        endpoint: str,
        token: Callable[[], str],
        repository: Repository,
        file: RepositoryFile,
        cancel: CancelToken,
        silence_seconds: float,
        gate: Gate,
        proxy: str,
    ) -> None:
        self._client = client
        self._endpoint = endpoint
        self._token = token
        self._repository = repository
        self._file = file
        self._cancel = cancel
        self._silence_seconds = silence_seconds
        self._gate = gate
        self._proxy = proxy
        self._address: FileAddress | None = None

    @property
    def name(self) -> str:
        """The host of the endpoint."""
        return host_of(self._endpoint)

    def address(self) -> FileAddress:
        """See Source.address; it serves the next reading()."""
        token = self._token()
        with wire.calling(self._call(token)):
            self._address = answers.address(self._endpoint, self._repository, self._file, token)
        return self._address

    @contextlib.contextmanager
    def reading(self, offset: int) -> Iterator["RemoteBody"]:
        """See Source.reading; a link that has expired is renewed once."""
        known = self._address
        try:
            call, response = self._opened(known or self.address(), offset)
        except LinkExpiredError:
            if known is None:
                raise
            _log.debug("the link to %s has expired", self._file.path)
            call, response = self._opened(self.address(), offset)
        finally:
            self._address = None  # whatever ends this, the hub is asked again
        with contextlib.closing(call), contextlib.closing(response):
            yield RemoteBody(call, response, answers.unwanted(response, call.host, offset, self._file))

    def _opened(self, address: FileAddress, offset: int) -> tuple[wire.Call, httpx2.Response]:
        """The answer from `offset` on, of which nothing is read yet."""
        token = self._token()
        headers = {**answers.plain_headers(token), "Range": f"bytes={offset}-"}
        if not offset:
            del headers["Range"]
        call = self._call(token)
        try:
            with wire.opening(call):
                return call, self._client.send(
                    self._client.build_request("GET", address.address, headers=headers), stream=True
                )
        except InglenookError:
            call.close()
            raise

    def _call(self, token: str) -> wire.Call:
        subject = f"{self._repository.id}/{self._file.path}"
        return wire.Call(
            self._endpoint,
            subject,
            self._cancel,
            bool(token),
            most_bytes=answers.MOST_FILE_BYTES,
            seconds=None,
            silence_seconds=self._silence_seconds,
            gate=self._gate,
            purpose=Purpose.DOWNLOAD,
            proxy=self._proxy,
        )


class RemoteBody:
    """Keeps the promises of app.hub.fetching.Body.

    Where the body is plain bytes of a known length, they go from the connection to their place at once; the client's
    own way copies each four times, which halves the speed of a fast network.
    """

    def __init__(self, call: wire.Call, response: httpx2.Response, unwanted: int) -> None:
        self._call = call
        self._chunks = response.iter_raw()
        self._left_over = memoryview(b"")
        self._is_begun = False
        self._connection = _plain_connection(response)
        self._to_come = 0
        if self._connection is not None:
            self._connection.settimeout(call.patience)
            self._to_come = int(response.headers["content-length"])
        self._unwanted = unwanted

    @property
    def unwanted(self) -> int:
        """See Body.unwanted."""
        return self._unwanted

    def read_into(self, room: memoryview) -> int:
        """See Body.read_into."""
        with wire.watching(self._call):
            count = self._read_into(room)
        self._unwanted = max(self._unwanted - count, 0)
        return count

    def _read_into(self, room: memoryview) -> int:
        # What came together with the headers lies in the client: its first chunk is all that it has.
        if not self._left_over and (self._connection is None or not self._is_begun):
            self._left_over = memoryview(next(self._chunks, b""))
            self._to_come -= len(self._left_over)
            self._is_begun = True
        if self._left_over:
            count = min(len(room), len(self._left_over))
            room[:count] = self._left_over[:count]
            self._left_over = self._left_over[count:]
            return count
        if self._connection is None or self._to_come <= 0:
            return 0
        count = self._received(self._connection, room[: self._to_come])
        self._to_come -= count
        self._call.count(received=count)
        return count

    def _received(self, connection: socket.socket, room: memoryview) -> int:
        try:
            return connection.recv_into(room)
        except TimeoutError as error:
            raise httpx2.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpx2.ReadError(str(error)) from error


def _plain_connection(response: httpx2.Response) -> socket.socket | None:
    """What the body can be read from as it is; None where that would not be its bytes."""
    length = response.headers.get("content-length", "")
    is_plain = response.http_version.startswith("HTTP/1") and "transfer-encoding" not in response.headers
    stream: Any = response.extensions.get("network_stream")
    if stream is None or not is_plain or not (length.isascii() and length.isdigit()):
        return None
    connection = stream.get_extra_info("socket")
    # Behind a proxy that is spoken to over TLS, this is the connection to the proxy, with another TLS inside.
    if stream.get_extra_info("ssl_object") is not getattr(connection, "_sslobj", None):
        return None
    return connection if isinstance(connection, socket.socket) else None
