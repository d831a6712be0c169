"""Nobody is there when no key and no pointer was used for long enough."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.ui.lock.idle import IdleWatch


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


def test_what_is_done_in_a_window_begins_the_time_anew(window: QWidget, qtbot: QtBot) -> None:
    clock, told = Clock(), []
    watch = IdleWatch(window, clock)
    watch.idled.connect(lambda: told.append(clock.seconds))
    watch.watch(60)
    clock.seconds = 159.0
    watch.look()
    assert told == []
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_A)
    clock.seconds = 200.0
    watch.look()
    assert told == []
    QTest.mouseMove(window.windowHandle(), QPoint(5, 5))
    clock.seconds = 259.0
    watch.look()
    assert told == []
    clock.seconds = 260.0
    watch.look()
    assert told == [260.0]
    watch.watch(0)
    watch.look()
    assert told == [260.0], "0 never does"


def test_a_dialog_that_opens_later_is_listened_to(window: QWidget, qtbot: QtBot) -> None:
    clock, told = Clock(), []
    watch = IdleWatch(window, clock)
    watch.idled.connect(lambda: told.append(clock.seconds))
    watch.watch(60)
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    watch.look()
    clock.seconds = 150.0
    QTest.keyClick(other.windowHandle(), Qt.Key.Key_A)
    clock.seconds = 170.0
    watch.look()
    assert told == []
    watch.watch(0)
