"""Versions in the window: answers written anew, questions edited, turned to, branched from and deleted."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.core.conversation import Message
from app.core.generation import OutputFormat, OutputKind
from app.engine.fake import FakeScript
from app.ui.questions import QuestionDialog
from tests.ui.driving import OpenWindow

Open = Callable[..., OpenWindow]
SLOW = FakeScript(reply="one two three four " * 50, token_seconds=0.02)


@pytest.fixture
def one(open_window: Open) -> OpenWindow:
    """A window that shows two turns."""
    window = open_window(FakeScript(reply="Paris."))
    window.wait_for_model()
    ask(window, "France?", "Paris.")
    ask(window, "Italy?", "Rome.")
    return window


def ask(one: OpenWindow, text: str, reply: str) -> None:
    one.engine.script = FakeScript(reply=reply)
    one.ask(text)
    one.wait_until_idle()


def message(one: OpenWindow, text: str) -> Message:
    """A message that is shown."""
    assert text in one.texts()
    return next(m for m in one.stored(one.page.shown_id) if m.text == text)


def retry(one: OpenWindow, text: str, script: FakeScript) -> None:
    one.engine.script = script
    one.page.transcript.retry_requested.emit(message(one, text).id)


def edit(one: OpenWindow, text: str) -> None:
    one.page.transcript.edit_requested.emit(message(one, text).id)


def versions(one: OpenWindow) -> list[tuple[int, int]]:
    return [(m.version, m.version_count) for m in one.stored(one.page.shown_id)]


def question(one: OpenWindow) -> QuestionDialog:
    found = one.dialog()
    assert isinstance(found, QuestionDialog)
    return found


def test_an_answer_is_written_anew_in_its_place(one: OpenWindow) -> None:
    retry(one, "Rome.", FakeScript(reply="Rome, again.", token_seconds=0.02))
    assert one.texts() == ["France?", "Paris.", "Italy?"], "the old answer gives way at once"
    assert one.page.composer.button.text() == "Stop"
    one.wait_until_idle()
    assert one.texts() == ["France?", "Paris.", "Italy?", "Rome, again."]
    assert versions(one)[-1] == (2, 2)
    one.page.transcript.version_requested.emit(message(one, "Rome, again.").id, -1)
    assert one.texts()[-1] == "Rome."
    one.page.transcript.version_requested.emit(message(one, "Rome.").id, -1)
    assert one.texts()[-1] == "Rome.", "there is none before it"


def test_an_earlier_answer_ends_the_path_and_one_can_turn_back(one: OpenWindow) -> None:
    retry(one, "Paris.", FakeScript(reply="Lyon?"))
    one.wait_until_idle()
    assert one.texts() == ["France?", "Lyon?"]
    ask(one, "Really?", "No.")
    one.page.transcript.version_requested.emit(message(one, "Lyon?").id, -1)
    assert one.texts() == ["France?", "Paris.", "Italy?", "Rome."]
    one.page.transcript.version_requested.emit(message(one, "Paris.").id, 1)
    assert one.texts() == ["France?", "Lyon?", "Really?", "No."]


def test_the_chosen_version_is_there_in_the_next_window(one: OpenWindow, open_window: Open) -> None:
    retry(one, "Rome.", FakeScript(reply="Rome, again."))
    one.wait_until_idle()
    one.page.transcript.version_requested.emit(message(one, "Rome, again.").id, -1)
    again = open_window()
    again.page.show_conversation(1)
    assert again.texts()[-1] == "Rome."
    assert versions(again)[-1] == (1, 2)


@pytest.mark.parametrize("leaves", [False, True])
def test_a_version_can_be_stopped_also_after_looking_elsewhere(one: OpenWindow, leaves: bool) -> None:
    retry(one, "Paris.", SLOW)
    shown = one.page.shown_id
    assert shown is not None
    if leaves:
        one.page.show_new_chat()
        one.page.show_conversation(shown)
        assert one.texts()[0] == "France?"
        assert not {"Paris.", "Italy?", "Rome."} & set(one.texts())
    one.wait_for_words()
    one.page.stop()
    one.wait_until_idle()
    assert one.texts() == [m.text for m in one.stored()]
    assert one.texts()[1].startswith("one")
    assert one.answer_row().label == "Stopped"


def test_a_version_that_cannot_begin_leaves_the_old_one_on_screen(one: OpenWindow) -> None:
    one.page.header.unload_action.trigger()
    one.wait_until_idle()
    retry(one, "Paris.", FakeScript())
    one.wait_until_idle()
    assert one.page.notices.sentences == ["No model is loaded. Open a model first."]
    assert one.texts() == ["France?", "Paris.", "Italy?", "Rome."]


def test_a_version_that_was_stopped_before_it_began_leaves_the_old_one(one: OpenWindow) -> None:
    ask_slowly = one.page.shown_id
    assert ask_slowly is not None
    one.page.show_new_chat()
    one.engine.script = SLOW
    one.ask("Count")
    one.page.show_conversation(ask_slowly)
    one.page.transcript.retry_requested.emit(message(one, "Rome.").id)
    assert one.texts() == ["France?", "Paris.", "Italy?"]
    assert one.foot_of(one.question_row()).buttons.edit_button.isHidden(), "nothing can be changed while it waits"
    assert one.page.stop()
    one.page.show_new_chat()
    one.page.show_conversation(ask_slowly)
    for live in one.window.replies.live:
        live.cancel()
    one.wait_until_idle()
    assert one.texts() == ["France?", "Paris.", "Italy?", "Rome."]
    assert versions(one)[-1] == (1, 1)


def test_a_message_is_edited_in_the_composer_and_sent_as_a_version(one: OpenWindow) -> None:
    one.type_text("a draft")
    edit(one, "Italy?")
    assert one.page.composer.text == "Italy?"
    assert one.page.composer.hint.startswith("Editing a message")
    assert one.page.composer.field.hasFocus()
    one.engine.script = FakeScript(reply="Madrid.", token_seconds=0.02)
    one.page.composer.set_text("Spain?")
    one.press(Qt.Key.Key_Return)
    assert one.texts() == ["France?", "Paris.", "Spain?"]
    assert one.page.composer.text == "a draft"
    assert not one.page.composer.hint.startswith("Editing")
    one.wait_until_idle()
    assert one.texts() == ["France?", "Paris.", "Spain?", "Madrid."]
    assert versions(one)[2] == (2, 2)
    one.page.transcript.version_requested.emit(message(one, "Spain?").id, -1)
    assert one.texts() == ["France?", "Paris.", "Italy?", "Rome."]


def test_the_first_message_is_edited_too_in_the_form_that_is_chosen(one: OpenWindow) -> None:
    edit(one, "France?")
    one.page.composer.format_button.show_format(OutputFormat(OutputKind.JSON))
    one.engine.script = FakeScript(reply="[]")
    one.press(Qt.Key.Key_Return)
    one.wait_until_idle()
    assert one.texts() == ["France?", "[]"]
    made = one.stored()[-1].provenance
    assert made is not None
    assert made.output.kind is OutputKind.JSON


@pytest.mark.parametrize("way_out", ["Esc", "button"])
def test_there_is_a_way_out_of_editing(one: OpenWindow, way_out: str) -> None:
    one.type_text("a draft")
    edit(one, "Italy?")
    one.type_text(" Or not")
    if way_out == "Esc":
        one.press(Qt.Key.Key_Escape)
    else:
        QTest.mouseClick(one.page.composer.leave_button, Qt.MouseButton.LeftButton)
    assert one.page.composer.text == "a draft"
    assert not one.page.composer.leave_button.isVisible()
    assert one.texts() == ["France?", "Paris.", "Italy?", "Rome."]
    ask(one, "", "No.")
    assert one.texts()[-2:] == ["a draft", "No."], "it is a new message again"


def test_a_change_that_was_not_sent_is_not_lost_by_looking_elsewhere(one: OpenWindow) -> None:
    shown = one.page.shown_id
    assert shown is not None
    one.type_text("a draft")
    edit(one, "Italy?")
    one.page.composer.set_text("Spain?")
    one.page.show_new_chat()
    assert one.page.composer.text == ""
    one.page.show_conversation(shown)
    assert one.page.composer.text == "Spain?\n\na draft"
    assert not one.page.composer.hint.startswith("Editing")


def test_an_edit_that_cannot_be_sent_is_given_back_to_be_edited_on(one: OpenWindow) -> None:
    one.page.header.unload_action.trigger()
    one.wait_until_idle()
    edit(one, "Italy?")
    one.page.composer.set_text("Spain?")
    one.press(Qt.Key.Key_Return)
    one.type_text("meanwhile")
    one.wait_until_idle()
    assert one.texts() == ["France?", "Paris.", "Italy?", "Rome."]
    assert one.page.composer.text == "Spain?"
    assert one.page.composer.hint.startswith("Editing a message")
    one.press(Qt.Key.Key_Escape)
    assert one.page.composer.text == "meanwhile"


def test_only_what_the_user_wrote_is_edited(one: OpenWindow) -> None:
    edit(one, "Rome.")
    assert one.page.composer.text == ""
    assert not one.page.composer.leave_button.isVisible()


def test_a_branch_is_opened_beside_the_old_conversation(one: OpenWindow) -> None:
    old = one.page.shown_id
    one.page.transcript.branch_requested.emit(message(one, "Paris.").id)
    assert one.page.shown_id != old
    assert one.texts() == ["France?", "Paris."]
    listed = [c.title for c in one.services.conversations.list()]
    assert listed == ["France? (branch)", "France?"]
    selected = one.window.sidebar.model.conversation(one.window.sidebar.list.currentIndex())
    assert selected is not None
    assert selected.id == one.page.shown_id
    ask(one, "Spain?", "Madrid.")
    assert [m.text for m in one.stored(old)] == ["France?", "Paris.", "Italy?", "Rome."]


def test_a_message_is_deleted_with_what_follows_once_the_user_has_said_so(one: OpenWindow) -> None:
    one.page.transcript.delete_requested.emit(message(one, "Paris.").id)
    asked = question(one)
    assert asked.text() == "Delete this message?"
    assert asked.informativeText() == "2 messages that follow will be deleted with it. This cannot be undone."
    QTest.keyClick(asked, Qt.Key.Key_Escape)
    assert one.texts() == ["France?", "Paris.", "Italy?", "Rome."]
    one.page.transcript.delete_requested.emit(message(one, "Paris.").id)
    QTest.mouseClick(question(one).act_button, Qt.MouseButton.LeftButton)
    assert one.texts() == ["France?"] == [m.text for m in one.stored()]
    retry(one, "France?", FakeScript(reply="Paris again."))
    one.wait_until_idle()
    assert one.texts() == ["France?", "Paris again."]


def test_after_the_only_question_the_conversation_is_empty_and_goes_on(one: OpenWindow) -> None:
    shown = one.page.shown_id
    one.page.transcript.delete_requested.emit(message(one, "France?").id)
    question(one).act_button.click()
    assert one.page.is_empty
    assert one.page.shown_id == shown
    ask(one, "Anew?", "Yes.")
    assert one.texts() == ["Anew?", "Yes."]
    assert len(one.services.conversations.list()) == 1


def test_a_deleted_version_gives_way_to_its_neighbour(one: OpenWindow) -> None:
    retry(one, "Rome.", FakeScript(reply="Rome, again."))
    one.wait_until_idle()
    one.page.transcript.delete_requested.emit(message(one, "Rome, again.").id)
    assert question(one).informativeText() == "This cannot be undone."
    question(one).act_button.click()
    assert one.texts()[-1] == "Rome."
    assert versions(one)[-1] == (1, 1)


def test_nothing_is_changed_under_a_reply_that_is_being_written(one: OpenWindow) -> None:
    retry(one, "Rome.", SLOW)
    one.qtbot.waitUntil(lambda: one.texts()[-1].startswith("one"), timeout=10_000)
    stored = [m.id for m in one.stored()]
    view, paris = one.page.transcript, message(one, "Paris.").id
    view.retry_requested.emit(paris)
    view.version_requested.emit(stored[-1], -1)
    view.delete_requested.emit(paris)
    view.edit_requested.emit(stored[0])
    assert [m.id for m in one.stored()] == stored
    assert len(one.window.replies.live) == 1
    assert not one.page.composer.leave_button.isVisible()
    one.page.stop()
    one.wait_until_idle()


def test_what_another_window_has_deleted_is_told(one: OpenWindow) -> None:
    paris = message(one, "Paris.").id
    view = one.page.transcript
    view.delete_requested.emit(paris)
    one.services.conversations.delete_message(paris)
    question(one).act_button.click()
    assert "gone" in one.page.notices.sentences[0]
    one.page.notices.clear()
    view.branch_requested.emit(paris)
    assert "gone" in one.page.notices.sentences[0]
