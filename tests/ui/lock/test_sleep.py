"""The system's sleep, as each system tells of it."""

import ctypes
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtDBus import QDBusConnection
from pytestqt.qtbot import QtBot

from app.ui.lock.clock_jump import JUMP_SECONDS, ClockJump
from app.ui.lock.sleep import SleepWatch
from app.ui.lock.sleep_linux import LogindSleep
from app.ui.lock.sleep_windows import PBT_APMSUSPEND, WM_POWERBROADCAST, WindowsMessage, tells_of_sleep
from dev_steps.system import SYSTEM_PYTHON
from tests.ui.at_spi import lacking, next_line, start_bus, started

LOGIND = str(Path(__file__).with_name("fake_logind.py"))
on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="logind is Linux's")
numbers = count()


class Told:
    """Counts how often it was told of a sleep."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


@pytest.fixture
def ends() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def bus(ends: ExitStack) -> tuple[QDBusConnection, str]:
    """A bus of its own in place of the system's, and its address."""
    if missing := lacking():
        pytest.fail(missing, pytrace=False)
    address = start_bus(ends)
    name = f"sleep-test-{next(numbers)}"
    ends.callback(QDBusConnection.disconnectFromBus, name)
    return QDBusConnection.connectToBus(address, name), address


def logind(ends: ExitStack, address: str) -> "subprocess.Popen[str]":
    """A logind on that bus."""
    process = started(ends, [SYSTEM_PYTHON, LOGIND], {"DBUS_SESSION_BUS_ADDRESS": address})
    assert next_line(process) == "ready"
    return process


def tell(process: "subprocess.Popen[str]", word: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{word}\n")
    process.stdin.flush()


@on_linux
def test_logind_waits_until_the_lock_is_closed(qtbot: QtBot, ends: ExitStack, bus: tuple[QDBusConnection, str]) -> None:
    connection, address = bus
    process, told = logind(ends, address), Told()
    sleep = LogindSleep(told, None, connection)
    assert (sleep.is_watching, sleep.is_waited_for) == (True, True)
    assert next_line(process) == "inhibited sleep delay"
    tell(process, "true")
    qtbot.waitUntil(lambda: told.times == 1)
    assert sleep.is_waited_for, "until all is put away"
    sleep.release()
    assert next_line(process) == "released"
    tell(process, "false")
    qtbot.waitUntil(lambda: sleep.is_waited_for)
    assert next_line(process) == "inhibited sleep delay"
    assert told.times == 1
    sleep.stop()
    assert next_line(process) == "released"


@on_linux
def test_a_bus_without_logind_is_no_trouble(qtbot: QtBot, bus: tuple[QDBusConnection, str]) -> None:
    sleep = LogindSleep(Told(), None, bus[0])
    assert (sleep.is_watching, sleep.is_waited_for) == (True, False)
    sleep.release()
    sleep.stop()


@on_linux
def test_neither_is_a_system_without_a_bus(qtbot: QtBot) -> None:
    nowhere = QDBusConnection.connectToBus("unix:path=/nowhere/at/all", "nowhere")
    sleep = LogindSleep(Told(), None, nowhere)
    assert not sleep.is_watching
    sleep.stop()
    QDBusConnection.disconnectFromBus("nowhere")


@pytest.mark.parametrize(
    ("kind", "message", "parameter", "sleeps"),
    [
        (b"windows_generic_MSG", WM_POWERBROADCAST, PBT_APMSUSPEND, True),
        (b"windows_dispatcher_MSG", WM_POWERBROADCAST, PBT_APMSUSPEND, True),
        (b"windows_generic_MSG", WM_POWERBROADCAST, 0x0007, False),  # it has woken
        (b"windows_generic_MSG", 0x0100, PBT_APMSUSPEND, False),  # a key
        (b"xcb_generic_event_t", WM_POWERBROADCAST, PBT_APMSUSPEND, False),
    ],
)
def test_a_message_of_windows_is_understood(kind: bytes, message: int, parameter: int, sleeps: bool) -> None:
    made = WindowsMessage(None, message, parameter)
    assert tells_of_sleep(kind, ctypes.addressof(made)) is sleeps


def test_the_beginning_of_a_message_lies_where_windows_puts_it() -> None:
    assert (WindowsMessage.message.offset, WindowsMessage.wparam.offset) == (ctypes.sizeof(ctypes.c_void_p), 16)


def test_a_clock_that_went_on_alone_tells_of_a_sleep(qtbot: QtBot) -> None:
    times = iter([1000.0, 1005.0, 1030.0, 1030.0 + JUMP_SECONDS + 6, 1100.0, 900.0])
    told = Told()
    clock = ClockJump(told, None, lambda: next(times))
    seen = []
    for _ in range(5):
        clock.look()
        seen.append(told.times)
    clock.stop()
    assert seen == [0, 0, 1, 1, 1], "a busy moment and a clock that is set back are no sleep"


@pytest.mark.parametrize("platform", ["darwin", "linux"])
def test_every_system_has_a_way(platform: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/at/all")
    parent = QObject()
    watch = SleepWatch(parent, platform)
    watch.watch(True)
    kinds = [type(source).__name__ for source in watch.sources]
    assert kinds == ["ClockJump", *(["LogindSleep"] if platform == "linux" else [])]
    watch.release()
    watch.watch(False)
    assert watch.sources == ()
