"""The gate: judges every attempt to reach another computer, and notes what it let through and what it refused."""

import itertools
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from app.core.errors import NetworkForbiddenError, OfflineChosenError
from app.core.network import Connection, NetworkMode, Purpose, Rule
from app.network.attempts import Act, Attempt, attempt_of
from app.network.passage import Passage
from app.network.press import current_press
from app.network.programs import is_expected, may_start

MOST_PENDING = 1000
_LOOPBACK = ("127.0.0.1", "::1")
_PASSAGE: ContextVar[Passage | None] = ContextVar("what is let through in this thread", default=None)
_PAIRING: ContextVar[bool] = ContextVar("whether a pair of sockets is being made", default=False)


class Gate:
    """Shared by all threads. Until somebody says otherwise it is offline, and the first press goes online.

    One that does not want a press is for tests and measurements; the one that is put up does. What is noted waits in
    memory until take(): judge() is called in the middle of anything, a database's work even.
    """

    def __init__(self, *, wants_press: bool = True) -> None:
        self._wants_press = wants_press
        self._mode = NetworkMode.UNTIL_ASKED
        self._is_held = False
        self._is_child = False
        self._lock = threading.RLock()  # judge() may interrupt the thread that holds it: a signal's handler
        self._open: list[Passage] = []
        self._pending: deque[Connection] = deque(maxlen=MOST_PENDING)
        self._numbers = itertools.count()
        self._run = f"{time.time_ns():x}-{os.getpid():x}"
        self.on_refused_child: Callable[[Connection], None] | None = None

    @property
    def mode(self) -> NetworkMode:
        """What the user chose, or what the first press made of it."""
        return self._mode

    @property
    def is_held(self) -> bool:
        """Whether this run stays offline, whatever is chosen."""
        return self._is_held

    @property
    def is_cut(self) -> bool:
        """Whether nothing can pass now, whatever is pressed."""
        return self._is_held or self._mode is NetworkMode.OFFLINE

    @property
    def has_news(self) -> bool:
        """Whether take() would give anything new."""
        return bool(self._pending or self._open)

    def set_mode(self, mode: NetworkMode) -> None:
        """Go online or offline; what is open when going offline is broken off."""
        with self._lock:
            self._mode = mode
            broken = list(self._open) if mode is NetworkMode.OFFLINE else []
        for passage in broken:
            passage.break_off()

    def hold_offline(self, *, is_child: bool = False) -> None:
        """Let nothing through until the process ends."""
        self._is_held = True
        self._is_child = is_child

    def open(self, purpose: Purpose, hub: str) -> Passage:
        """Let one piece of work ask `hub` (its name in sentences); its hosts are admitted one by one, then end() it.

        Raises OfflineChosenError when offline is on, or when nothing was pressed.
        """
        press = current_press()
        with self._lock:
            rule = self._rule_for(press)
            if rule is Rule.PRESSED:
                self._mode = NetworkMode.ONLINE
                passage = Passage(purpose, press, self._next_key, self._closed)
                self._open.append(passage)
                return passage
        self._pending.append(Connection(self._next_key(), time.time(), hub, purpose, press, rule))
        raise OfflineChosenError(_refusal(rule, hub), f"{purpose}: {rule}")

    @contextmanager
    def passing(self, passage: Passage) -> Iterator[None]:
        """Let this thread through while the block runs."""
        before = _PASSAGE.set(passage)
        try:
            yield
        finally:
            _PASSAGE.reset(before)

    @contextmanager
    def pairing(self) -> Iterator[None]:
        """Let the block make a socket.socketpair(), which on Windows is a connection of this computer to itself."""
        before = _PAIRING.set(True)
        try:
            yield
        finally:
            _PAIRING.reset(before)

    def take(self) -> list[Connection]:
        """What was noted since the last call, and how far what is open has come: later ones replace those of a key."""
        with self._lock:
            found = [self._pending.popleft() for _ in range(len(self._pending))]
            return found + [entry for passage in self._open for entry in passage.connections()]

    def note(self, connection: Connection) -> None:
        """Note what was refused in a process of ours."""
        self._pending.append(connection)

    def judge(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Judge an audit event in attempts.WATCHED. Raises NetworkForbiddenError, which keeps Python from doing it."""
        attempt = attempt_of(event, arguments)
        if attempt is None or self._is_allowed(attempt):
            return
        rule = self._rule_of(attempt)
        thread = threading.current_thread().name
        detail = f"{attempt.event} in the thread {thread}"
        passage = _PASSAGE.get()
        refused = Connection(
            self._next_key(),
            time.time(),
            attempt.place,
            passage.purpose if passage else Purpose.UNKNOWN,
            current_press(),
            rule,
            detail=detail,
        )
        if attempt.act is not Act.START or not is_expected():
            self._pending.append(refused)
            if self.on_refused_child is not None:
                self.on_refused_child(refused)
        what = "start" if attempt.act is Act.START else "reach"
        raise NetworkForbiddenError(
            f"Inglenook did not let a part of itself {what} {attempt.place}: nothing that was pressed needs it.", detail
        )

    def _is_allowed(self, attempt: Attempt) -> bool:
        if attempt.act is Act.START:
            return may_start(attempt.host)
        if attempt.host in _LOOPBACK and _PAIRING.get() and attempt.act is not Act.LOOK_UP:
            return True
        passage = _PASSAGE.get()
        if passage is None or self.is_cut or attempt.act is Act.LISTEN:
            return False
        with self._lock:
            is_ours = passage in self._open
        return is_ours and passage.lets(attempt)

    def _rule_of(self, attempt: Attempt) -> Rule:
        if attempt.act is Act.START:
            return Rule.PROGRAM
        if self._is_child:
            return Rule.CHILD
        return Rule.OFFLINE if self.is_cut and _PASSAGE.get() is not None else Rule.UNASKED

    def _rule_for(self, press: str) -> Rule:
        if self._is_child:
            return Rule.CHILD
        if self.is_cut:
            return Rule.OFFLINE
        return Rule.PRESSED if press or not self._wants_press else Rule.NO_PRESS

    def _closed(self, passage: Passage) -> None:
        with self._lock:
            if passage in self._open:
                self._open.remove(passage)
                self._pending.extend(passage.connections())

    def _next_key(self) -> str:
        return f"{self._run}-{next(self._numbers)}"


def _refusal(rule: Rule, hub: str) -> str:
    if rule is Rule.OFFLINE:
        return (
            f"Offline is on, so nothing was asked of {hub}. To go online, press “Offline” at the lower left of the "
            "window, or run `inglenook connections --go-online`."
        )
    return f"Nothing was asked of {hub}: nobody pressed anything that needs it."
