"""Shows that a message can be gone through by keyboard in a field of the system's own kind."""

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui.transcript.reader_dialog import LONGEST_LINE, MOST_CHARACTERS, MOST_LINES, ReaderDialog, readable

TOO_LONG = "\n\nThe message is too long to be shown whole; “Copy all” copies all of it."


@pytest.fixture
def dialog(qtbot: QtBot) -> ReaderDialog:
    made = ReaderDialog()
    qtbot.addWidget(made)
    return made


def test_a_message_is_read_by_keyboard(dialog: ReaderDialog, qtbot: QtBot) -> None:
    dialog.read("Answer of Mistral Small", "One line.\nAnd **another**. <b>x</b>")
    qtbot.waitUntil(dialog.field.hasFocus)
    assert dialog.windowTitle() == "Answer of Mistral Small"
    assert dialog.field.toPlainText() == "One line.\nAnd **another**. <b>x</b>"
    accessible = QAccessible.queryAccessibleInterface(dialog.field)
    assert accessible.text(QAccessible.Text.Name) == "Answer of Mistral Small"
    assert accessible.state().readOnly

    QTest.keyClick(dialog.field, Qt.Key.Key_Down)
    assert dialog.field.textCursor().blockNumber() == 1
    QTest.keyClick(dialog.field, Qt.Key.Key_End, Qt.KeyboardModifier.ShiftModifier)
    assert dialog.field.textCursor().selectedText() == "And **another**. <b>x</b>"
    QTest.keyClicks(dialog.field, "typed")
    assert "typed" not in dialog.field.toPlainText()


def test_escape_and_close_close_it(dialog: ReaderDialog, qtbot: QtBot) -> None:
    dialog.read("You wrote", "a")
    qtbot.waitUntil(dialog.field.hasFocus)
    QTest.keyClick(dialog.field, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    dialog.read("You wrote", "a")
    QTest.mouseClick(dialog.close_button, Qt.MouseButton.LeftButton)
    assert not dialog.isVisible()


def test_the_next_message_is_read_from_its_beginning_at_the_size_that_was_chosen(
    dialog: ReaderDialog, qtbot: QtBot
) -> None:
    dialog.read("You wrote", "a\nb\nc")
    qtbot.waitExposed(dialog)
    dialog.resize(500, 333)
    QTest.keyClick(dialog.field, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    dialog.close()
    dialog.read("You wrote again", "d\ne")
    assert dialog.size() == QSize(500, 333)
    assert dialog.field.textCursor().position() == 0
    assert dialog.windowTitle() == dialog.field.accessibleName() == "You wrote again"


def test_all_is_copied(dialog: ReaderDialog) -> None:
    text = "word " * LONGEST_LINE
    dialog.read("You wrote", text)
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


def test_odd_characters_are_shown(dialog: ReaderDialog) -> None:
    dialog.read("You wrote", "a\0b \ud800 c")
    assert dialog.field.toPlainText().endswith(" c")
