"""Shows that the wish for less motion is found where each system keeps it."""

import ctypes
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtDBus import QDBusConnection, QDBusVariant
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui import motion
from app.ui.motion import MotionPreference, mac_reduces, windows_reduces
from app.ui.motion_portal import MotionPortal, setting_reduces
from dev_steps.system import SYSTEM_PYTHON
from tests.ui.at_spi import lacking, next_line, start_bus, started

APPEARANCE = "org.freedesktop.appearance"
GNOME = "org.gnome.desktop.interface"
PLASMA = "org.kde.kdeglobals.KDE"
PORTAL = str(Path(__file__).with_name("settings_portal.py"))

on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the portal is Linux's")
numbers = count()


@pytest.fixture
def desktop() -> Iterator[Callable[[dict[str, Any]], tuple[subprocess.Popen[str], QDBusConnection]]]:
    """A function that starts a portal with settings, and connects to its bus."""
    if missing := lacking():
        pytest.fail(missing, pytrace=False)
    with ExitStack() as ends:
        address = start_bus(ends)
        name = f"motion-test-{next(numbers)}"
        bus = QDBusConnection.connectToBus(address, name)
        ends.callback(QDBusConnection.disconnectFromBus, name)

        def start(settings: dict[str, Any]) -> tuple[subprocess.Popen[str], QDBusConnection]:
            env = {"DBUS_SESSION_BUS_ADDRESS": address}
            portal = started(ends, [SYSTEM_PYTHON, PORTAL, json.dumps(settings)], env)
            assert next_line(portal) == "ready"
            return portal, bus

        yield start


@on_linux
@pytest.mark.parametrize(
    "settings",
    [
        {APPEARANCE: {"reduced-motion": ["u", 1]}},
        {APPEARANCE: {"reduced-motion": ["u", 0]}, GNOME: {"enable-animations": ["b", False]}},
        {PLASMA: {"AnimationDurationFactor": ["s", "0"]}},
    ],
)
def test_a_desktop_that_keeps_still(settings: dict[str, Any], desktop: Any, qtbot: QtBot) -> None:
    _, bus = desktop(settings)
    portal = MotionPortal(bus)
    assert not portal.wishes_less, "nobody waits for the answer"
    qtbot.waitUntil(lambda: portal.wishes_less)


@on_linux
def test_a_desktop_that_changes_its_mind(desktop: Any, qtbot: QtBot) -> None:
    process, bus = desktop({GNOME: {"enable-animations": ["b", True]}})
    portal = MotionPortal(bus)

    def change(settings: dict[str, Any]) -> None:
        process.stdin.write(json.dumps(settings) + "\n")
        process.stdin.flush()

    change({APPEARANCE: {"colour-scheme": ["u", 1]}, GNOME: {"enable-animations": ["b", False]}})
    qtbot.waitUntil(lambda: portal.wishes_less)
    change({GNOME: {"enable-animations": ["b", True]}})
    qtbot.waitUntil(lambda: not portal.wishes_less)


@on_linux
def test_without_a_portal_nothing_is_wished(qtbot: QtBot) -> None:
    nowhere = QDBusConnection("no such bus")
    assert not nowhere.isConnected()
    assert not MotionPortal(nowhere).wishes_less


@pytest.mark.parametrize(
    ("key", "value", "reduces"),
    [
        ("reduced-motion", 1, True),
        ("reduced-motion", 0, False),
        ("reduced-motion", 7, False),
        ("enable-animations", False, True),
        ("enable-animations", True, False),
        ("enable-animations", "false", False),
        ("AnimationDurationFactor", "0", True),
        ("AnimationDurationFactor", "0.0", True),
        ("AnimationDurationFactor", "0.5", False),
        ("AnimationDurationFactor", None, False),
    ],
)
def test_what_a_setting_means(key: str, value: object, reduces: bool) -> None:
    assert setting_reduces(key, [value]) is reduces
    assert setting_reduces(key, [QDBusVariant(value)]) is reduces


def test_a_setting_without_a_value() -> None:
    assert not setting_reduces("enable-animations", [])


@pytest.mark.parametrize(("known", "animates", "reduces"), [(1, 0, True), (1, 1, False), (0, 0, False)])
def test_windows_is_asked(known: int, animates: int, reduces: bool) -> None:
    def answer(action: int, _parameter: int, place: Any, _flags: int) -> int:
        assert action == 0x1042
        ctypes.cast(place, ctypes.POINTER(ctypes.c_int))[0] = animates
        return known

    assert windows_reduces(SimpleNamespace(SystemParametersInfoW=answer)) is reduces


def objective_c(says: bool, has_appkit: bool = True) -> SimpleNamespace:
    """A runtime of three functions that knows one class with one object."""
    selectors = {b"sharedWorkspace": 2, b"accessibilityDisplayShouldReduceMotion": 3}
    pointer = ctypes.c_void_p
    answers = {(1, 2): 4, (4, 3): int(says)}
    return SimpleNamespace(
        objc_getClass=ctypes.CFUNCTYPE(pointer, ctypes.c_char_p)(lambda _: int(has_appkit) or None),
        sel_registerName=ctypes.CFUNCTYPE(pointer, ctypes.c_char_p)(lambda name: selectors[name]),
        objc_msgSend=ctypes.CFUNCTYPE(pointer, pointer, pointer)(lambda one, selector: answers[(one, selector)]),
    )


def test_macos_is_asked() -> None:
    assert mac_reduces(objective_c(says=True))
    assert not mac_reduces(objective_c(says=False))
    assert not mac_reduces(objective_c(says=True, has_appkit=False))


def test_a_cursor_that_does_not_blink_counts(qtbot: QtBot) -> None:
    hints = QApplication.styleHints()
    usual = hints.cursorFlashTime()
    preference = MotionPreference()
    assert not preference.is_reduced
    try:
        hints.setCursorFlashTime(0)
        assert preference.is_reduced
    finally:
        hints.setCursorFlashTime(usual)


def test_what_the_system_says_counts(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(motion, "system_reduces", lambda: True)
    assert MotionPreference().is_reduced
