"""What can be done with a message, in the window: the reader sees what they asked for, and stays where they are."""

import json
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.core.settings import Theme
from app.engine.fake import FakeScript
from app.ui.questions import QuestionDialog
from app.ui.transcript.message_actions import MessageActions
from tests.ui.driving import OpenWindow
from tests.ui.transcript.reading import OpenPage

LONG = "A line of the answer.\n\n" * 30 + "The **last** line."


@pytest.fixture
def one(open_window: Callable[..., OpenWindow]) -> OpenWindow:
    """A window in which a question was answered at length."""
    one = open_window(FakeScript(reply=LONG))
    one.wait_for_model()
    one.ask("First?")
    one.wait_until_idle()
    return one


def eyes(one: OpenWindow) -> OpenPage:
    return OpenPage(one.qtbot, one.page.transcript)


def buttons(one: OpenWindow, row: int = -1) -> MessageActions:
    return eyes(one).foot(row).buttons


def choose(actions: MessageActions, words: str) -> None:
    next(action for action in actions.menu.actions() if action.text() == words).trigger()


def copied() -> str:
    return QGuiApplication.clipboard().text()


def test_a_message_is_copied_in_every_form(one: OpenWindow) -> None:
    actions = buttons(one)
    actions.copy_button.click()
    assert copied() == LONG
    choose(actions, "Copy as plain text")
    assert copied().endswith("A line of the answer.\n\nThe last line.")
    choose(actions, "Copy as HTML")
    assert copied().endswith("<p>The <strong>last</strong> line.</p>")
    assert QGuiApplication.clipboard().mimeData().hasHtml()
    choose(actions, "Copy details")
    assert json.loads(copied())["provenance"]["file_name"].endswith(".gguf")


def test_retry_writes_another_version_and_the_arrows_turn_them(one: OpenWindow) -> None:
    one.engine.script = FakeScript(reply="Another answer.")
    buttons(one).retry_button.click()
    one.wait_until_idle()
    assert one.texts() == ["First?", "Another answer."]
    assert buttons(one).place == "2 / 2"
    buttons(one).earlier_button.click()
    assert one.texts() == ["First?", LONG]
    buttons(one).later_button.click()
    assert one.texts() == ["First?", "Another answer."]


def ask_more(one: OpenWindow, count: int = 3) -> None:
    for number in range(count):
        one.ask(f"More {number}?")
        one.wait_until_idle()


def test_a_turned_version_leaves_the_reader_where_they_are(one: OpenWindow) -> None:
    ask_more(one)
    page = eyes(one)
    one.engine.script = FakeScript(reply="Another answer.\n\n" * 60)
    row = [turn.text for turn in page.view.rows].index("More 0?") + 1
    page.view.retry_requested.emit(page.number_of(row))
    one.wait_until_idle()
    page.view.begin_at(row, 150)
    first = page.y_of("More 0?", message=row - 1)
    page.view.version_requested.emit(page.number_of(row), -1)
    assert page.view.rows[row].text == LONG
    assert page.y_of("More 0?", message=row - 1) == pytest.approx(first, abs=1)
    page.assert_painted()


def test_the_arrows_can_be_pressed_again_and_again(one: OpenWindow) -> None:
    one.engine.script = FakeScript(reply="Another answer.\n\n" * 60)
    buttons(one).retry_button.click()
    one.wait_until_idle()
    page = eyes(one)
    page.view.scroll_to(page.view.top - 10)
    assert not page.view.follows
    earlier = page.foot().buttons.earlier_button
    earlier.setFocus(Qt.FocusReason.TabFocusReason)
    y = page.foot().y()
    QTest.keyClick(earlier, Qt.Key.Key_Space)
    assert page.view.rows[-1].text == LONG
    assert page.foot().y() == pytest.approx(y, abs=1)
    later = page.foot().buttons.later_button
    assert QApplication.focusWidget() is later, "of the two the one that can be pressed"
    QTest.keyClick(later, Qt.Key.Key_Space)
    assert page.view.rows[-1].text.startswith("Another")
    assert page.foot().y() == pytest.approx(y, abs=1)
    page.assert_painted()


def test_an_opened_thought_stays_open_while_versions_are_turned(open_window: Callable[..., OpenWindow]) -> None:
    one = open_window(FakeScript(reply="Yes.", reasoning="Let me think. "))
    one.wait_for_model()
    one.ask("First?")
    one.wait_until_idle()
    one.ask("Second?")
    one.wait_until_idle()
    eyes(one).fold(1).button.click()
    buttons(one).retry_button.click()
    one.wait_until_idle()
    assert eyes(one).answer(1).shown_reasoning == "Let me think."


def test_a_change_of_theme_keeps_the_place_and_the_notes(one: OpenWindow) -> None:
    ask_more(one, 1)
    page = eyes(one)
    page.view.add_notes(page.number_of(1), ["A sentence about it."])
    page.wheel(8)
    top = page.view.top
    one.window.appearance.choose(Theme.DARK)
    assert page.view.top == top
    assert page.answer(1).notes == ["A sentence about it."]
    page.assert_painted()
    one.window.appearance.choose(Theme.LIGHT)


def test_edit_sends_another_version(one: OpenWindow) -> None:
    eyes(one).press(Qt.Key.Key_Home)
    buttons(one, 0).edit_button.click()
    assert one.page.composer.text == "First?"
    one.page.composer.set_text("")
    one.engine.script = FakeScript(reply="Yes.")
    one.ask("Else?")
    one.wait_until_idle()
    assert one.texts() == ["Else?", "Yes."]
    assert buttons(one, 0).place == "2 / 2"


def test_branch_begins_another_conversation(one: OpenWindow) -> None:
    shown = one.page.shown_id
    choose(buttons(one), "Branch from here")
    assert one.page.shown_id != shown
    assert one.texts() == ["First?", LONG]
    assert eyes(one).is_at_end()


def test_continue_writes_on(one: OpenWindow) -> None:
    one.engine.script = FakeScript(reply="word " * 400, token_seconds=0.01)
    one.ask("Again?")
    one.wait_for_words()
    one.qtbot.waitUntil(lambda: len(one.texts()) == 4 and len(one.texts()[-1]) > 20, timeout=10_000)
    one.page.stop()
    one.wait_until_idle()
    before = one.texts()[-1]
    one.engine.script = FakeScript(reply="and more.")
    buttons(one).continue_button.click()
    one.wait_until_idle()
    assert one.texts()[-1].startswith(before.rstrip())
    assert len(one.texts()[-1]) > len(before)


def test_delete_asks_and_leaves_the_reader_where_they_are(one: OpenWindow) -> None:
    ask_more(one, 2)
    page = eyes(one)
    page.view.begin_at(2, 200)
    y = page.y_of("More 0?", message=2)
    page.view.delete_requested.emit(page.number_of(4))
    question = one.dialog()
    assert isinstance(question, QuestionDialog)
    question.act_button.click()
    assert [text for text in one.texts() if text.endswith("?")] == ["First?", "More 0?"]
    assert page.y_of("More 0?", message=2) == pytest.approx(y, abs=1)
    page.assert_painted()


def test_nothing_jumps_when_a_real_answer_ends(open_window: Callable[..., OpenWindow]) -> None:
    text = "".join(f"Line {n} of the answer.\n\n" for n in range(50))
    one = open_window(FakeScript(reply=text, token_seconds=0.003))
    one.wait_for_model()
    one.ask("First?")
    page = eyes(one)
    one.qtbot.waitUntil(lambda: "Line 35" in one.texts()[-1], timeout=10_000)
    page.wheel(3)
    y = page.y_of("Line 25")
    one.wait_until_idle()
    one.qtbot.waitUntil(lambda: one.answer_row().message is not None)
    assert page.y_of("Line 25") == y
    page.assert_painted()
