"""Reads Python's audit events: which of them reach for another computer or for another program.

Source of the events: docs.python.org/3/library/audit_events.html. The hook is called for every event there is, also for
each import and each open file, so what is not in WATCHED must cost no more than one look into a set.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

_LOOKING_UP = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo")
_REACHING = ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind")
_STARTING = (
    "subprocess.Popen",
    "_winapi.CreateProcess",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "os.startfile",
    "os.startfile/2",
    "pty.spawn",
    "webbrowser.open",
)
WATCHED = frozenset((*_LOOKING_UP, *_REACHING, *_STARTING))


class Act(Enum):
    """What was tried."""

    LOOK_UP = auto()
    REACH = auto()
    LISTEN = auto()
    START = auto()


@dataclass(frozen=True, slots=True)
class Attempt:
    """What code in this process is about to do; `host` is a program's path when it starts one, `port` 0 unknown."""

    act: Act
    host: str
    port: int
    event: str

    @property
    def place(self) -> str:
        """The host, with its port where that is known."""
        return f"{self.host}:{self.port}" if self.port else self.host


def attempt_of(event: str, arguments: tuple[Any, ...]) -> Attempt | None:
    """What the event in WATCHED is; None for what stays on this computer."""
    if event in _STARTING:
        return Attempt(Act.START, text_of(_program(event, arguments)), 0, event)
    if event in _REACHING:
        address = arguments[1] if len(arguments) > 1 else None
        if not isinstance(address, tuple):  # a local socket's path, or none: it was connected before
            return None
        act = Act.LISTEN if event == "socket.bind" else Act.REACH
        return Attempt(act, plain_host(address[0] if address else "") or "*", _port(address[1:2]), event)
    asked = arguments[0]
    if isinstance(asked, tuple):  # getnameinfo is given an address
        return Attempt(Act.LOOK_UP, plain_host(asked[0] if asked else ""), _port(asked[1:2]), event)
    if asked is None:  # every address of this computer: nobody is asked
        return None
    return Attempt(Act.LOOK_UP, plain_host(asked), _port(arguments[1:2]), event)


def plain_host(host: object) -> str:
    """A name or an address in the one form in which hosts are compared."""
    return text_of(host).lower().rstrip(".").partition("%")[0].strip("[]")


def text_of(value: object) -> str:
    """What Python was given, as text that a terminal can be shown; names of hosts and files may be bytes."""
    if isinstance(value, bytes | bytearray):
        value = bytes(value).decode("utf-8", "replace")
    if isinstance(value, os.PathLike):
        return text_of(value.__fspath__())
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in str(value))


def _program(event: str, arguments: tuple[Any, ...]) -> object:
    """What is to be started. A shell's whole line is one program: nobody is allowed to use one."""
    if event in ("subprocess.Popen", "_winapi.CreateProcess") and not arguments[0]:
        command = arguments[1]  # on Windows the executable may be left out, and the line is one text
        return _first_word(command) if isinstance(command, str) else command[0] if command else ""
    if event == "os.spawn":
        return arguments[1]
    if event == "pty.spawn":
        return arguments[0][0] if arguments[0] else ""
    return arguments[0]


def _first_word(line: str) -> str:
    """The program in a command line of Windows; a path with blanks is quoted there."""
    line = line.lstrip()
    return line[1:].partition('"')[0] if line.startswith('"') else line.partition(" ")[0]


def _port(found: tuple[Any, ...]) -> int:
    read: Callable[[Any], int] = int
    try:
        return read(found[0]) if found else 0
    except (TypeError, ValueError):
        return 0  # the name of a service, or nothing
