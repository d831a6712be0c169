"""How requests to the hub behave: they wait briefly, can be cancelled, read little, and show the token to no one else.

huggingface_hub sends all its requests through one client, which set_up() gives it; what one call may do is looked up
there in a context variable.
"""

import contextlib
import functools
import socket
import ssl
import time
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx2
from huggingface_hub import constants, set_client_factory

from app.core.cancel import CancelToken
from app.core.errors import HubFaultError, OfflineChosenError
from app.core.network import Purpose
from app.hub.refusals import error_of_failure, error_of_status, host_of, not_understood
from app.network.gate import Gate
from app.network.passage import Passage

CONNECT_SECONDS = 3.0
SILENCE_SECONDS = 10.0
ANSWER_SECONDS = 60.0
MOST_ANSWER_BYTES = 1 << 25
_PORTS = {"http": 80, "https": 443}
_LINE_BYTES = 12  # of a request or an answer: its version, its blanks, its end
_THIS_COMPUTER = ("all://localhost", "all://127.0.0.1", "all://[::1]")


@dataclass(slots=True)
class Call:
    """What one call to the hub is about and may do; `endpoint` is the hub's address, `subject` what is asked for.

    `most_bytes` bounds each answer, `seconds` the time that reading one may take; None is without bound. A connection
    that is silent for `silence_seconds` is given up; None is SILENCE_SECONDS. `gate` lets its hosts through for
    `purpose`; `proxy` is the address of the proxy that is set, empty for those of the environment.
    """

    endpoint: str
    subject: str
    cancel: CancelToken
    has_token: bool = False
    most_bytes: int = MOST_ANSWER_BYTES
    seconds: float | None = ANSWER_SECONDS
    silence_seconds: float | None = None
    gate: Gate = field(default_factory=lambda: Gate(wants_press=False))
    purpose: Purpose = Purpose.FILES
    proxy: str = ""
    passage: Passage | None = field(default=None, init=False)
    _socket: socket.socket | None = field(default=None, init=False)

    @property
    def host(self) -> str:
        """The hub's name in sentences."""
        return host_of(self.endpoint)

    @property
    def patience(self) -> float:
        """How many seconds of silence are borne."""
        return SILENCE_SECONDS if self.silence_seconds is None else self.silence_seconds

    def is_hub(self, url: httpx2.URL) -> bool:
        """Whether `url` has the hub's own scheme, host and port."""
        return _origin(url) == _origin(httpx2.URL(self.endpoint))

    def admit(self, url: httpx2.URL) -> None:
        """Have the gate let the request to `url` through, and through the proxies on its way."""
        assert self.passage is not None
        self.passage.admit(url.host, url.port or _PORTS.get(url.scheme, 0), self.break_off)
        for address in (self.proxy,) if self.proxy else getproxies().values():
            way = urlsplit(address if "//" in address else f"//{address}")
            if way.hostname:
                self.passage.admit_way(way.hostname, way.port or _PORTS.get(way.scheme, 80))

    def count(self, received: int = 0, sent: int = 0) -> None:
        """Note so many bytes in the log of connections."""
        if self.passage is not None:
            self.passage.count(received, sent)

    def close(self) -> None:
        """Nothing more is read: let nothing of it through, and note what it came to; harmless when repeated."""
        if self.passage is not None:
            self.passage.end()

    def connected(self, stream: Any) -> None:
        """Remember the connection that was just opened, to break it off if that is asked for."""
        self._socket = stream.get_extra_info("socket")
        if self.cancel.cancelled:
            self.break_off()

    def break_off(self) -> None:
        """Wake whoever waits for the network; called on any thread."""
        if self._socket is not None:
            with contextlib.suppress(OSError):  # it was closed already
                # Not SSLSocket's own shutdown(), which takes its state from under the thread that reads.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


_CALL: ContextVar[Call] = ContextVar("the call to the hub under way")


@functools.cache
def set_up() -> None:
    """Have huggingface_hub use our client, once: a new one would close that which other threads use."""
    if not (constants.HF_HUB_DISABLE_TELEMETRY and constants.HF_HUB_DISABLE_IMPLICIT_TOKEN):
        # Otherwise its first request looks up which program runs it, at huggingface.co and whatever the endpoint is.
        raise RuntimeError("huggingface_hub was imported before network.quiet_libraries() was called")
    set_client_factory(_SharedClient)


@contextlib.contextmanager
def calling(call: Call) -> Iterator[None]:
    """Let the block talk to the hub, and turn what goes wrong into HubErrors; CancelledError when it was cancelled."""
    try:
        with opening(call):
            yield
    finally:
        call.close()


@contextlib.contextmanager
def opening(call: Call) -> Iterator[None]:
    """As calling(), for an answer that is read on afterwards: whoever does that ends the call."""
    call.passage = call.gate.open(call.purpose, call.host)
    before = _CALL.set(call)
    try:
        with call.gate.passing(call.passage), watching(call):
            yield
    finally:
        _CALL.reset(before)


@contextlib.contextmanager
def watching(call: Call) -> Iterator[None]:
    """As calling(), for a block that only reads on: a generator may yield between such blocks."""
    call.cancel.raise_if_cancelled()
    try:
        with call.cancel.calling(call.break_off):
            yield
        call.cancel.raise_if_cancelled()
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        call.cancel.raise_if_cancelled()
        if call.passage is not None and call.passage.is_broken:
            raise OfflineChosenError(f"Offline was chosen, so the connection to {call.host} was broken off.") from error
        raise error_of_failure(error, call.host) from error


def client(proxy: str = "") -> httpx2.Client:
    """One that opens a connection for each request: only so is it known which one a call is waiting for.

    Without `proxy` those of the environment are used. A mirror on this computer is never behind one.
    """
    return httpx2.Client(
        event_hooks={"request": [_before_request], "response": [_after_headers]},
        follow_redirects=True,
        limits=httpx2.Limits(max_keepalive_connections=0),
        proxy=proxy or None,
        mounts=dict.fromkeys(_THIS_COMPUTER),
        verify=_trusted(),
    )


class _SharedClient(httpx2.Client):
    """Sends each request by the client of the proxy that its call names: another one may be chosen at any time."""

    def __init__(self) -> None:
        super().__init__(verify=_trusted())

    def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        return _client_for(_CALL.get().proxy).send(request, **options)


@functools.lru_cache(maxsize=4)
def _client_for(proxy: str) -> httpx2.Client:
    """The client by this proxy; it keeps no connection open, so there is nothing to close."""
    return client(proxy)


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The certificates that are accepted; reading them takes 40 ms."""
    return httpx2.create_ssl_context()


def _before_request(request: httpx2.Request) -> None:
    """Every request passes here, those of redirects too."""
    call = _CALL.get()
    call.cancel.raise_if_cancelled()
    if request.url.scheme != "https" and httpx2.URL(call.endpoint).scheme == "https":
        raise HubFaultError(f"{call.host} leads to an address that is not secure, which is not followed.")
    if not call.is_hub(request.url):
        request.headers.pop("authorization", None)
    request.headers.pop("cookie", None)
    request.headers["accept-encoding"] = "identity"  # a few compressed bytes can unfold to any number
    call.admit(request.url)
    call.count(sent=len(request.method) + len(request.url.raw_path) + _LINE_BYTES + _header_bytes(request.headers))
    waits = {"connect": CONNECT_SECONDS, **dict.fromkeys(("read", "write", "pool"), call.patience)}

    def on_event(name: str, info: dict[str, Any]) -> None:
        if name.endswith(("connect_tcp.complete", "start_tls.complete")):
            call.connected(info["return_value"])

    request.extensions = {**request.extensions, "timeout": waits, "trace": on_event}


def _after_headers(response: httpx2.Response) -> None:
    """Refuse what cannot be used before its body is read, and bound the rest."""
    call = _CALL.get()
    call.count(received=_header_bytes(response.headers) + _LINE_BYTES)
    if response.status_code >= httpx2.codes.BAD_REQUEST:
        raise error_of_status(
            response.status_code,
            response.headers,
            call.endpoint,
            call.subject,
            call.has_token,
            call.is_hub(response.url),
        )
    if response.headers.get("content-encoding", "identity") != "identity":
        raise not_understood(call.host, "it is compressed although that was declined")
    assert isinstance(response.stream, httpx2.SyncByteStream)
    response.stream = _Bounded(response.stream, call)


class _Bounded(httpx2.SyncByteStream):
    """A body of which no more is read than the call may."""

    def __init__(self, stream: httpx2.SyncByteStream, call: Call) -> None:
        self._stream = stream
        self._call = call

    def __iter__(self) -> Iterator[bytes]:
        call, read, started = self._call, 0, time.monotonic()
        for chunk in self._stream:
            call.cancel.raise_if_cancelled()
            read += len(chunk)
            call.count(received=len(chunk))
            if read > call.most_bytes:
                raise not_understood(call.host, f"it is longer than {call.most_bytes:,} bytes")
            if call.seconds is not None and time.monotonic() - started > call.seconds:
                raise not_understood(call.host, f"it took longer than {call.seconds:.0f} s")
            yield chunk

    def close(self) -> None:
        self._stream.close()


def _header_bytes(headers: httpx2.Headers) -> int:
    return sum(len(name) + len(value) + 4 for name, value in headers.raw)


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or _PORTS.get(url.scheme)
