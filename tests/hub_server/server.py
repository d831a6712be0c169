"""The tests' hub as a whole: what it serves, what goes wrong, and what was asked of it."""

import contextlib
import socket
import sys
import threading
import time
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from typing import Any, Self

from tests.hub_server.contents import Content
from tests.hub_server.faults import NO_FAULT, Fault, Part
from tests.hub_server.handler import Handler
from tests.hub_server.repositories import ServedRepository

_POLL_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came. `range` and `authorization` are the headers, empty when there are none."""

    part: Part
    method: str
    path: str
    range: str = ""
    authorization: str = ""
    user_agent: str = ""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """Bytes of a file that went out: `count` of them from `start` on."""

    part: Part
    path: str
    start: int
    count: int


class HubServer:
    """Serves repositories on loopback while its `with` block runs. Everything may be changed between requests.

    `token` is the one that may see gated repositories; another one is refused. Large files are sent for to a second
    port, which stands for the storage on another host; its links are good for `link_seconds`, None is for ever. With
    `redirects` False the hub itself serves them. `page_size` is how many models one page of a list has.
    """

    def __init__(self, *repositories: ServedRepository) -> None:
        self.repositories = {repository.id: repository for repository in repositories}
        self.token = "hf_good"
        self.redirects = True
        self.link_seconds: float | None = None
        self.page_size = 2
        self.requests: list[Request] = []
        self.sent: list[Sent] = []
        self.failures: list[BaseException] = []
        self.stopping = threading.Event()
        self._faults: list[tuple[Part, Fault, int | None]] = []
        self._links: dict[int, tuple[str, str, float]] = {}
        self._last_link = 0
        self._lock = threading.Lock()
        self._listeners: dict[Part, _Listener] = {}
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        for part in (Part.FILE, Part.STORAGE):
            listener = _Listener(self, part)
            thread = threading.Thread(target=listener.serve_forever, args=(_POLL_SECONDS,), name=f"hub {part}")
            self._listeners[part] = listener
            self._threads.append(thread)
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        for listener in self._listeners.values():
            listener.shutdown()
            listener.end_connections()
            listener.server_close()
        for thread in self._threads:
            thread.join()
        if self.failures:
            raise AssertionError("the tests' hub failed") from self.failures[0]

    @property
    def endpoint(self) -> str:
        """Its address, for a client's `endpoint`."""
        return self._address(Part.FILE)

    def add(self, repository: ServedRepository) -> ServedRepository:
        """Serve one more."""
        self.repositories[repository.id] = repository
        return repository

    def replace(self, id: str, path: str, content: Content) -> None:  # noqa: A002 (the hub's word)
        """Change a file: it has another ETag from now on, at every revision."""
        self.repositories[id].replace(path, content)

    def fail(self, part: Part, fault: Fault, times: int | None = None) -> None:
        """Let the next `times` requests to `part` go wrong, None is all; the fault named first comes first."""
        with self._lock:
            self._faults.append((part, fault, times))

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._faults.clear()

    def expire_links(self) -> None:
        """Refuse every link to the storage that was given so far."""
        with self._lock:
            self._links.clear()

    def fault_for(self, part: Part, method: str) -> Fault:
        """The fault of this request, which uses it up by one."""
        with self._lock:
            for number, (where, fault, times) in enumerate(self._faults):
                if where is part and fault.method in ("", method):
                    if times == 1:
                        del self._faults[number]
                    elif times is not None:
                        self._faults[number] = (where, fault, times - 1)
                    return fault
        return NO_FAULT

    def make_link(self, id: str, path: str) -> str:  # noqa: A002 (the hub's word)
        """An address at the storage, good for a while."""
        with self._lock:
            self._last_link += 1
            until = time.monotonic() + self.link_seconds if self.link_seconds is not None else float("inf")
            self._links[self._last_link] = (id, path, until)
            return f"{self._address(Part.STORAGE)}/repos/{self._last_link}?X-Signature=s{self._last_link}"

    def follow_link(self, number: int) -> tuple[str, str] | None:
        """Repository and path behind a link; None when it has expired."""
        with self._lock:
            id_, path, until = self._links.get(number, ("", "", 0.0))
        return (id_, path) if time.monotonic() < until else None

    def asked(self, part: Part, method: str = "GET") -> list[Request]:
        """The requests of this kind so far."""
        return [request for request in self.requests if request.part is part and request.method == method]

    def _address(self, part: Part) -> str:
        return f"http://127.0.0.1:{self._listeners[part].server_address[1]}"


class _Listener(ThreadingHTTPServer):
    """One port of the hub. Its threads end with it: connections are closed under those that wait."""

    daemon_threads = False
    request_queue_size = 64

    def __init__(self, hub: HubServer, part: Part) -> None:
        self.hub = hub
        self.part = part
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, _request: Any, _client_address: Any) -> None:
        error = sys.exception()
        if error is not None and not isinstance(error, ConnectionError):  # a client may go away at any time
            self.hub.failures.append(error)

    def end_connections(self) -> None:
        """Wake every thread that waits for a client."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):  # it has just been closed
                connection.shutdown(socket.SHUT_RDWR)
