"""A context that is full: where the model's memory begins, what takes its place, and how an answer goes on."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from app.core.conversation import MessageState, Role
from app.core.generation import StopReason
from app.core.settings import OverflowPolicy
from app.engine.fake import FakeScript
from app.ui.parameters.settings import SettingsDialog
from app.ui.transcript.divider_item import DividerItem
from app.ui.transcript.memory_divider import MemoryDivider
from app.ui.transcript.text_view import MessageTextView
from tests.ui.driving import OpenWindow

Open = Callable[..., OpenWindow]
LONG = "word " * 700  # five of them and their answers fit into the context, a sixth does not


def fill(one: OpenWindow, turns: int = 6) -> None:
    one.wait_for_model()
    for number in range(turns):
        one.page.composer.set_text(f"number {number} {LONG}")
        one.press(Qt.Key.Key_Return)
        one.wait_until_idle()


def divider(one: OpenWindow) -> MemoryDivider:
    found = one.page.transcript.divider
    assert found is not None
    return found


def first_below(one: OpenWindow) -> str:
    items = one.page.transcript.stack.items
    line = next(index for index, item in enumerate(items) if isinstance(item, DividerItem))
    return items[line + 1].text


def change_menu(one: OpenWindow) -> QMenu:
    menu = divider(one).change_button.menu()
    assert menu is not None
    return menu


def choose(one: OpenWindow, words: str) -> None:
    next(action for action in change_menu(one).actions() if action.text() == words).trigger()


def test_the_line_stands_where_the_memory_begins_and_is_there_again_later(open_window: Open) -> None:
    one = open_window(FakeScript(reply="ok"))
    fill(one, 5)
    assert one.page.transcript.divider is None
    one.page.composer.set_text(f"number 5 {LONG}")
    one.press(Qt.Key.Key_Return)
    one.wait_until_idle()
    assert divider(one).words == "The model's memory begins here: 4 earlier messages are not seen"
    assert first_below(one).startswith("number 2")
    shown = one.page.shown_id
    assert shown is not None
    one.page.show_new_chat()
    assert one.page.transcript.divider is None
    one.page.show_conversation(shown)
    assert first_below(one).startswith("number 2")


def test_the_line_moves_as_the_conversation_goes_on(open_window: Open) -> None:
    one = open_window(FakeScript(reply="ok"))
    fill(one, 8)
    assert first_below(one).startswith("number 4")
    assert "8 earlier messages" in divider(one).words
    assert sum(isinstance(item, DividerItem) for item in one.page.transcript.stack.items) == 1


def test_the_line_stands_far_above_what_is_in_view(open_window: Open) -> None:
    one = open_window()
    one.wait_for_model()
    store = one.services.conversations
    conversation = store.create("Long")
    ids = []
    for number in range(30):
        ids.append(store.add_message(conversation.id, Role.USER, f"question {number}").id)
        answer = store.add_message(conversation.id, Role.ASSISTANT, "", MessageState.STREAMING)
        store.finish(answer.id, "ok", MessageState.COMPLETE, None, None, memory_begins=ids[min(number, 2)])
    one.page.show_conversation(conversation.id)
    assert first_below(one) == "question 2"
    line = divider(one)
    assert not line.isVisible()
    one.page.transcript.setFocus()
    QTest.keyClick(one.page.transcript, Qt.Key.Key_Home)
    assert line.isVisible()
    QTest.keyClick(one.page.transcript, Qt.Key.Key_End)
    assert not line.isVisible()
    QTest.keyClick(one.page.transcript, Qt.Key.Key_Home)
    assert line.isVisible(), "it is the same line"


def test_the_choice_beside_the_line_is_kept_and_counts_from_the_next_message(open_window: Open) -> None:
    one = open_window(FakeScript(reply="ok"))
    fill(one)
    checked = [action.text() for action in change_menu(one).actions() if action.isChecked()]
    assert checked == ["Leave out the oldest turns"]
    choose(one, "Stop and say so")
    assert one.services.settings.load().overflow is OverflowPolicy.STOP
    text = f"one more {LONG}{LONG}"
    one.page.composer.set_text(text)
    one.press(Qt.Key.Key_Return)
    one.wait_until_idle()
    assert "The conversation is full" in one.page.notices.sentences[0]
    assert one.page.composer.text == text, "it is given back"
    button = one.page.notices.rows[0].action_button
    assert button is not None
    button.click()
    dialog = one.dialog()
    assert isinstance(dialog, SettingsDialog)
    dialog.form.editor("overflow").show_value(OverflowPolicy.TRIM)
    dialog.apply_button.click()
    one.press(Qt.Key.Key_Return)
    one.wait_until_idle()
    assert one.texts()[-1] == "ok"


def test_a_summary_stands_folded_where_the_memory_begins(open_window: Open) -> None:
    one = open_window(FakeScript(reply="ok"))
    one.page.set_overflow(OverflowPolicy.SUMMARY)
    fill(one)
    assert divider(one).words == "The model's memory begins here: 6 earlier messages are seen as a summary"
    summary = divider(one).summary
    assert summary is not None
    assert summary.heading == "Summary of the 6 earlier messages"
    assert summary.findChildren(MessageTextView) == []
    summary.button.click()
    (text,) = summary.findChildren(MessageTextView)
    assert not text.isHidden()
    assert text.toPlainText() == "ok", "as the scripted model wrote it"
    shown = one.page.shown_id
    assert shown is not None
    one.page.show_new_chat()
    one.page.show_conversation(shown)
    again = divider(one).summary
    assert again is not None
    assert again.text == "ok"


def test_the_strip_says_that_the_oldest_messages_are_summarised(open_window: Open) -> None:
    one = open_window(FakeScript(reply="ok"))
    one.page.set_overflow(OverflowPolicy.SUMMARY)
    fill(one, 5)
    one.engine.script = FakeScript(reply="a rather long summary " * 20, token_seconds=0.01)
    one.page.composer.set_text(f"number 5 {LONG}")
    one.press(Qt.Key.Key_Return)
    one.qtbot.waitUntil(lambda: "Summarising the oldest messages…" in one.page.strip.words)
    one.page.stop()
    one.wait_until_idle()


@pytest.mark.parametrize("leaves", [False, True])
def test_a_stopped_answer_goes_on_where_it_ended(open_window: Open, leaves: bool) -> None:
    one = open_window(FakeScript(reply="one two three four " * 20, token_seconds=0.02))
    one.wait_for_model()
    one.ask("Count")
    one.wait_for_words()
    one.page.stop()
    one.wait_until_idle()
    begun = one.answer_row().text
    button = one.answer_foot().buttons.continue_button
    assert one.answer_row().label == "Stopped"
    assert button.isVisible()
    one.engine.script = FakeScript(reply=" and the rest", token_seconds=0.05)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert one.page.composer.button.text() == "Stop"
    shown = one.page.shown_id
    assert shown is not None
    if leaves:
        one.page.show_new_chat()
        one.page.show_conversation(shown)
    one.wait_until_idle()
    assert one.texts() == ["Count", f"{begun} and the rest"]
    assert [m.text for m in one.stored()] == one.texts()
    assert not one.answer_foot().buttons.continue_button.isVisible(), "it has come to its own end"


def test_only_the_last_answer_can_go_on(open_window: Open) -> None:
    one = open_window(FakeScript(reply="one two three four " * 20, token_seconds=0.02))
    one.wait_for_model()
    one.ask("Count")
    one.wait_for_words()
    one.page.stop()
    one.wait_until_idle()
    first = one.answer_row()
    assert one.foot_of(first).buttons.continue_button.isVisible()
    one.engine.script = FakeScript(reply="Fine.")
    one.ask("Never mind")
    assert not one.foot_of(first).buttons.continue_button.isVisible()
    one.wait_until_idle()
    assert not one.foot_of(first).buttons.continue_button.isVisible()


def test_an_interrupted_answer_goes_on(open_window: Open) -> None:
    one = open_window(FakeScript(reply="one two three", error_after_tokens=2))
    one.wait_for_model()
    one.ask("Count")
    one.wait_until_idle()
    assert one.answer_row().label.startswith("Interrupted")
    one.engine.script = FakeScript(reply=" three")
    one.answer_foot().buttons.continue_button.click()
    one.wait_until_idle()
    assert one.texts() == ["Count", "one two three"]
    assert one.stored()[1].stop_reason is StopReason.END_OF_TURN
    assert one.answer_row().label == ""


def test_an_answer_that_cannot_go_on_is_shown_as_it_was(open_window: Open) -> None:
    one = open_window(FakeScript(reply="one two three", error_after_tokens=2))
    one.wait_for_model()
    one.ask("Count")
    one.wait_until_idle()
    one.page.notices.clear()
    one.page.header.unload_action.trigger()
    one.wait_until_idle()
    one.answer_foot().buttons.continue_button.click()
    one.wait_until_idle()
    assert one.page.notices.sentences == ["No model is loaded. Open a model first."]
    assert one.texts() == ["Count", "one two"]
    assert one.answer_foot().buttons.continue_button.isVisible()


def test_the_beginning_of_a_long_answer_that_is_not_seen_is_told(open_window: Open) -> None:
    one = open_window(FakeScript(reply="word " * 5000))
    one.wait_for_model()
    one.ask("Write")
    one.wait_until_idle()
    assert one.answer_row().label == "The context is full"
    one.answer_foot().buttons.continue_button.click()
    one.wait_until_idle()
    (note,) = one.answer_row().notes
    assert note.startswith("This answer is longer than the context: the model wrote on without seeing its first ")
    assert one.page.transcript.divider is None, "no message is left out"
