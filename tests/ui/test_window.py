"""The main path and its accidents, as a person meets them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QFileDialog
from pytestqt.qtbot import QtBot

from app.core.conversation import MessageState, Role
from app.core.errors import DiskFullError
from app.core.generation import StopReason
from app.core.settings import Theme
from app.engine.fake import FakeScript
from app.storage.conversations import ConversationStore
from app.ui.chat.model_state import ModelState
from app.ui.questions import QuestionDialog
from app.ui.transcript.divider_item import DividerItem
from tests.ui.driving import OpenWindow

Open = Callable[..., OpenWindow]
SLOW = FakeScript(reply="one two three four five six seven eight nine ten " * 20, token_seconds=0.01)


def test_a_question_is_answered_shown_and_stored(open_window: Open) -> None:
    one = open_window(FakeScript(reply="Paris is the **capital**."))
    one.wait_for_model()
    assert one.page.is_empty
    one.ask("What is the capital of France?")
    one.wait_until_idle()
    assert one.texts() == ["What is the capital of France?", "Paris is the **capital**."]
    assert [(m.role, m.text, m.state) for m in one.stored()] == [
        (Role.USER, "What is the capital of France?", MessageState.COMPLETE),
        (Role.ASSISTANT, "Paris is the **capital**.", MessageState.COMPLETE),
    ]
    assert "tok/s" in one.answer_row().figures
    assert "4 tokens" in one.answer_row().figures
    assert one.page.composer.text == ""
    assert one.window.sidebar.model.rowCount() == 2, "a caption and the conversation"
    assert one.page.shown_id == one.stored()[0].conversation_id


def test_the_window_is_painted_and_can_be_typed_in_before_the_model_is_there(open_window: Open, qtbot: QtBot) -> None:
    one = open_window(FakeScript(reply="Here I am.", load_seconds=0.8))
    with qtbot.waitSignal(one.window.first_painted):
        pass
    qtbot.waitUntil(lambda: "loading" in one.page.header.words)
    assert one.model_state() is ModelState.LOADING
    one.ask("Are you there?")
    assert one.texts() == ["Are you there?"], "it is shown at once, though it waits"
    assert "Waiting for SmolLM2 135M" in one.page.strip.words
    assert one.stored() == []
    one.wait_until_idle()
    assert one.texts() == ["Are you there?", "Here I am."]
    assert one.question_row().waiting == ""
    assert one.model_state() is ModelState.READY


def test_stop_while_waiting_gives_the_text_back(open_window: Open, qtbot: QtBot) -> None:
    one = open_window(FakeScript(load_seconds=1.0))
    qtbot.waitUntil(lambda: "loading" in one.page.header.words)
    one.ask("Never mind")
    one.press(Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: one.page.composer.text == "Never mind", timeout=500)
    assert one.page.is_empty
    one.wait_until_idle()
    assert one.services.conversations.list() == []


def test_escape_stops_the_answer_and_what_there_is_stays(open_window: Open) -> None:
    one = open_window(SLOW)
    one.wait_for_model()
    one.ask("Count")
    one.wait_for_words()
    assert "Esc to stop" in one.page.strip.words
    one.qtbot.waitUntil(lambda: "tok/s" in one.page.strip.words)
    one.press(Qt.Key.Key_Escape)
    one.wait_until_idle()
    answer = one.stored()[1]
    assert answer.stop_reason is StopReason.CANCELLED
    assert answer.text
    assert one.texts()[1] == answer.text
    assert one.answer_row().label == "Stopped"
    assert one.page.strip.words == ""


def test_the_stop_button_stops(open_window: Open) -> None:
    one = open_window(SLOW)
    one.wait_for_model()
    one.ask("Count")
    one.wait_for_words()
    QTest.mouseClick(one.page.composer.button, Qt.MouseButton.LeftButton)
    one.wait_until_idle()
    assert one.stored()[1].stop_reason is StopReason.CANCELLED
    assert one.page.composer.button.text() == "Send"


def test_an_answer_goes_on_in_its_own_conversation(open_window: Open, qtbot: QtBot) -> None:
    one = open_window(FakeScript(reply="short"))
    one.wait_for_model()
    one.ask("First")
    one.wait_until_idle()
    first = one.page.shown_id
    assert first is not None
    one.engine.script = SLOW
    one.window.sidebar.new_chat_button.click()
    one.ask("Second")
    one.wait_for_words()
    second = one.page.shown_id
    assert second is not None
    one.window.page.show_conversation(first)
    assert one.texts() == ["First", "short"]
    qtbot.wait(200)
    assert one.texts() == ["First", "short"], "what is written elsewhere is not shown here"
    assert one.page.strip.words == ""
    one.page.show_conversation(second)
    before = one.texts()[-1]
    qtbot.waitUntil(lambda: len(one.texts()[-1]) > len(before) > 0)
    one.page.stop()
    one.wait_until_idle()
    assert one.texts()[-1] == one.stored(second)[1].text
    assert [m.text for m in one.stored(first)] == ["First", "short"]


def test_a_message_elsewhere_waits_for_the_answer_to_end(open_window: Open, qtbot: QtBot) -> None:
    one = open_window(SLOW)
    one.wait_for_model()
    one.ask("Long one")
    one.wait_for_words()
    long_one = one.page.shown_id
    one.page.show_new_chat()
    one.ask("Short one")
    assert "Waiting for another answer to end" in one.page.strip.words
    assert one.texts() == ["Short one"]
    one.engine.script = FakeScript(reply="Done.")
    one.window.replies.live[0].cancel()
    one.wait_until_idle()
    assert one.texts() == ["Short one", "Done."]
    assert long_one is not None
    assert one.stored(long_one)[0].text == "Long one"


def test_a_draft_stays_with_its_conversation(open_window: Open) -> None:
    one = open_window(FakeScript(reply="yes"))
    one.wait_for_model()
    one.ask("First")
    one.wait_until_idle()
    first = one.page.shown_id
    assert first is not None
    one.type_text("not finished")
    one.page.show_new_chat()
    assert one.page.composer.text == ""
    one.page.show_conversation(first)
    assert one.page.composer.text == "not finished"


def test_a_message_that_is_too_long_is_given_back(open_window: Open) -> None:
    one = open_window()
    one.wait_for_model()
    text = "word " * 5000
    one.page.composer.set_text(text)
    one.press(Qt.Key.Key_Return)
    one.wait_until_idle()
    assert "too long" in one.page.notices.sentences[0]
    assert one.page.composer.text == text
    assert one.page.is_empty
    assert one.services.conversations.list() == []


def test_an_engine_that_fails_in_mid_answer_is_told_and_the_part_stays(open_window: Open) -> None:
    one = open_window(FakeScript(reply="one two three four", error_after_tokens=2))
    one.wait_for_model()
    one.ask("Count")
    one.wait_until_idle()
    assert one.page.notices.sentences == ["The engine failed in mid-answer, as its script says."]
    assert one.texts() == ["Count", "one two"]
    assert one.answer_row().label.startswith("Interrupted")
    assert one.stored()[1].state is MessageState.INTERRUPTED
    one.engine.script = FakeScript(reply="fine")
    one.ask("Again")
    one.wait_until_idle()
    assert one.texts()[-1] == "fine"


def test_a_model_that_cannot_be_loaded_is_told_and_the_waiting_text_given_back(open_window: Open, qtbot: QtBot) -> None:
    one = open_window(FakeScript(load_seconds=0.3, load_error="The model wants more memory than there is."))
    qtbot.waitUntil(lambda: "loading" in one.page.header.words)
    one.ask("Hello?")
    one.wait_until_idle()
    assert one.page.notices.sentences == ["The model wants more memory than there is."]
    assert one.model_state() is ModelState.FAILED
    assert one.page.header.dot.colour() == one.window.appearance.tokens.bad
    assert one.page.composer.text == "Hello?"
    one.engine.script = FakeScript(reply="Now I am here.")
    one.page.header.included_action.trigger()
    one.wait_for_model()
    one.press(Qt.Key.Key_Return)
    one.wait_until_idle()
    assert one.texts() == ["Hello?", "Now I am here."]


def test_a_file_that_is_no_model_leaves_the_one_in_use(open_window: Open, tmp_path: Path) -> None:
    one = open_window(FakeScript(reply="still here"))
    one.wait_for_model()
    wrong = tmp_path / "letter.gguf"
    wrong.write_text("Dear Sir", encoding="utf-8")
    one.window.loader.load(wrong)
    one.wait_until_idle()
    assert "is not a GGUF model file" in one.page.notices.sentences[0]
    assert one.page.header.words == "SmolLM2 135M"
    assert one.model_state() is ModelState.READY
    one.ask("Are you?")
    one.wait_until_idle()
    assert one.texts()[-1] == "still here"


def test_another_model_is_used_and_remembered(open_window: Open, tmp_path: Path) -> None:
    other = tmp_path / "other-model.gguf"
    other.write_bytes(b"GGUF and more")
    one = open_window()
    one.wait_for_model()
    assert one.page.banner.isVisible()
    one.window.loader.load(other)
    one.wait_until_idle()
    assert one.page.header.words == "other-model"
    assert one.page.composer.field.placeholderText() == "Write to other-model…"
    assert not one.page.banner.isVisible(), "nothing says that this one is tiny"
    assert one.services.settings.load().model_path == str(other)
    one.page.header.included_action.trigger()
    one.wait_until_idle()
    assert one.services.settings.load().model_path == str(other), "the default stays until another is made it"
    assert one.page.banner.isVisible()


def test_a_long_model_name_does_not_push_the_window_apart(open_window: Open, tmp_path: Path) -> None:
    other = tmp_path / f"{'a-very-long-name-' * 8}.gguf"
    other.write_bytes(b"GGUF and more")
    one = open_window()
    one.wait_for_model()
    one.window.resize(720, 480)
    one.window.loader.load(other)
    one.wait_until_idle()
    one.qtbot.wait(50)
    assert one.window.width() == 720
    assert one.page.header.menu_button.geometry().right() < one.page.header.width()


def test_a_remembered_model_that_is_gone_is_told(open_window: Open, tmp_path: Path, profile: Path) -> None:
    (profile / "settings.json").write_text(f'{{"model_path": "{tmp_path / "gone.gguf"}"}}', encoding="utf-8")
    one = open_window()
    one.qtbot.waitUntil(lambda: bool(one.page.notices.rows))
    one.wait_until_idle()
    assert "gone.gguf does not exist" in one.page.notices.sentences[0]
    assert one.model_state() is ModelState.FAILED


class FullDiskStore(ConversationStore):
    """Real storage whose disk is full while `is_full`: what a test cannot bring about quickly enough for real."""

    is_full = False

    def journal(self, message_id: int, text: str, reasoning: str = "") -> None:
        if self.is_full:
            raise DiskFullError("The disk is full: the answer is not saved.")
        super().journal(message_id, text, reasoning)

    def finish(self, *arguments: object, **named: object) -> object:  # type: ignore[override]
        if self.is_full:
            raise DiskFullError("The disk is full: the answer is not saved.")
        return super().finish(*arguments, **named)  # type: ignore[arg-type]


@pytest.mark.expects_log_records
def test_an_answer_that_cannot_be_saved_is_kept_until_it_can(
    open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.ui.conftest.ConversationStore", FullDiskStore)
    one = open_window(FakeScript(reply="Precious words."))
    one.wait_for_model()
    store = one.services.conversations
    assert isinstance(store, FullDiskStore)
    store.is_full = True
    one.ask("Say something precious")
    one.wait_until_idle()
    assert one.texts()[-1] == "Precious words."
    assert one.page.notices.sentences == ["The disk is full: the answer is not saved."]
    shown = one.page.shown_id
    assert shown is not None
    one.page.show_new_chat()
    one.page.show_conversation(shown)
    assert one.texts()[-1] == "Precious words.", "it is shown as it ended, though the disk knows less of it"
    assert not one.window.close(), "closing asks first"
    question = one.dialog()
    assert isinstance(question, QuestionDialog)
    question.cancel_button.click()
    assert one.window.isVisible()
    store.is_full = False
    button = one.page.notices.rows[0].action_button
    assert button is not None
    assert button.text() == "Try again"
    button.click()
    one.wait_until_idle()
    assert one.stored()[1].text == "Precious words."
    assert one.stored()[1].state is MessageState.COMPLETE
    assert one.page.notices.sentences == ["The answer is saved now."]
    assert one.window.close()


def test_the_oldest_messages_that_no_longer_fit_are_told(open_window: Open) -> None:
    one = open_window(FakeScript(reply="ok"))
    one.wait_for_model()
    for number in range(6):
        one.page.composer.set_text(f"number {number} " + "word " * 700)
        one.press(Qt.Key.Key_Return)
        one.wait_until_idle()
    divider = one.page.transcript.divider
    assert divider is not None
    assert divider.words == "The model's memory begins here: 4 earlier messages are not seen"
    items = one.page.transcript.stack.items
    line = next(index for index, item in enumerate(items) if isinstance(item, DividerItem))
    assert items[line + 1].text.startswith("number 2"), "exactly before the first message that the model saw"


def test_notices_from_the_start_are_shown_and_can_be_closed(open_window: Open) -> None:
    one = open_window(notices=("The file of your conversations was damaged.",))
    assert one.page.notices.sentences == ["The file of your conversations was damaged."]
    assert one.page.notices.isVisible()
    one.page.notices.rows[0].close_button.click()
    assert not one.page.notices.isVisible()


def test_an_interrupted_message_is_labelled_when_it_is_opened_again(open_window: Open) -> None:
    one = open_window()
    one.wait_for_model()
    store = one.services.conversations
    conversation = store.create("Cut off")
    store.add_message(conversation.id, Role.USER, "Tell me")
    answer = store.add_message(conversation.id, Role.ASSISTANT, "", MessageState.STREAMING)
    store.finish(answer.id, "Once upon", MessageState.INTERRUPTED, None, None)
    one.page.show_conversation(conversation.id)
    assert one.texts() == ["Tell me", "Once upon"]
    assert "Interrupted: Inglenook closed" in one.answer_row().label


def test_an_example_is_sent_by_a_click(open_window: Open) -> None:
    one = open_window(FakeScript(reply="Paris."))
    one.wait_for_model()
    QTest.mouseClick(one.page.empty.buttons[0], Qt.MouseButton.LeftButton)
    one.wait_until_idle()
    assert one.texts() == ["What is the capital of France?", "Paris."]


def test_keys_open_a_new_chat_and_the_file_dialog(open_window: Open, qtbot: QtBot) -> None:
    one = open_window(FakeScript(reply="ok"))
    one.wait_for_model()
    one.ask("Hello")
    one.wait_until_idle()
    one.window.activateWindow()
    QTest.keyClick(one.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert one.page.is_empty
    assert one.page.shown_id is None
    QTest.keyClick(one.window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    dialog = one.dialog()
    assert isinstance(dialog, QFileDialog)
    assert dialog.nameFilters()[0] == "Models (*.gguf)"
    dialog.close()


def test_one_can_write_at_once(open_window: Open, qtbot: QtBot) -> None:
    one = open_window()
    qtbot.waitUntil(one.page.composer.field.hasFocus)
    one.wait_until_idle()


def test_the_banner_leads_to_the_models_that_fit(open_window: Open) -> None:
    one = open_window()
    one.wait_for_model()
    one.page.banner.button.click()
    assert one.window.centre.shows_library
    one.wait_until_idle()


def test_the_model_menu_shows_the_licence_and_what_the_model_runs_with(open_window: Open) -> None:
    from PySide6.QtWidgets import QLabel, QPlainTextEdit

    one = open_window()
    one.wait_for_model()
    one.page.header.about_model_action.trigger()
    dialog = one.dialog()
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    assert "Apache-2.0" in texts
    assert texts[texts.index("Chat template") + 1] == "From the model's file"
    assert texts[texts.index("Device") + 1] == "CPU"
    assert "Apache License" in dialog.findChildren(QPlainTextEdit)[0].toPlainText()
    dialog.close()


def test_the_theme_changes_what_is_painted_and_is_remembered(open_window: Open) -> None:
    one = open_window(FakeScript(reply="Words and `code`."))
    one.wait_for_model()
    one.ask("Hello")
    one.wait_until_idle()

    def corner() -> str:
        return one.window.grab().toImage().pixelColor(4, 400).name().upper()

    one.window.sidebar.footer.theme_button(Theme.LIGHT).click()
    assert corner() == "#F6F3EE"
    one.window.sidebar.footer.theme_button(Theme.DARK).click()
    assert corner() == "#1A1816"
    assert one.window.sidebar.footer.theme_button(Theme.DARK).isChecked()
    assert one.texts() == ["Hello", "Words and `code`."]
    assert one.services.settings.load().theme is Theme.DARK


def test_the_theme_can_change_while_an_answer_is_written(open_window: Open, qtbot: QtBot) -> None:
    one = open_window(SLOW)
    one.wait_for_model()
    one.ask("Count")
    one.wait_for_words()
    one.window.sidebar.footer.theme_button(Theme.DARK).click()
    before = len(one.texts()[-1])
    qtbot.waitUntil(lambda: len(one.texts()[-1]) > before)
    one.page.stop()
    one.wait_until_idle()
    assert one.texts() == [m.text for m in one.stored()]


def test_every_button_says_what_it_does(open_window: Open) -> None:
    one = open_window(notices=("A notice.",))
    one.wait_for_model()
    one.ask("Hello")
    one.wait_until_idle()

    def buttons() -> dict[str, QAbstractButton]:
        found = [b for b in one.window.findChildren(QAbstractButton) if b.isVisibleTo(one.window)]
        return {b.accessibleName() or b.text(): b for b in found}

    wanted = {"New chat", "Model menu", "Close this notice", "Copy this answer", "Send the message"}
    one.qtbot.waitUntil(lambda: buttons().keys() >= wanted)
    assert "" not in buttons()
    assert [name for name, button in buttons().items() if not button.toolTip()] == []


def test_the_bundled_profile_files_are_the_only_ones_written(open_window: Open, profile: Path) -> None:
    one = open_window()
    one.wait_for_model()
    one.ask("Hello")
    one.wait_until_idle()
    names = {path.name for path in profile.iterdir()}
    assert names <= {"conversations.db", "conversations.db-wal", "conversations.db-shm", "settings.json"}


def test_a_fault_of_ours_opens_the_crash_dialog_and_the_window_goes_on(open_window: Open) -> None:
    from PySide6.QtWidgets import QPlainTextEdit

    one = open_window()
    one.wait_for_model()
    one.window.dialogs.show_crash("Traceback: nobody thought of this")
    dialog = one.dialog()
    assert "nobody thought of this" in dialog.findChildren(QPlainTextEdit)[0].toPlainText()
    dialog.close()
    one.ask("Hello")
    one.wait_until_idle()
    assert len(one.texts()) == 2
