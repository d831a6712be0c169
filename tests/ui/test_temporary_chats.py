"""Temporary chats in the window: begun, left, come back to while they are written, and kept."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.core.conversation import Conversation, Role
from app.engine.fake import FakeScript
from app.ui.sidebar.groups import TEMPORARY
from tests.ui.driving import OpenWindow

OpenOne = Callable[..., OpenWindow]
SECRET = "bergamot"
SLOW = FakeScript(token_seconds=0.02, reply="one two three four five six seven eight nine ten " * 4)


def begin(one: OpenWindow) -> int:
    """Begin a temporary chat by its button; its id."""
    QTest.mouseClick(one.window.sidebar.temporary_button, Qt.MouseButton.LeftButton)
    shown = one.page.shown_id
    assert shown is not None
    return shown


def temporary(one: OpenWindow) -> list[Conversation]:
    """The temporary chats that live."""
    return [c for c in one.services.conversations.list() if c.is_temporary]


def test_the_secret_of_a_temporary_chat_is_in_no_file(open_window: OpenOne, profile: Path) -> None:
    one = open_window()
    one.wait_for_model()
    begin(one)
    assert one.page.temporary.isVisible()
    one.ask(f"The word is {SECRET}")
    one.wait_until_idle()
    assert SECRET in one.texts()[-1]
    assert one.window.sidebar.model.data(one.window.sidebar.model.index(0)) == TEMPORARY
    one.window.navigation.show_new_chat()
    one.ask("Something else")
    one.wait_until_idle()
    assert temporary(one) == []
    assert not one.page.temporary.isVisible()
    files = [path for path in profile.rglob("*") if path.is_file()]
    assert any(b"Something else" in path.read_bytes() for path in files)
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]


def test_the_keys_begin_one_and_an_empty_one_will_do(open_window: OpenOne) -> None:
    one = open_window()
    one.wait_for_model()
    control_shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    one.press(Qt.Key.Key_N, control_shift)
    first = one.page.shown_id
    one.press(Qt.Key.Key_N, control_shift)
    assert one.page.shown_id == first
    assert [c.id for c in temporary(one)] == [first]
    assert not one.page.temporary.keep_button.isEnabled(), "there is nothing to keep"


def test_what_was_written_and_not_sent_goes_with_the_chat(open_window: OpenOne) -> None:
    one = open_window()
    left = begin(one)
    one.type_text(SECRET)
    one.window.navigation.show_new_chat()
    assert temporary(one) == []
    begin(one)
    assert one.page.shown_id != left
    assert one.page.composer.text == ""


def test_a_chat_that_is_left_lives_until_its_answer_has_ended(open_window: OpenOne) -> None:
    one = open_window(SLOW)
    one.wait_for_model()
    chat = begin(one)
    one.ask("Go on")
    one.wait_for_words()
    one.window.navigation.show_new_chat()
    assert [c.id for c in temporary(one)] == [chat]
    one.page.show_conversation(chat)
    assert one.page.temporary.isVisible()
    one.window.navigation.show_new_chat()
    one.wait_until_idle()
    assert temporary(one) == []
    assert one.engine.cached_tokens == 0, "nor does the model remember it"


def test_keeping_a_chat_stores_it_with_its_answer_and_leaves_the_composer_alone(open_window: OpenOne) -> None:
    one = open_window(FakeScript(reply="Certainly."))
    one.wait_for_model()
    begin(one)
    one.ask("To be kept")
    one.wait_until_idle()
    one.type_text("half a thou")
    QTest.mouseClick(one.page.temporary.keep_button, Qt.MouseButton.LeftButton)
    (kept,) = one.services.conversations.list()
    assert (kept.title, kept.is_temporary) == ("To be kept", False)
    assert one.page.shown_id == kept.id
    assert [m.role for m in one.stored()] == [Role.USER, Role.ASSISTANT]
    assert one.page.composer.text == "half a thou"
    assert not one.page.temporary.isVisible()
    one.wait_until_idle()


def test_its_row_is_closed_without_a_question_and_not_renamed(open_window: OpenOne) -> None:
    one = open_window()
    chat = begin(one)
    rows = one.window.sidebar.list
    rows.select(chat)
    menu = rows.menu_at(QPoint(20, rows.visualRect(rows.currentIndex()).center().y()))
    assert menu is not None
    assert [action.text() for action in menu.actions()] == ["Close"]
    menu.close()
    rows.rename_action.trigger()
    assert not rows.isPersistentEditorOpen(rows.currentIndex())
    rows.delete_action.trigger()
    assert temporary(one) == []
    assert one.page.shown_id is None
