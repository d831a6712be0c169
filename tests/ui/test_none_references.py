"""Guards against PySide6 6.12.0 on Python 3.11 and older: it lost a reference to None at every call from C++."""

import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QObject, QSize, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.engine.fake import FakeScript
from tests.ui.driving import OpenWindow

CALLS = 2000
STRAY = 200  # what caches and the interpreter itself may change meanwhile
IMMORTAL = sys.version_info >= (3, 12)

pytestmark = pytest.mark.skipif(IMMORTAL, reason="None is immortal from Python 3.12 on: its count says nothing")


class Busy(QWidget):
    """A widget whose methods C++ calls."""

    told = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def eventFilter(self, _watched: QObject, _event: QEvent) -> bool:
        self.calls += 1
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        self.calls += 1

    def sizeHint(self) -> QSize:
        self.calls += 1
        return QSize(20, 20)

    def hear(self) -> None:
        self.calls += 1


def lost_references(work: Callable[[], object]) -> int:
    """How many references to None are fewer after the work than before."""
    work()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        work()
    return before - sys.getrefcount(None)


def test_overrides_called_from_cpp_lose_none(qtbot: QtBot) -> None:
    widget = Busy()
    qtbot.addWidget(widget)
    widget.show()
    widget.installEventFilter(widget)
    assert lost_references(widget.repaint) < STRAY
    assert lost_references(widget.adjustSize) < STRAY
    event = QEvent(QEvent.Type.User)
    assert lost_references(lambda: QApplication.sendEvent(widget, event)) < STRAY
    assert widget.calls > 2 * CALLS


def test_signals_lose_none(qtbot: QtBot) -> None:
    widget = Busy()
    qtbot.addWidget(widget)
    widget.told.connect(widget.hear)
    widget.told.connect(lambda: None)
    assert lost_references(widget.told.emit) < STRAY
    assert widget.calls > CALLS


def test_our_own_widgets_lose_none(open_window: Callable[..., OpenWindow]) -> None:
    one = open_window(FakeScript(reply="Some words.\n\n```\ncode\n```"))
    one.wait_for_model()
    one.ask("Hello")
    one.wait_until_idle()
    before = sys.getrefcount(None)
    for _ in range(100):
        one.window.repaint()
        one.page.header.dot.repaint()
        one.window.sidebar.list.viewport().repaint()
        one.page.transcript.viewport().repaint()
    assert before - sys.getrefcount(None) < STRAY


def test_the_guard_sees_a_loss() -> None:
    import ctypes

    def lose() -> None:
        ctypes.pythonapi.Py_DecRef(ctypes.py_object(None))

    lost = lost_references(lose)
    for _ in range(CALLS + 1):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(None))
    assert lost > CALLS - STRAY
