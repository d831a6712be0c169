"""The models on this computer in the window: opened, made default, dropped, chosen in the header, used again."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from app.core.library import ModelOrigin
from app.core.settings import Theme
from app.engine.fake import FakeScript
from app.ui.chat.model_state import ModelState
from app.ui.library.adding import AddDialog
from app.ui.library.file_drop import DropHint
from app.ui.questions import QuestionDialog
from tests.ui.driving import OpenWindow
from tests.ui.library.conftest import OpenShelf, ShelfInWindow
from tests.ui.library.fake_library import INCLUDED, FakeLibrary, installed
from tests.ui.test_names import assert_named

COPY, NO_KEYS = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def one(in_window: ShelfInWindow) -> ShelfInWindow:
    return in_window


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A model file that the library does not know yet."""
    path = tmp_path / "Mine-Q4_K_M.gguf"
    path.write_bytes(b"GGUF and more")
    return path


def question(shelf: OpenShelf) -> QuestionDialog:
    dialog = shelf.dialog()
    assert isinstance(dialog, QuestionDialog)
    return dialog


def drag(target: QWidget, data: QMimeData) -> bool:
    """Come over a widget with something in hand; whether it may be dropped there."""
    event = QDragEnterEvent(QPoint(20, 20), COPY, data, Qt.MouseButton.LeftButton, NO_KEYS)
    event.ignore()
    QApplication.sendEvent(target, event)
    return event.isAccepted()


def drop(target: QWidget, paths: Sequence[Path]) -> None:
    data = files(*paths)
    assert drag(target, data)
    QApplication.sendEvent(target, QDropEvent(QPointF(20, 20), COPY, data, Qt.MouseButton.LeftButton, NO_KEYS))


def files(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def hint(one: ShelfInWindow) -> DropHint:
    found = one.window.window.findChild(DropHint)
    assert isinstance(found, DropHint)
    return found


def add_dialog(one: ShelfInWindow) -> AddDialog:
    dialog = one.dialog()
    assert isinstance(dialog, AddDialog)
    return dialog


def chooser_words(one: ShelfInWindow | OpenWindow) -> list[str]:
    window = one.window.window if isinstance(one, ShelfInWindow) else one.window
    words = [action.text() for action in window.page.header.menu.actions()]
    return words[: words.index("All models…")]


def test_the_models_are_listed_and_counted(one: ShelfInWindow) -> None:
    assert one.page.names == ["SmolLM2 135M", "Gemma 3 12B", "Mistral Small 3", "Phi-4 14B"]
    assert one.page_button.note.text() == "3 · 22.5 GB", "the missing one takes no room"
    assert one.page_button.accessibleName() == "On this computer, 3 · 22.5 GB"
    assert one.library.asked == ["scan"], "it looks when it comes into view"


def test_open_loads_the_model_and_shows_the_chats(one: ShelfInWindow, tmp_path: Path) -> None:
    file = tmp_path / "mine.gguf"
    file.write_bytes(b"GGUF and more")
    one.library.listed.append(installed("Mine", path=file, origin=ModelOrigin.ADDED))
    one.refresh()
    one.press("Mine", "Open")
    one.settle()
    assert not one.window.window.centre.shows_library
    assert one.window.page.header.words == "mine"
    assert one.library.used[-1] == file
    one.page_button.click()
    one.settle()
    assert one.row("Mine").is_in_use
    assert not one.row("SmolLM2 135M").is_in_use


def test_the_included_model_is_opened_as_such(one: ShelfInWindow) -> None:
    one.window.window.loader.unload()
    one.settle()
    one.press("SmolLM2 135M", "Open")
    one.settle()
    assert one.window.page.header.words == "SmolLM2 135M"
    assert one.window.model_state() is ModelState.READY


def test_enter_opens_and_arrows_choose(one: ShelfInWindow) -> None:
    one.window.window.loader.unload()
    one.settle()
    one.page.list.setFocus()
    QTest.keyClick(one.page.list, Qt.Key.Key_Down)
    assert one.page.list.current == one.row("Gemma 3 12B")
    QTest.keyClick(one.page.list, Qt.Key.Key_Up)
    QTest.keyClick(one.page.list, Qt.Key.Key_Return)
    one.settle()
    assert one.window.page.header.words == "SmolLM2 135M"


def test_the_default_model_is_a_setting(one: ShelfInWindow) -> None:
    one.press("Mistral Small 3", "Make default")
    one.settle()
    path = one.row("Mistral Small 3").model.path
    assert one.row("Mistral Small 3").model.is_default
    assert not one.buttons["Make default"].isEnabled()
    assert one.window.services.settings.load().model_path == str(path)
    one.window.window.sidebar.footer.theme_chosen.emit(Theme.DARK)
    assert one.window.services.settings.load().model_path == str(path), "another setting does not undo it"
    one.press("SmolLM2 135M", "Make default")
    one.settle()
    assert one.library.asked[-2:] == [f"default {path.name}", "default included"]
    assert one.window.services.settings.load().model_path == ""


def test_removing_asks_with_the_size(one: ShelfInWindow) -> None:
    one.press("Mistral Small 3", "Remove…")
    asked = question(one)
    assert asked.text() == "Remove “Mistral Small 3”?"
    assert "14.3 GB are free" in asked.informativeText()
    asked.cancel_button.click()
    one.settle()
    assert "Mistral Small 3" in one.page.names
    one.page.list.setFocus()
    QTest.keyClick(one.page.list, Qt.Key.Key_Delete)
    question(one).act_button.click()
    one.settle()
    assert "Mistral Small 3" not in one.page.names
    assert one.sentences == ["Mistral Small 3 is in the trash. 14.3 GB are free when that is emptied."]
    assert one.page_button.note.text() == "2 · 8.2 GB"


def test_escape_empties_the_search_and_then_goes_back(one: ShelfInWindow) -> None:
    QTest.keyClick(one.window.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert one.page.field.hasFocus()
    QTest.keyClicks(one.page.field, "gemma")
    QTest.keyClick(one.page.field, Qt.Key.Key_Escape)
    assert one.page.field.text() == ""
    QTest.keyClick(one.page.field, Qt.Key.Key_Escape)
    assert not one.window.window.centre.shows_library


def test_where_room_is_short_a_menu_has_the_rest(one: ShelfInWindow) -> None:
    one.window.window.resize(720, 640)
    one.choose("Gemma 3 12B")
    one.settle()
    assert list(one.buttons) == ["Open", "Make default"]
    more = one.page.list.bar.more
    assert more.isVisible()
    assert more.geometry().right() <= one.page.list.bar.width()
    menu = more.menu()
    assert menu is not None
    actions: list[QAction] = [action for action in menu.actions() if action.isVisible()]
    assert [action.text() for action in actions][2:] == ["Verify", "Show in folder", "Take off the list…"]
    assert one.page.width() == 720 - one.window.window.library_sidebar.width()


def test_every_control_has_a_name(one: ShelfInWindow) -> None:
    one.choose("Mistral Small 3")
    one.page.folders.toggle.click()
    assert_named(one.window.window, 15)
    assert one.buttons["Verify"].accessibleName() == "Verify: Mistral Small 3"


def test_a_dropped_file_can_be_used_where_it_is(one: ShelfInWindow, file: Path) -> None:
    one.window.window.navigation.show_chats()
    drop(one.window.page.composer.field.viewport(), [file])
    dialog = add_dialog(one)
    assert dialog.use_button.isDefault()
    dialog.use_button.click()
    one.settle()
    assert one.library.asked[-1] == f"add {file.name}"
    assert one.page.isVisible(), "one sees what became of it"
    assert one.page.list.current == one.row("Mine-Q4_K_M")
    assert one.sentences == ["Mine-Q4_K_M is one of your models now."]
    assert one.window.page.composer.text == "", "the file's address is no message"
    button = one.page.notices.rows[0].action_button
    assert button is not None
    button.click()
    one.settle()
    assert one.window.page.header.words == "Mine-Q4_K_M"


def test_a_dropped_file_can_be_copied(one: ShelfInWindow, file: Path) -> None:
    one.library.gate.clear()
    drop(one.window.window, [file])
    add_dialog(one).copy_button.click()
    one.qtbot.waitUntil(one.page.work.isVisible)
    assert one.page.work.words.text() == "Copying Mine-Q4_K_M.gguf: 34%"
    one.library.gate.set()
    one.settle()
    assert one.library.asked[-1] == "copy Mine-Q4_K_M.gguf"
    assert not one.page.work.isVisible()


def test_copying_can_be_stopped(one: ShelfInWindow, file: Path) -> None:
    one.library.gate.clear()
    drop(one.window.window, [file])
    add_dialog(one).copy_button.click()
    one.qtbot.waitUntil(one.page.work.isVisible)
    one.page.work.button.click()
    one.settle()
    assert "Mine-Q4_K_M" not in one.page.names
    assert not one.page.work.isVisible()


def test_several_files_and_a_folder_are_sorted_out(one: ShelfInWindow, tmp_path: Path) -> None:
    names = ("a.gguf", "broken.gguf", "big-00001-of-00002.gguf", "big-00002-of-00002.gguf", "mmproj-f16.gguf", "n.txt")
    paths = [tmp_path / name for name in names]
    for path in paths:
        path.write_bytes(b"GGUF")
    folder = tmp_path / "folder"
    folder.mkdir()
    drop(one.window.window, [*paths, folder])
    assert one.sentences == [
        "n.txt is no model. Models are files that end in .gguf. "
        "mmproj-f16.gguf belongs to a model and is none that one can chat with."
    ]
    dialog = add_dialog(one)
    assert dialog.windowTitle() == "Add models"
    dialog.use_button.click()
    one.settle()
    added = [asked for asked in one.library.asked if asked.startswith("add")]
    assert added == [f"add folder {folder}", "add a.gguf", "add broken.gguf", "add big-00001-of-00002.gguf"]
    assert "broken.gguf is not a GGUF model file." in one.sentences
    assert {"a", "big-00001-of-00002"} <= set(one.page.names), "one that is broken keeps the others from nothing"


def test_a_file_in_a_known_folder_is_not_asked_about(one: ShelfInWindow, file: Path) -> None:
    one.shelf.add_folder(file.parent)
    one.settle()
    drop(one.window.window, [file])
    assert QApplication.activeModalWidget() is None
    one.settle()
    assert "add Mine-Q4_K_M.gguf" in one.library.asked


def test_what_is_no_model_is_told_where_it_was_dropped(one: ShelfInWindow, tmp_path: Path) -> None:
    one.window.window.navigation.show_chats()
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Sir", encoding="utf-8")
    drop(one.window.window, [letter])
    assert one.window.page.notices.sentences == ["letter.txt is no model. Models are files that end in .gguf."]
    assert not one.window.window.centre.shows_library


def test_a_hint_is_shown_while_files_are_over_the_window(one: ShelfInWindow, file: Path) -> None:
    assert drag(one.window.window, files(file))
    assert hint(one).isVisible()
    assert hint(one).width() > one.window.window.width() - 40
    QApplication.sendEvent(one.window.window, QDragLeaveEvent())
    assert not hint(one).isVisible()


def test_text_is_dropped_as_before(one: ShelfInWindow) -> None:
    one.window.window.navigation.show_chats()
    text = QMimeData()
    text.setText("some words")
    viewport = one.window.page.composer.field.viewport()
    assert drag(viewport, text), "the composer takes it"
    assert not hint(one).isVisible()
    assert not drag(one.window.window, text), "the window does not"


def test_files_are_added_by_a_dialog(one: ShelfInWindow, file: Path) -> None:
    one.page.add_button.click()
    dialog = one.dialog()
    assert isinstance(dialog, QFileDialog)
    dialog.filesSelected.emit([str(file)])
    dialog.close()
    add_dialog(one).use_button.click()
    one.settle()
    assert "Mine-Q4_K_M" in one.page.names


def test_the_header_offers_the_installed_models(one: ShelfInWindow, file: Path) -> None:
    now = datetime.now(UTC)
    one.library.listed = [INCLUDED, *(installed(f"Model {number}") for number in range(9))]
    one.library.listed += [
        installed("Older", last_used=now - timedelta(days=2)),
        installed("Newer & better", path=file, last_used=now - timedelta(days=1)),
        installed("Gone", is_missing=True, last_used=now),
        installed("Broken", problem="It ends early.", last_used=now),
    ]
    one.refresh()
    assert chooser_words(one)[:3] == ["Newer && better · Q4_K_M", "Older · Q4_K_M", "Model 0 · Q4_K_M"]
    assert len(chooser_words(one)) == 8
    one.window.page.header.menu.actions()[0].trigger()
    one.settle()
    assert not one.window.window.centre.shows_library
    assert one.window.page.header.words == "Mine-Q4_K_M"
    assert [action.isChecked() for action in one.window.window.shelf.chooser.entries][:2] == [True, False]
    one.window.window.shelf.chooser.all_action.trigger()
    assert one.page.isVisible()
    assert one.page_button.isChecked()


def test_a_file_that_is_opened_is_listed_from_then_on(one: ShelfInWindow, file: Path) -> None:
    one.window.window.loader.load(file)
    one.settle()
    assert one.library.used[-1] == file
    assert one.row("Mine-Q4_K_M").is_in_use
    assert one.row("Mine-Q4_K_M").model.is_default, "nobody had chosen the tiny one"
    assert one.sentences == []


def test_opening_another_model_does_not_change_the_default(one: ShelfInWindow, file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    other.write_bytes(b"GGUF and more")
    for path in (file, other):
        one.window.window.loader.load(path)
        one.settle()
    assert one.window.services.settings.load().model_path == str(file)


def test_a_conversation_offers_the_model_of_its_last_answer(
    open_window: Callable[..., OpenWindow], library: FakeLibrary, file: Path
) -> None:
    library.listed.append(installed("Mine", path=file, origin=ModelOrigin.ADDED))
    one = open_window(FakeScript(reply="an answer"), library=library)
    one.wait_for_model()
    one.window.loader.load(file)
    one.wait_until_idle()
    one.ask("Who are you?")
    one.wait_until_idle()
    again = one.page.again
    assert not again.isVisible(), "it is the one in use"
    one.window.loader.load(None)
    one.wait_until_idle()
    assert again.isVisible()
    assert again.button.text() == "Use Mine again"
    conversation = one.page.shown_id
    assert conversation is not None
    one.window.navigation.show_new_chat()
    assert not again.isVisible()
    one.page.show_conversation(conversation)
    assert again.isVisible()
    assert one.page.header.words == "SmolLM2 135M", "nothing is loaded by itself"
    again.button.click()
    assert not again.isVisible()
    one.wait_until_idle()
    assert one.page.header.words == "Mine-Q4_K_M"
    assert not again.isVisible()


def test_a_model_that_is_gone_is_not_offered_again(
    open_window: Callable[..., OpenWindow], library: FakeLibrary, file: Path
) -> None:
    library.listed.append(installed("Mine", path=file, origin=ModelOrigin.ADDED))
    one = open_window(FakeScript(reply="an answer"), library=library)
    one.wait_for_model()
    one.window.loader.load(file)
    one.wait_until_idle()
    one.ask("Who are you?")
    one.wait_until_idle()
    library.listed[-1] = replace(library.listed[-1], is_missing=True)
    one.window.shelf.shelf.refresh()
    one.window.loader.load(None)
    one.wait_until_idle()
    assert not one.page.again.isVisible()
    one.ask("And you?")
    one.wait_until_idle()
    assert not one.page.again.isVisible()


def test_an_answer_of_the_model_in_use_ends_the_offer(
    open_window: Callable[..., OpenWindow], library: FakeLibrary, file: Path
) -> None:
    library.listed.append(installed("Mine", path=file, origin=ModelOrigin.ADDED))
    one = open_window(FakeScript(reply="an answer"), library=library)
    one.wait_for_model()
    one.window.loader.load(file)
    one.wait_until_idle()
    one.ask("Who are you?")
    one.wait_until_idle()
    one.window.loader.load(None)
    one.wait_until_idle()
    assert one.page.again.isVisible()
    one.ask("And you?")
    one.wait_until_idle()
    assert not one.page.again.isVisible()
