"""The page "On this computer": what one sees of the models that are here, and what one can do with them."""

import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QAccessible, QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from app.core.errors import StorageError
from app.core.library import ModelOrigin, Soundness, Verification
from app.core.settings import Theme
from app.ui.chat.model_state import ModelState
from app.ui.library.shelf_rows import ShelfOrder
from app.ui.questions import QuestionDialog
from tests.ui.library.conftest import OpenShelf
from tests.ui.library.fake_library import DOWNLOADS, INCLUDED, FakeLibrary, installed
from tests.ui.test_names import assert_named


def question(shelf: OpenShelf) -> QuestionDialog:
    dialog = shelf.window.dialog()
    assert isinstance(dialog, QuestionDialog)
    return dialog


def spoken(shelf: OpenShelf, name: str) -> str:
    told = QAccessible.queryAccessibleInterface(shelf.page.list)
    return told.child(shelf.page.names.index(name)).text(QAccessible.Text.Name)


def test_the_models_are_listed_and_counted(shelf: OpenShelf) -> None:
    assert shelf.page.names == ["SmolLM2 135M", "Gemma 3 12B", "Mistral Small 3", "Phi-4 14B"]
    assert shelf.page_button.note.text() == "3 · 22.5 GB", "the missing one takes no room"
    assert shelf.page_button.accessibleName() == "On this computer, 3 · 22.5 GB"
    assert shelf.library.asked == ["scan"], "it looks when it comes into view"


def test_a_row_is_read_out_whole(shelf: OpenShelf) -> None:
    assert spoken(shelf, "Gemma 3 12B") == (
        "Gemma 3 12B: Q4_K_M, 8.1 GB, gemma licence, Ollama, 38.2 tok/s, not used yet"
    )
    assert spoken(shelf, "SmolLM2 135M").startswith("SmolLM2 135M: default model, in use, Q4_1, 98.0 MB, 135 M")
    assert "missing" in spoken(shelf, "Phi-4 14B")
    assert "connect it and look again" in spoken(shelf, "Phi-4 14B")


def test_open_loads_the_model_and_shows_the_chats(shelf: OpenShelf, tmp_path: Path) -> None:
    file = tmp_path / "mine.gguf"
    file.write_bytes(b"GGUF and more")
    shelf.library.listed.append(installed("Mine", path=file, origin=ModelOrigin.ADDED))
    shelf.window.window.shelf.shelf.refresh()
    shelf.settle()
    shelf.press("Mine", "Open")
    shelf.settle()
    assert not shelf.window.window.centre.shows_library
    assert shelf.window.page.header.words == "mine"
    assert shelf.library.used[-1] == file
    shelf.page_button.click()
    shelf.settle()
    assert shelf.row("Mine").is_in_use
    assert not shelf.row("SmolLM2 135M").is_in_use


def test_the_included_model_is_opened_as_such(shelf: OpenShelf) -> None:
    shelf.window.window.loader.unload()
    shelf.settle()
    shelf.press("SmolLM2 135M", "Open")
    shelf.settle()
    assert shelf.window.page.header.words == "SmolLM2 135M"
    assert shelf.window.model_state() is ModelState.READY


def test_enter_opens_and_arrows_choose(shelf: OpenShelf) -> None:
    shelf.window.window.loader.unload()
    shelf.settle()
    shelf.page.list.setFocus()
    QTest.keyClick(shelf.page.list, Qt.Key.Key_Down)
    assert shelf.page.list.current == shelf.row("Gemma 3 12B")
    QTest.keyClick(shelf.page.list, Qt.Key.Key_Up)
    QTest.keyClick(shelf.page.list, Qt.Key.Key_Return)
    shelf.settle()
    assert shelf.window.page.header.words == "SmolLM2 135M"


def test_the_default_model_is_a_setting(shelf: OpenShelf) -> None:
    shelf.press("Mistral Small 3", "Make default")
    shelf.settle()
    path = shelf.row("Mistral Small 3").model.path
    assert shelf.row("Mistral Small 3").model.is_default
    assert not shelf.buttons["Make default"].isEnabled()
    assert shelf.window.services.settings.load().model_path == str(path)
    shelf.window.window.sidebar.footer.theme_chosen.emit(Theme.DARK)
    assert shelf.window.services.settings.load().model_path == str(path), "another setting does not undo it"
    shelf.press("SmolLM2 135M", "Make default")
    shelf.settle()
    assert shelf.library.asked[-2:] == [f"default {path.name}", "default included"]
    assert shelf.window.services.settings.load().model_path == ""


def test_verifying_tells_how_far_it_is_and_what_it_found(shelf: OpenShelf) -> None:
    shelf.library.gate.clear()
    shelf.press("Gemma 3 12B", "Verify")
    shelf.window.qtbot.waitUntil(lambda: shelf.row("Gemma 3 12B").note == "Verifying… 42%")
    assert shelf.row("Gemma 3 12B").fraction == pytest.approx(0.42)
    assert "Verify" not in shelf.buttons
    shelf.library.gate.set()
    shelf.settle()
    row = shelf.row("Gemma 3 12B")
    assert (row.note, row.tone, row.fraction) == (shelf.library.verification.sentence, "good", None)
    assert "Verify" in shelf.buttons


def test_verifying_can_be_stopped(shelf: OpenShelf) -> None:
    shelf.library.gate.clear()
    shelf.press("Gemma 3 12B", "Verify")
    shelf.window.qtbot.waitUntil(lambda: "Verifying" in shelf.row("Gemma 3 12B").note)
    shelf.buttons["Stop verifying"].click()
    shelf.settle()
    assert shelf.row("Gemma 3 12B").note == ""


def test_a_damaged_file_is_told_in_its_row(shelf: OpenShelf) -> None:
    shelf.library.verification = Verification("1" * 64, Soundness.DAMAGED, "The file is damaged. Download it again.")
    shelf.press("Mistral Small 3", "Verify")
    shelf.settle()
    assert (shelf.row("Mistral Small 3").note, shelf.row("Mistral Small 3").tone) == (
        "The file is damaged. Download it again.",
        "bad",
    )


def test_removing_asks_with_the_size(shelf: OpenShelf) -> None:
    shelf.press("Mistral Small 3", "Remove…")
    asked = question(shelf)
    assert asked.text() == "Remove “Mistral Small 3”?"
    assert "14.3 GB are free" in asked.informativeText()
    asked.cancel_button.click()
    shelf.settle()
    assert "Mistral Small 3" in shelf.page.names
    shelf.page.list.setFocus()
    QTest.keyClick(shelf.page.list, Qt.Key.Key_Delete)
    question(shelf).act_button.click()
    shelf.settle()
    assert "Mistral Small 3" not in shelf.page.names
    assert shelf.sentences == ["Mistral Small 3 is in the trash. 14.3 GB are free when that is emptied."]
    assert shelf.page_button.note.text() == "2 · 8.2 GB"


def test_another_applications_file_is_only_taken_off_the_list(shelf: OpenShelf) -> None:
    shelf.press("Gemma 3 12B", "Take off the list…")
    asked = question(shelf)
    assert "belongs to Ollama and stays where it is" in asked.informativeText()
    asked.act_button.click()
    shelf.settle()
    assert shelf.sentences == ["Gemma 3 12B is no longer on the list. Nothing was deleted."]


def test_the_included_model_and_the_one_in_use_are_not_removed(shelf: OpenShelf) -> None:
    shelf.choose("SmolLM2 135M")
    assert "Remove…" not in shelf.buttons
    shelf.page.show_in_use(shelf.row("Mistral Small 3").model.path)
    shelf.choose("Mistral Small 3")
    assert not shelf.buttons["Remove…"].isEnabled()
    assert "in use" in shelf.buttons["Remove…"].toolTip()


def test_a_missing_file_can_be_looked_for_or_forgotten(shelf: OpenShelf) -> None:
    shelf.choose("Phi-4 14B")
    assert set(shelf.buttons) == {"Look again", "Forget"}
    shelf.buttons["Look again"].click()
    shelf.settle()
    assert shelf.library.asked == ["scan", "scan"]
    shelf.buttons["Forget"].click()
    shelf.settle()
    assert "Phi-4 14B" not in shelf.page.names
    assert shelf.sentences == []


def test_a_problem_and_a_duplicate_are_told(shelf: OpenShelf) -> None:
    twin = DOWNLOADS / "Mistral-Small-3.gguf"
    shelf.library.listed += [
        installed("Broken", problem="The file ends early. Download it again."),
        installed("Mistral again", origin=ModelOrigin.HUGGING_FACE, same_as=twin),
    ]
    shelf.window.window.shelf.shelf.refresh()
    shelf.settle()
    assert (shelf.row("Broken").note, shelf.row("Broken").tone) == ("The file ends early. Download it again.", "bad")
    assert shelf.row("Mistral again").note == f"The same file as {twin} (downloaded)."
    shelf.choose("Broken")
    assert "Open" not in shelf.buttons


def test_show_in_folder_opens_the_folder(shelf: OpenShelf, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def open_url(url: QUrl) -> bool:
        opened.append(url.toLocalFile())
        return len(opened) == 1

    monkeypatch.setattr(shelf.page.actions_of_row, "_open_url", open_url)
    shelf.press("Mistral Small 3", "Show in folder")
    assert opened == [str(DOWNLOADS)]
    assert shelf.sentences == []
    shelf.buttons["Show in folder"].click()
    assert shelf.sentences == [f"The folder {DOWNLOADS} could not be opened."]


def test_searching_and_sorting(shelf: OpenShelf) -> None:
    now = datetime.now(UTC)
    shelf.library.listed[1:3] = [
        installed("Gemma 3 12B", 8.1, ModelOrigin.OLLAMA, last_used=now, tokens_per_second=38.2),
        installed("Mistral Small 3", 14.3, last_used=now - timedelta(days=3), tokens_per_second=71.8),
    ]
    shelf.window.window.shelf.shelf.refresh()
    shelf.settle()
    orders: dict[ShelfOrder, str] = {}
    for order in ShelfOrder:
        shelf.page.sort_button.choose(order.capitalize())
        orders[order] = shelf.page.names[0]
        assert shelf.page.sort_button.text() == f"Sort by {order} ▾"
    assert orders == {
        ShelfOrder.NAME: "SmolLM2 135M",
        ShelfOrder.SIZE: "Mistral Small 3",
        ShelfOrder.LAST_USED: orders[ShelfOrder.LAST_USED],
        ShelfOrder.SPEED: "Mistral Small 3",
    }
    assert shelf.page.names[-1] in ("SmolLM2 135M", "Phi-4 14B"), "what was not measured comes last"
    QTest.keyClicks(shelf.page.field, "ollama")
    assert shelf.page.names == ["Gemma 3 12B"]
    shelf.page.field.setText("nothing of the kind")
    assert shelf.page.names == []
    assert shelf.page.state.words.text() == "No model on this computer is called so."
    shelf.page.state.button.click()
    assert len(shelf.page.names) == 4


def test_the_chosen_row_stays_chosen(shelf: OpenShelf) -> None:
    shelf.choose("Mistral Small 3")
    shelf.page.sort_by(ShelfOrder.SIZE)
    shelf.library.listed.insert(1, installed("Another"))
    shelf.window.window.shelf.shelf.refresh()
    shelf.settle()
    assert shelf.page.list.current == shelf.row("Mistral Small 3")


def test_folders_are_added_and_forgotten(shelf: OpenShelf) -> None:
    shelf.page.folders.add_button.click()
    dialog = shelf.window.dialog()
    assert isinstance(dialog, QFileDialog)
    dialog.fileSelected.emit("/usb")
    dialog.close()
    shelf.settle()
    assert shelf.library.asked[-2:] == ["add folder /usb", "scan"]
    shelf.page.folders.toggle.click()
    rows = shelf.page.folders.rows
    assert [row.path.text() for row in rows] == [str(DOWNLOADS), "/usb"]
    assert rows[0].forget_button is None, "downloads go there"
    assert rows[1].forget_button is not None
    rows[1].forget_button.click()
    shelf.settle()
    assert [row.path.text() for row in shelf.page.folders.rows] == [str(DOWNLOADS)]


def test_a_folder_that_cannot_be_added_is_told(shelf: OpenShelf) -> None:
    shelf.library.error = StorageError("The folder cannot be read.")
    shelf.window.window.shelf.shelf.add_folder(Path("/root"))
    assert shelf.sentences == ["The folder cannot be read."]


def test_the_models_of_others_are_found(shelf: OpenShelf) -> None:
    shelf.library.found = [installed("Qwen", 4.7, ModelOrigin.LM_STUDIO)]
    shelf.library.gate.clear()
    shelf.page.others_button.click()
    shelf.window.qtbot.waitUntil(shelf.page.work.isVisible)
    assert shelf.page.work.words.text() == "Looking for models… 4 found so far"
    shelf.library.gate.set()
    shelf.settle()
    assert not shelf.page.work.isVisible()
    assert shelf.sentences == [
        "Found 2 models: 1 of LM Studio, 1 of Ollama; 1 of them new. They are used where they lie."
    ]
    assert "Qwen" in shelf.page.names


def test_looking_can_be_stopped(shelf: OpenShelf) -> None:
    shelf.library.gate.clear()
    shelf.page.others_button.click()
    shelf.window.qtbot.waitUntil(shelf.page.work.isVisible)
    shelf.page.work.button.click()
    shelf.settle()
    assert not shelf.page.work.isVisible()
    assert shelf.sentences == []


def test_with_nothing_but_the_included_model_it_says_how_to_go_on(shelf: OpenShelf) -> None:
    shelf.library.listed = [INCLUDED]
    shelf.window.window.shelf.shelf.refresh()
    shelf.settle()
    assert "it is tiny" in shelf.page.state.words.text()
    shelf.library.listed = []
    shelf.window.window.shelf.shelf.refresh()
    shelf.settle()
    assert shelf.page.state.words.text().startswith("No model is on this computer yet.")
    assert not shelf.page.card.isVisible()
    assert not shelf.page.list.bar.isVisible()


def test_escape_empties_the_search_and_then_goes_back(shelf: OpenShelf) -> None:
    QTest.keyClick(shelf.window.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert shelf.page.field.hasFocus()
    QTest.keyClicks(shelf.page.field, "gemma")
    QTest.keyClick(shelf.page.field, Qt.Key.Key_Escape)
    assert shelf.page.field.text() == ""
    QTest.keyClick(shelf.page.field, Qt.Key.Key_Escape)
    assert not shelf.window.window.centre.shows_library


def test_the_context_menu_has_all_that_the_buttons_have(shelf: OpenShelf) -> None:
    index = shelf.page.rows.index_of(shelf.row("Gemma 3 12B").model.path)
    menu = shelf.page.list.menu_at(shelf.page.list.visualRect(index).center())
    assert menu is not None
    offered = [action.text() for action in menu.actions() if action.isVisible()]
    assert offered == list(shelf.buttons)
    assert shelf.page.list.menu_at(QPoint(20, 100_000)) is None
    menu.deleteLater()


def test_where_room_is_short_a_menu_has_the_rest(shelf: OpenShelf) -> None:
    shelf.window.window.resize(720, 640)
    shelf.choose("Gemma 3 12B")
    shelf.settle()
    assert list(shelf.buttons) == ["Open", "Make default"]
    more = shelf.page.list.bar.more
    assert more.isVisible()
    assert more.geometry().right() <= shelf.page.list.bar.width()
    menu = more.menu()
    assert menu is not None
    actions: list[QAction] = [action for action in menu.actions() if action.isVisible()]
    assert [action.text() for action in actions][2:] == ["Verify", "Show in folder", "Take off the list…"]
    assert shelf.page.width() == 720 - shelf.window.window.library_sidebar.width()


def test_every_control_has_a_name(shelf: OpenShelf) -> None:
    shelf.choose("Mistral Small 3")
    shelf.page.folders.toggle.click()
    assert_named(shelf.window.window, 15)
    assert shelf.buttons["Verify"].accessibleName() == "Verify: Mistral Small 3"


def test_two_hundred_rows_scroll_without_being_painted(shelf: OpenShelf) -> None:
    """The cost of a step is that of the rows in view: with two hundred it is about what it is with twenty."""
    spent: dict[int, float] = {}
    for count in (20, 200):
        shelf.library.listed = [installed(f"Model {number}") for number in range(count)]
        shelf.window.window.shelf.shelf.refresh()
        shelf.settle()
        bar = shelf.page.list.verticalScrollBar()
        assert bar.maximum() > 0
        steps = []
        for step in range(12):
            began = time.thread_time()
            bar.setValue(bar.maximum() * step // 12)
            QApplication.processEvents()
            steps.append(time.thread_time() - began)
        spent[count] = statistics.median(steps)
    assert spent[200] < 5 * spent[20] + 0.01
    shelf.page.list.setFocus()
    QTest.keyClick(shelf.page.list, Qt.Key.Key_End)
    current = shelf.page.list.current
    assert current is not None
    assert current.model.name == "Model 199"
    assert shelf.page.list.bar.isVisible()
    assert shelf.page.list.viewport().rect().contains(shelf.page.list.bar.geometry())


def test_a_list_that_is_asked_for_by_two_is_scanned_once(shelf: OpenShelf, library: FakeLibrary) -> None:
    library.gate.clear()
    library.asked.clear()
    shelf.window.window.shelf.shelf.scan()
    shelf.window.window.shelf.shelf.scan()
    library.gate.set()
    shelf.settle()
    assert library.asked == ["scan"]
