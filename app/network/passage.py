"""What one piece of work is let through for: its hosts, admitted one by one, and what it sent and received."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from app.core.network import Connection, Purpose, Rule
from app.network.attempts import Act, Attempt, plain_host


@dataclass(slots=True)
class _Entry:
    key: str
    at: float
    received_bytes: int = 0
    sent_bytes: int = 0
    detail: str = ""


class Passage:
    """Made by Gate.open(); `ended` is told once when the work is done.

    Python reports a look-up by name and a connection by address, and not what the look-up answered. So once a name that
    is admitted was looked up, this work may connect to its port at any address: that it is the right computer is for
    its certificate to show.
    """

    def __init__(
        self, purpose: Purpose, press: str, next_key: Callable[[], str], ended: Callable[["Passage"], None]
    ) -> None:
        self.purpose = purpose
        self.press = press
        self._next_key = next_key
        self._ended = ended
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}
        self._current: _Entry | None = None
        self._ports: dict[str, set[int]] = {}
        self._ways: set[str] = set()
        self._open_ports: set[int] = set()  # of names that were looked up
        self._break_off: Callable[[], None] | None = None
        self._is_broken = False

    def admit(self, host: str, port: int, break_off: Callable[[], None] | None = None) -> None:
        """Let the work reach this host, and count to it from now on; `break_off` is called when going offline."""
        host = plain_host(host)
        with self._lock:
            self._ports.setdefault(host, set()).add(port)
            place = f"{host}:{port}"
            if place not in self._entries:
                self._entries[place] = _Entry(self._next_key(), time.time())
            self._current = self._entries[place]
            self._break_off = break_off or self._break_off

    def admit_way(self, host: str, port: int) -> None:
        """Let the work reach a proxy on its way to the hosts that are admitted."""
        host = plain_host(host)
        with self._lock:
            self._ports.setdefault(host, set()).add(port)
            self._ways.add(host)

    def lets(self, attempt: Attempt) -> bool:
        """Whether this work may do it."""
        with self._lock:
            ports = self._ports.get(attempt.host, ())
            is_let = bool(ports) and (attempt.port in ports or attempt.port == 0)
            if attempt.act is Act.LOOK_UP:
                if is_let:
                    self._open_ports |= set(ports)
            elif not is_let:
                is_let = attempt.port in self._open_ports
            if is_let and attempt.host in self._ways and self._current is not None:
                self._current.detail = f"through the proxy {attempt.place}"
            return is_let

    def count(self, received: int = 0, sent: int = 0) -> None:
        """Note so many bytes, of the host that was admitted last."""
        entry = self._current
        if entry is not None:
            entry.received_bytes += received
            entry.sent_bytes += sent

    def break_off(self) -> None:
        """Wake whoever waits for the network; called on any thread."""
        self._is_broken = True
        if self._break_off is not None:
            self._break_off()

    @property
    def is_broken(self) -> bool:
        """Whether going offline has ended it."""
        return self._is_broken

    def end(self) -> None:
        """The work is done; harmless when repeated."""
        self._ended(self)

    def connections(self) -> list[Connection]:
        """An entry for each host, as far as it has come."""
        with self._lock:
            return [
                Connection(
                    entry.key,
                    entry.at,
                    place,
                    self.purpose,
                    self.press,
                    Rule.PRESSED,
                    entry.received_bytes,
                    entry.sent_bytes,
                    entry.detail,
                )
                for place, entry in self._entries.items()
            ]
