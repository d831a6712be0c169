"""A part that is made late stands where it belongs for the Tab key, and nothing else is touched by that."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from app.ui.tab_order import put_after
from tests.ui.driving import OpenWindow


def test_a_late_part_comes_after_what_it_stands_behind(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    row = QHBoxLayout(window)
    first, last = QWidget(window), QLineEdit(window)
    inside = QPushButton("Inside", first)
    for part in (first, last):
        row.addWidget(part)
    late = QWidget(window)
    fields = [QLineEdit(late), QLineEdit(late)]
    QLabel("No stop", late)
    row.addWidget(late)
    put_after(late, first)
    window.show()
    inside.setFocus()
    reached = []
    for _ in range(4):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        reached.append(window.focusWidget())
    assert reached == [*fields, last, inside]


def test_the_transcript_outlives_the_page_of_the_first_start(open_window: Callable[..., OpenWindow]) -> None:
    one = open_window()
    first = one.window.show_first_run()
    viewport = one.page.transcript.viewport()
    field = one.window.discover.page.filters.field
    one.window.navigation.show_chats()
    one.qtbot.waitUntil(lambda: not isValid(first))
    assert isValid(viewport)
    assert isValid(field)
    assert all(isValid(action) for action in field.actions())
