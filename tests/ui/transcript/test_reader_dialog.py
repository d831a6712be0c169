"""Shows that a message can be gone through by keyboard in a field of the system's own kind."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.ui.transcript.reader_dialog import LONGEST_LINE, MOST_CHARACTERS, MOST_LINES, ReaderDialog, readable

TOO_LONG = "\n\nThe message is too long to be shown whole; “Copy all” copies all of it."


@pytest.fixture
def open_reader(qtbot: QtBot) -> Callable[[str, str], ReaderDialog]:
    """A function that opens a message over a window."""
    window = QWidget()
    qtbot.addWidget(window)
    window.show()

    def open_one(title: str, text: str) -> ReaderDialog:
        dialog = ReaderDialog(title, text, window)
        dialog.open()
        qtbot.waitUntil(dialog.field.hasFocus)
        return dialog

    return open_one


Opened = Callable[[str, str], ReaderDialog]


def test_a_message_is_read_by_keyboard(open_reader: Opened) -> None:
    dialog = open_reader("Answer of Mistral Small", "One line.\nAnd **another**. <b>x</b>")
    assert dialog.windowTitle() == "Answer of Mistral Small"
    assert dialog.field.toPlainText() == "One line.\nAnd **another**. <b>x</b>"
    accessible = QAccessible.queryAccessibleInterface(dialog.field)
    assert accessible.text(QAccessible.Text.Name) == "Answer of Mistral Small"
    assert accessible.state().readOnly

    assert dialog.field.textCursor().position() == 0
    QTest.keyClick(dialog.field, Qt.Key.Key_Down)
    assert dialog.field.textCursor().blockNumber() == 1
    QTest.keyClick(dialog.field, Qt.Key.Key_End, Qt.KeyboardModifier.ShiftModifier)
    assert dialog.field.textCursor().selectedText() == "And **another**. <b>x</b>"
    QTest.keyClicks(dialog.field, "typed")
    assert "typed" not in dialog.field.toPlainText()


@pytest.mark.parametrize("by_key", [True, False])
def test_escape_and_close_close_it(by_key: bool, open_reader: Opened, qtbot: QtBot) -> None:
    dialog = open_reader("You wrote", "a")
    with qtbot.waitSignal(dialog.destroyed):
        if by_key:
            QTest.keyClick(dialog.field, Qt.Key.Key_Escape)
        else:
            QTest.mouseClick(dialog.close_button, Qt.MouseButton.LeftButton)


def test_the_next_one_has_the_size_that_was_chosen(open_reader: Opened) -> None:
    first = open_reader("You wrote", "a")
    first.resize(500, 333)
    first.close()
    assert open_reader("You wrote", "b").size() == QSize(500, 333)


def test_all_is_copied(open_reader: Opened) -> None:
    text = "word " * LONGEST_LINE
    dialog = open_reader("You wrote", text)
    QTest.mouseClick(dialog.copy_button, Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text() == text


def test_long_lines_are_broken_behind_spaces() -> None:
    assert readable("short\n\nlines") == "short\n\nlines"
    assert readable("a" * LONGEST_LINE + "b") == "a" * LONGEST_LINE + "\nb"
    lines = readable("word " * LONGEST_LINE).split("\n")
    assert "".join(lines) == "word " * LONGEST_LINE
    assert all(line.endswith("word ") for line in lines[:-1])


def test_what_is_too_long_is_cut_and_says_so() -> None:
    assert readable("a\n" * MOST_LINES) == "a\n" * (MOST_LINES - 1) + "a" + TOO_LONG
    assert readable("a\n" * (MOST_LINES - 1)) == "a\n" * (MOST_LINES - 1)
    shown = readable("a" * (MOST_CHARACTERS + 1))
    assert shown.count("a" * LONGEST_LINE) == MOST_CHARACTERS // LONGEST_LINE
    assert shown.endswith(TOO_LONG)


def test_odd_characters_are_shown(open_reader: Opened) -> None:
    dialog = open_reader("You wrote", "a\0b \ud800 c")
    assert dialog.field.toPlainText().endswith(" c")
