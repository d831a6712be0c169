"""What is written and not sent is there again: after another conversation, the lock, an end, and a killed process."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.core.conversation import Draft
from app.core.errors import DiskFullError
from app.core.generation import OutputFormat, OutputKind
from app.core.lock import LockChange, LockKind
from app.engine.fake import FakeScript
from app.storage.database import Database
from app.storage.drafts import DraftStore
from app.ui.chat import draft_saving
from app.ui.questions import QuestionDialog
from app.ui.services import ProfileDoor
from app.ui.window import MainWindow
from tests.ui.driving import OpenWindow
from tests.ui.lock.fake_lock import PASSPHRASE
from tests.ui.test_sessions import Begin, begin, door, files_with, opened, unlocked

__all__ = ["begin", "door"]

OpenOne = Callable[..., OpenWindow]
SECRET = "delphinium"
JSON = OutputFormat(OutputKind.JSON)


@pytest.fixture
def store(database: Database) -> DraftStore:
    return DraftStore(database)


def watch(store: DraftStore, monkeypatch: pytest.MonkeyPatch, is_full: Callable[[], bool] = lambda: False) -> list[str]:
    """The texts that `store` is asked to save, as they come; it fails while the disk `is_full`."""
    asked: list[str] = []
    kept = store.save

    def save(conversation_id: int | None, draft: Draft) -> None:
        asked.append(draft.text)
        if is_full():
            raise DiskFullError("The disk is full. Free some space.")
        kept(conversation_id, draft)

    monkeypatch.setattr(store, "save", save)
    return asked


def wait_until_saved(one: OpenWindow, store: DraftStore, text: str, conversation_id: int | None = None) -> None:
    one.qtbot.waitUntil(lambda: store.get(conversation_id).text == text, timeout=10_000)


def end(one: OpenWindow) -> None:
    """Close the window as at the end of the application."""
    assert one.window.shutdown()
    one.window.hide()


def ask_first(one: OpenWindow, text: str = "Hello") -> int:
    """Send a first message; the conversation's id."""
    one.wait_for_model()
    one.ask(text)
    one.wait_until_idle()
    shown = one.page.shown_id
    assert shown is not None
    return shown


def test_each_text_and_form_is_there_at_the_next_start(open_window: OpenOne, store: DraftStore) -> None:
    one = open_window()
    chat = ask_first(one)
    one.type_text("in the chat")
    one.page.composer.format_button.actions_by_kind[OutputKind.JSON].trigger()
    one.window.navigation.show_new_chat()
    one.type_text("in a new one")
    end(one)
    assert store.get(chat) == Draft("in the chat", JSON)
    again = open_window()
    assert again.page.composer.text == "in a new one"
    again.page.show_conversation(chat)
    assert (again.page.composer.text, again.page.composer.output) == ("in the chat", JSON)


def test_it_is_on_disk_soon_after_the_last_key_and_not_at_each(
    open_window: OpenOne, store: DraftStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = open_window()
    assert one.services.drafts is not None
    saved = watch(one.services.drafts, monkeypatch)
    one.type_text("seven words that are written one after the other")
    wait_until_saved(one, store, "seven words that are written one after the other")
    assert len(saved) < 10


def test_what_was_sent_is_no_draft_once_it_is_stored(open_window: OpenOne, store: DraftStore) -> None:
    one = open_window()
    one.wait_for_model()
    one.type_text("Hello")
    wait_until_saved(one, store, "Hello")
    one.press(Qt.Key.Key_Return)
    wait_until_saved(one, store, "")
    one.wait_until_idle()
    assert one.page.shown_id is not None
    assert store.get(one.page.shown_id) == Draft()


def test_what_waits_for_a_model_is_kept_until_it_is_stored(open_window: OpenOne, store: DraftStore) -> None:
    one = open_window(FakeScript(load_seconds=30))
    one.ask("before the model")
    one.type_text("and the next")
    wait_until_saved(one, store, "before the model\n\nand the next")
    end(one)
    again = open_window()
    assert again.page.composer.text == "before the model\n\nand the next"
    assert again.services.conversations.list() == []


def test_a_message_that_is_edited_is_kept_before_the_draft_that_waits(open_window: OpenOne, store: DraftStore) -> None:
    one = open_window()
    chat = ask_first(one, "France?")
    one.type_text("a draft")
    one.page.acts.edit(one.stored(chat)[0].id)
    wait_until_saved(one, store, "a draft", chat)
    one.type_text(" Spain?")
    wait_until_saved(one, store, "France? Spain?\n\na draft", chat)
    assert one.page.leave_editing()
    wait_until_saved(one, store, "a draft", chat)


def test_it_goes_with_its_conversation(open_window: OpenOne, store: DraftStore) -> None:
    one = open_window()
    chat = ask_first(one)
    one.type_text("gone with it")
    wait_until_saved(one, store, "gone with it", chat)
    one.window.sidebar.list.delete_requested.emit(chat)
    question = one.dialog()
    assert isinstance(question, QuestionDialog)
    QTest.mouseClick(question.act_button, Qt.MouseButton.LeftButton)
    assert store.get(chat) == Draft()
    assert one.page.composer.text == ""
    end(one)
    assert store.get(None) == Draft()


def test_a_temporary_chat_leaves_nothing_in_any_file(open_window: OpenOne, store: DraftStore, profile: Path) -> None:
    one = open_window()
    chat = ask_first(one)
    one.window.temporary.begin()
    one.type_text(SECRET)
    one.page.show_conversation(chat)
    one.type_text("something else")
    wait_until_saved(one, store, "something else", chat)
    one.window.temporary.begin()
    assert one.page.composer.text == ""
    one.type_text(SECRET)
    end(one)
    assert files_with(profile, "something else")
    assert files_with(profile, SECRET) == []


def test_a_temporary_chat_that_is_kept_keeps_its_draft(open_window: OpenOne, store: DraftStore) -> None:
    one = open_window()
    one.wait_for_model()
    one.window.temporary.begin()
    one.ask("Hello")
    one.wait_until_idle()
    one.type_text("the next")
    one.window.temporary.keep()
    assert one.page.shown_id is not None
    wait_until_saved(one, store, "the next", one.page.shown_id)


def test_a_full_disk_is_told_once_and_nothing_is_lost(
    open_window: OpenOne, store: DraftStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draft_saving, "_AGAIN_MILLISECONDS", 50)
    is_full = True
    one = open_window()
    assert one.services.drafts is not None
    tries = watch(one.services.drafts, monkeypatch, lambda: is_full)
    one.type_text("one")
    one.qtbot.waitUntil(lambda: len(tries) > 1, timeout=10_000)
    told = "What you are writing is in this window only, and not saved. The disk is full. Free some space."
    assert one.page.notices.sentences == [told]
    one.page.notices.clear()
    one.type_text(" two")
    before = len(tries)
    one.qtbot.waitUntil(lambda: len(tries) > before + 1, timeout=10_000)
    assert one.page.notices.sentences == []
    assert one.page.composer.text == "one two"
    is_full = False
    wait_until_saved(one, store, "one two")


def test_what_cannot_be_read_is_told_and_not_written_over(open_window: OpenOne, store: DraftStore) -> None:
    one = open_window()
    chat = ask_first(one)
    store.save(None, Draft("new"))
    end(one)

    class Unreadable(DraftStore):
        def get(self, _: int | None) -> Draft:
            raise DiskFullError("The disk cannot be read.")

    broken = MainWindow(replace(one.services, drafts=Unreadable(store._database)))
    assert "cannot be read" in broken.page.notices.sentences[-1]
    broken.page.composer.set_text("over it")
    assert broken.shutdown()
    broken.deleteLater()
    assert store.get(None) == Draft("new")
    assert store.get(chat) == Draft()


def test_a_text_that_would_halt_the_window_is_not_pasted(open_window: OpenOne, store: DraftStore) -> None:
    one = open_window()
    one.type_text("mine ")
    huge = QMimeData()
    huge.setText("x" * 50_000_000)
    one.page.composer.field.insertFromMimeData(huge)
    assert one.page.composer.text == "mine "
    assert one.page.notices.sentences[-1].startswith("Nothing was pasted: the text has 50,000,000 characters")
    fitting = QMimeData()
    fitting.setText("long " * 20_000)
    one.page.composer.field.insertFromMimeData(fitting)
    wait_until_saved(one, store, "mine " + "long " * 20_000)


def test_it_outlives_the_lock_and_its_changes(begin: Begin, door: ProfileDoor, qtbot: QtBot, tmp_path: Path) -> None:
    sessions = begin(door)
    window = opened(sessions, qtbot)
    QTest.keyClicks(window.page.composer.field, SECRET)
    window.lock.change_requested.emit(LockChange(LockKind.PASSPHRASE, PASSPHRASE))
    qtbot.waitUntil(lambda: sessions.window is None)
    window = opened(sessions, qtbot)
    assert window.page.composer.text == SECRET
    QTest.keyClicks(window.page.composer.field, " again")
    assert files_with(tmp_path, SECRET) == []
    window.activateWindow()
    QTest.keyClick(window.page.composer.field, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    window = unlocked(sessions, qtbot)
    assert window.page.composer.text == f"{SECRET} again"
    assert files_with(tmp_path, SECRET) == []
    window.lock.change_requested.emit(LockChange(LockKind.NONE))
    qtbot.waitUntil(lambda: sessions.window is None)
    assert opened(sessions, qtbot).page.composer.text == f"{SECRET} again"
