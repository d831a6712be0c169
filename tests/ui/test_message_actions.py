"""The small buttons under a message: which ones are there, and what a click or a key on them asks for."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt, SignalInstance
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

from app.core.conversation import Message, MessageState, Role
from app.core.generation import StopReason
from app.ui.theme import Appearance
from app.ui.transcript.message_actions import ACTIONS_HEIGHT, CopyForm, MessageActions
from tests.ui.messages import answer, message

QUESTION = message(1, Role.USER, "Q")
ANSWER = answer("A")
CUT_SHORT = replace(ANSWER, stop_reason=StopReason.MAX_TOKENS)


@pytest.fixture
def actions(qtbot: QtBot, appearance: Appearance) -> Iterator[MessageActions]:
    page = QWidget()
    qtbot.addWidget(page)
    page.resize(500, 60)
    made = MessageActions(page)
    page.show()
    qtbot.waitExposed(page)
    yield made
    page.close()


def offered(actions: MessageActions) -> list[str]:
    """What stands there, from the left, and what the menu has after it."""
    buttons = sorted((b for b in actions.findChildren(QToolButton) if b.isVisible()), key=lambda b: b.x())
    return [b.text() for b in buttons] + [a.text() for a in actions.menu.actions() if not a.isSeparator()]


@pytest.mark.parametrize(
    ("shown", "is_last", "expected"),
    [
        (
            ANSWER,
            False,
            "Copy Retry More|Branch from here|Copy as plain text|Copy as HTML|Copy details|Delete…",
        ),
        (CUT_SHORT, False, "Copy Retry More|Branch from here|Copy as plain text|Copy as HTML|Copy details|Delete…"),
        (
            CUT_SHORT,
            True,
            "Continue Copy Retry More|Branch from here|Copy as plain text|Copy as HTML|Copy details|Delete…",
        ),
        (QUESTION, False, "Copy Edit More|Branch from here|Copy as plain text|Copy as HTML|Delete…"),
        (QUESTION, True, "Copy Retry Edit More|Branch from here|Copy as plain text|Copy as HTML|Delete…"),
        (
            replace(QUESTION, version_count=2),
            False,
            "‹ › Copy Edit More|Branch from here|Copy as plain text|Copy as HTML|Delete…",
        ),
        (replace(CUT_SHORT, text="", statistics=None), True, "Retry More|Branch from here|Delete…"),
        (
            replace(ANSWER, state=MessageState.STREAMING, statistics=None),
            True,
            "Copy More|Branch from here|Copy as plain text|Copy as HTML",
        ),
    ],
)
def test_what_applies_is_offered(actions: MessageActions, shown: Message, is_last: bool, expected: str) -> None:
    buttons, *menu = expected.split("|")
    actions.show_message(shown, is_last=is_last)
    assert offered(actions) == buttons.split(" ") + menu


def test_while_a_reply_is_written_nothing_can_be_changed(actions: MessageActions) -> None:
    actions.show_message(replace(CUT_SHORT, version_count=2), is_last=True, is_busy=True)
    assert offered(actions) == [
        "Copy",
        "More",
        "Branch from here",
        "Copy as plain text",
        "Copy as HTML",
        "Copy details",
    ]


def test_a_click_asks_for_it(actions: MessageActions, qtbot: QtBot) -> None:
    actions.show_message(replace(CUT_SHORT, version=2, version_count=3), is_last=True)
    clicks: tuple[tuple[QToolButton, SignalInstance, list[object]], ...] = (
        (actions.earlier_button, actions.version_requested, [2, -1]),
        (actions.later_button, actions.version_requested, [2, 1]),
        (actions.copy_button, actions.copy_requested, [2, CopyForm.MARKDOWN]),
        (actions.retry_button, actions.retry_requested, [2]),
        (actions.continue_button, actions.continue_requested, [2]),
    )
    for button, signal, expected in clicks:
        with qtbot.waitSignal(signal) as heard:
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert heard.args == expected
    actions.show_message(QUESTION, is_last=False)
    with qtbot.waitSignal(actions.edit_requested) as heard:
        QTest.mouseClick(actions.edit_button, Qt.MouseButton.LeftButton)
    assert heard.args == [1]


@pytest.mark.parametrize(
    ("words", "name", "expected"),
    [
        ("Branch from here", "branch_requested", [2]),
        ("Delete…", "delete_requested", [2]),
        ("Copy as plain text", "copy_requested", [2, CopyForm.PLAIN_TEXT]),
        ("Copy as HTML", "copy_requested", [2, CopyForm.HTML]),
        ("Copy details", "copy_requested", [2, CopyForm.DETAILS]),
    ],
)
def test_the_menu_asks_for_the_rest(
    actions: MessageActions, qtbot: QtBot, words: str, name: str, expected: list[object]
) -> None:
    actions.show_message(QUESTION, is_last=False)
    actions.show_message(ANSWER, is_last=False)
    with qtbot.waitSignal(getattr(actions, name)) as heard:
        next(action for action in actions.menu.actions() if action.text() == words).trigger()
    assert heard.args == expected


def test_the_keyboard_reaches_every_button_and_presses_it(actions: MessageActions, qtbot: QtBot) -> None:
    actions.show_message(replace(CUT_SHORT, version=2, version_count=3), is_last=True)
    actions.earlier_button.setFocus(Qt.FocusReason.TabFocusReason)
    reached = []
    for _ in range(6):
        focused = actions.focusWidget()
        assert isinstance(focused, QToolButton)
        assert focused.hasFocus()
        reached.append(focused.text())
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    assert reached == ["‹", "›", "Continue", "Copy", "Retry", "More"]
    with qtbot.waitSignal(actions.retry_requested):
        QTest.keyClick(actions.retry_button, Qt.Key.Key_Space)


def test_the_place_among_the_versions_is_shown_and_told(actions: MessageActions) -> None:
    actions.show_message(replace(ANSWER, version=1, version_count=2), is_last=False)
    assert actions.place == "1 / 2"
    assert not actions.earlier_button.isEnabled()
    assert "version 1 of 2" in actions.later_button.accessibleName()
    actions.show_message(replace(ANSWER, version=2, version_count=2), is_last=False)
    assert actions.place == "2 / 2"
    assert not actions.later_button.isEnabled()
    actions.show_message(ANSWER, is_last=False)
    assert actions.place == ""


@pytest.mark.parametrize("shown", [QUESTION, ANSWER, replace(CUT_SHORT, version_count=12)])
def test_it_is_as_large_as_it_says_and_every_button_is_named(actions: MessageActions, shown: Message) -> None:
    actions.show_message(shown, is_last=True)
    assert actions.size() == actions.sizeHint()
    assert actions.height() == ACTIONS_HEIGHT
    visible = [b for b in actions.findChildren(QToolButton) if b.isVisible()]
    assert all(actions.rect().contains(b.geometry()) for b in visible)
    assert all(b.fontMetrics().horizontalAdvance(b.text()) < b.width() for b in visible), "no word is cut off"
    assert all(len(b.accessibleName()) > len(b.text()) for b in visible)


def test_copying_says_so_without_moving_anything(actions: MessageActions, qtbot: QtBot) -> None:
    actions.show_message(ANSWER, is_last=False)
    before = (actions.sizeHint(), actions.more_button.pos())
    QTest.mouseClick(actions.copy_button, Qt.MouseButton.LeftButton)
    assert actions.copy_button.text() == "Copied"
    assert (actions.sizeHint(), actions.more_button.pos()) == before
    qtbot.waitUntil(lambda: actions.copy_button.text() == "Copy", timeout=5_000)


def test_nothing_of_it_covers_the_page(actions: MessageActions) -> None:
    page = actions.parentWidget()
    assert page is not None
    actions.move(100, 30)  # the pointer is at the window's corner: a button under it is coloured
    actions.show_message(ANSWER, is_last=False)
    between = actions.mapTo(page, actions.copy_button.geometry().topRight() + QPoint(0, 10))
    assert page.grab().toImage().pixelColor(between) == page.grab().toImage().pixelColor(480, 50)
