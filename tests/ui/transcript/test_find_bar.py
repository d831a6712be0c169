"""The bar of Ctrl+F: what it says, what it asks for, and which keys it takes."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.core.settings import Theme
from app.ui.theme import Appearance
from app.ui.transcript.find_bar import FindBar


class Page(QWidget):
    """A bar above something else, in a window that uses Esc for itself; it writes down what the bar asks for."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self.bar = FindBar(appearance, self)
        self.other = QLineEdit(self)
        self.asked: list[str] = []
        column = QVBoxLayout(self)
        column.addWidget(self.bar)
        column.addWidget(self.other)
        self.bar.query_changed.connect(lambda query: self.asked.append(f"query {query}"))
        self.bar.next_requested.connect(lambda: self.asked.append("next"))
        self.bar.previous_requested.connect(lambda: self.asked.append("previous"))
        self.bar.closed.connect(lambda: self.asked.append("closed"))
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, lambda: self.asked.append("window's Esc"))


@pytest.fixture
def page(qtbot: QtBot, appearance: Appearance) -> Page:
    made = Page(appearance)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


@pytest.fixture
def opened(page: Page, qtbot: QtBot) -> Page:
    page.bar.open()
    qtbot.waitUntil(page.bar.field.hasFocus)
    return page


def test_the_bar_is_not_there_until_it_is_opened(page: Page) -> None:
    assert not page.bar.isVisible()
    page.bar.open()
    assert page.bar.isVisible()
    assert page.bar.count.text() == ""


def test_typing_asks_once_it_pauses(opened: Page, qtbot: QtBot) -> None:
    QTest.keyClicks(opened.bar.field, "retry")
    qtbot.waitUntil(lambda: "query retry" in opened.asked)
    assert len(opened.asked) < len("retry")


def test_enter_does_not_wait_and_then_leads_on(opened: Page, qtbot: QtBot) -> None:
    opened.bar.field.insert("retry")
    QTest.keyClick(opened.bar.field, Qt.Key.Key_Return)
    assert opened.asked == ["query retry"]
    opened.bar.show_count(1, 17)
    QTest.keyClick(opened.bar.field, Qt.Key.Key_Return)
    QTest.keyClick(opened.bar.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(opened.bar.field, Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier)
    assert opened.asked == ["query retry", "next", "previous", "next"]


def test_f3_leads_on_from_anywhere_in_the_window(opened: Page, qtbot: QtBot) -> None:
    opened.bar.field.insert("retry")
    QTest.keyClick(opened.bar.field, Qt.Key.Key_Return)
    opened.bar.show_count(1, 17)
    opened.other.setFocus()
    QTest.keyClick(opened.other, Qt.Key.Key_F3)
    QTest.keyClick(opened.other, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    assert opened.asked[1:] == ["next", "previous"]
    opened.bar.close_bar()
    QTest.keyClick(opened.other, Qt.Key.Key_F3)
    assert opened.asked[3:] == ["closed"]


def test_the_buttons_lead_on_and_close(opened: Page, qtbot: QtBot) -> None:
    opened.bar.field.insert("retry")
    qtbot.waitUntil(lambda: bool(opened.asked))
    opened.bar.show_count(3, 17)
    for button in (opened.bar.next_button, opened.bar.previous_button, opened.bar.close_button):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert opened.asked == ["query retry", "next", "previous", "closed"]
    assert not opened.bar.isVisible()


def test_esc_closes_the_bar_and_does_nothing_else(opened: Page, qtbot: QtBot) -> None:
    QTest.keyClick(opened.bar.field, Qt.Key.Key_Escape)
    assert opened.asked == ["closed"]
    assert not opened.bar.isVisible()
    opened.other.setFocus()
    QTest.keyClick(opened.other, Qt.Key.Key_Escape)
    assert opened.asked == ["closed", "window's Esc"]


def test_esc_closes_the_bar_from_its_buttons_too(opened: Page, qtbot: QtBot) -> None:
    opened.bar.close_button.setFocus()
    QTest.keyClick(opened.bar.close_button, Qt.Key.Key_Escape)
    assert opened.asked == ["closed"]


def test_what_is_not_sent_when_the_bar_closes_is_not_asked_for(opened: Page, qtbot: QtBot) -> None:
    opened.bar.field.insert("re")
    opened.bar.close_bar()
    qtbot.wait(200)
    assert opened.asked == ["closed"]


@pytest.mark.parametrize(
    ("current", "count", "is_more", "words"),
    [
        (3, 17, False, "3 of 17"),
        (0, 17, False, "17 matches"),
        (0, 1, False, "1 match"),
        (0, 0, False, "No matches"),
        (1204, 10_000, True, "1,204 of 10,000+"),
    ],
)
def test_a_person_reads_how_many_there_are(page: Page, current: int, count: int, is_more: bool, words: str) -> None:
    page.bar.open("retry")
    page.bar.show_count(current, count, is_more=is_more)
    assert page.bar.count.text() == words
    assert page.bar.field.accessibleDescription() == words
    assert page.bar.next_button.isEnabled() == page.bar.previous_button.isEnabled() == (count > 0)


def test_without_matches_enter_leads_nowhere(opened: Page, qtbot: QtBot) -> None:
    opened.bar.field.insert("zzz")
    QTest.keyClick(opened.bar.field, Qt.Key.Key_Return)
    opened.bar.show_count(0, 0)
    QTest.keyClick(opened.bar.field, Qt.Key.Key_Return)
    assert opened.asked == ["query zzz"]


def test_an_empty_field_asks_for_nothing_at_once(opened: Page, qtbot: QtBot) -> None:
    opened.bar.field.insert("re")
    QTest.keyClick(opened.bar.field, Qt.Key.Key_Return)
    opened.bar.show_count(1, 2)
    opened.bar.field.selectAll()
    QTest.keyClick(opened.bar.field, Qt.Key.Key_Backspace)
    assert opened.asked == ["query re", "query "]
    assert opened.bar.count.text() == ""
    assert not opened.bar.next_button.isEnabled()


def test_opening_with_what_is_selected_looks_for_it_and_typing_replaces_it(page: Page, qtbot: QtBot) -> None:
    page.bar.open(" retry\nthe call")
    assert page.asked == ["query retry"]
    QTest.keyClicks(page.bar.field, "x")
    assert page.bar.query == "x"


def test_opening_again_looks_for_the_same_again(opened: Page, qtbot: QtBot) -> None:
    opened.bar.field.insert("retry")
    QTest.keyClick(opened.bar.field, Qt.Key.Key_Return)
    opened.bar.close_bar()
    opened.bar.open()
    assert opened.asked == ["query retry", "closed", "query retry"]
    assert opened.bar.field.selectedText() == "retry"


def test_every_control_has_a_name_and_its_keys(page: Page) -> None:
    names = {button.accessibleName(): button.toolTip() for button in page.bar.findChildren(QToolButton)}
    assert names == {
        "Previous match": "Previous match (Shift+Enter or Shift+F3)",
        "Next match": "Next match (Enter or F3)",
        "Close find": "Close find (Esc)",
    }
    assert page.bar.field.accessibleName() == "Find in this conversation"


def test_the_border_tells_where_the_keyboard_is_and_follows_the_theme(opened: Page, appearance: Appearance) -> None:
    def border() -> str:
        return opened.bar.grab().toImage().pixelColor(opened.bar.width() // 2, 0).name().upper()

    assert border() == appearance.tokens.accent
    opened.other.setFocus()
    assert border() == appearance.tokens.line
    appearance.choose(Theme.DARK)
    assert border() == appearance.tokens.line
