"""A desktop with assistive technology for tests: a display, a bus, a window and a reader, each a process of its own."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from dev_steps.debian import command_for
from dev_steps.system import SYSTEM_PYTHON, qt_lacks

REPOSITORY = Path(__file__).resolve().parents[2]
SECONDS = 20.0

Found = TypeVar("Found")


@dataclass
class Node:
    """One accessible of the tree."""

    role: str
    name: str
    description: str
    states: set[str]
    rect: list[int]
    children: list["Node"] = field(default_factory=list)

    @classmethod
    def read(cls, told: dict[str, Any]) -> "Node":
        """Take over what the reader printed."""
        children = [cls.read(child) for child in told["children"]]
        return cls(told["role"], told["name"], told["description"], set(told["states"]), told["rect"], children)

    def all_of(self, role: str) -> list["Node"]:
        """This and all below it with a role, from the top."""
        below = [found for child in self.children for found in child.all_of(role)]
        return [self, *below] if self.role == role else below


@dataclass(frozen=True)
class Heard:
    """An event of AT-SPI."""

    kind: str
    about: str
    detail: int
    words: str


class Desktop:
    """A window and what a screen reader learns of it."""

    def __init__(self, window: subprocess.Popen[str], reader: subprocess.Popen[str], name: str) -> None:
        self.window = window
        self._reader = reader
        self._name = name
        self._heard: list[Heard] = []

    def command(self, command: str) -> None:
        """Let something happen in the window."""
        assert self.window.stdin is not None
        self.window.stdin.write(command + "\n")
        self.window.stdin.flush()

    def tree(self) -> Node:
        """All that the window shows, once it is on the bus."""
        return Node.read(wait_for(lambda: self._ask(f"tree {self._name}"), "the window is not on the bus"))

    def items(self) -> list[Node]:
        """The messages."""
        return self.tree().all_of("list item")

    def wait_until_heard(self, kind: str, about: str) -> Heard:
        """The first event of a kind about something with a name that has not been waited for."""

        def find() -> Heard | None:
            self._heard += [Heard(**told) for told in self._ask("heard")]
            return next((one for one in self._heard if (one.kind, one.about) == (kind, about)), None)

        found = wait_for(find, f"nobody said {kind} of {about!r}")
        self._heard.remove(found)
        return found

    def _ask(self, request: str) -> Any:
        assert self._reader.stdin is not None
        self._reader.stdin.write(request + "\n")
        self._reader.stdin.flush()
        return json.loads(next_line(self._reader))


def wait_for(ask: Callable[[], Found | None], otherwise: str) -> Found:
    """Ask until there is an answer; fails with a sentence when there is none in time."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if answer := ask():
            return answer
        time.sleep(0.02)
    raise AssertionError(otherwise)


def lacking() -> str:
    """What to install for these tests; empty when everything is there."""
    packages = [lack.package for lack in qt_lacks(window=True, tests=True)]
    return f"The tests of accessibility need what is missing here: {command_for(packages, True)}" if packages else ""


@contextmanager
def open_desktop(program: str, name: str) -> Iterator[Desktop]:
    """Run a module that opens a window, on a display and a bus of its own."""
    with ExitStack() as ends:
        display = started(ends, ["Xvfb", "-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp"])
        env = {**os.environ, "DISPLAY": f":{next_line(display)}", "NO_AT_BRIDGE": "0"}
        env["DBUS_SESSION_BUS_ADDRESS"] = start_bus(ends, env)
        reader = started(ends, [SYSTEM_PYTHON, str(Path(__file__).with_name("at_spi_reader.py"))], env)
        assert next_line(reader) == "ready"
        env |= {"QT_QPA_PLATFORM": "xcb", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
        window = started(ends, [sys.executable, "-m", program], env)
        yield Desktop(window, reader, name)


def start_bus(ends: ExitStack, env: dict[str, str] | None = None) -> str:
    """The address of a new D-Bus."""
    return next_line(started(ends, ["dbus-daemon", "--session", "--nofork", "--print-address=1"], env))


def started(ends: ExitStack, command: list[str], env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """A process with pipes, which ends with the others; what it says on standard error is of no interest."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        cwd=REPOSITORY,
        env=env,
    )
    ends.callback(_end, process)
    return process


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.communicate(timeout=SECONDS)


def next_line(process: subprocess.Popen[str]) -> str:
    """What a process says next, of one that says a line at a time; fails when it says nothing in time."""
    assert process.stdout is not None
    if not select.select([process.stdout], [], [], SECONDS)[0]:
        raise AssertionError(f"{process.args!r} says nothing")
    return process.stdout.readline().strip()
