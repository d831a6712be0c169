"""The page "On this computer": what one sees of the models that are here, and what one can do with them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from app.core.errors import StorageError
from app.core.library import ModelOrigin, Soundness, Verification
from app.ui.library.shelf_painting import ShelfRowDelegate
from app.ui.library.shelf_rows import ShelfOrder, ShelfRow
from app.ui.questions import QuestionDialog
from tests.ui.library.conftest import OpenShelf
from tests.ui.library.fake_library import DOWNLOADS, INCLUDED, FakeLibrary, installed

ROW_HEIGHT = 79  # of one without a sentence and buttons


def question(shelf: OpenShelf) -> QuestionDialog:
    dialog = shelf.dialog()
    assert isinstance(dialog, QuestionDialog)
    return dialog


def spoken(shelf: OpenShelf, name: str) -> str:
    told = QAccessible.queryAccessibleInterface(shelf.page.list)
    return told.child(shelf.page.names.index(name)).text(QAccessible.Text.Name)


def test_a_row_is_read_out_whole(shelf: OpenShelf) -> None:
    assert spoken(shelf, "Gemma 3 12B") == (
        "Gemma 3 12B: Q4_K_M, 8.1 GB, gemma licence, Ollama, 38.2 tok/s, not used yet"
    )
    assert spoken(shelf, "SmolLM2 135M").startswith("SmolLM2 135M: default model, in use, Q4_1, 98.0 MB, 135 M")
    assert "missing" in spoken(shelf, "Phi-4 14B")
    assert "connect it and look again" in spoken(shelf, "Phi-4 14B")


def test_verifying_tells_how_far_it_is_and_what_it_found(shelf: OpenShelf) -> None:
    shelf.library.gate.clear()
    shelf.press("Gemma 3 12B", "Verify")
    shelf.qtbot.waitUntil(lambda: shelf.row("Gemma 3 12B").note == "Verifying… 42%")
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
    shelf.qtbot.waitUntil(lambda: "Verifying" in shelf.row("Gemma 3 12B").note)
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


def test_the_question_tells_of_the_projector_that_goes_along(shelf: OpenShelf) -> None:
    shelf.library.projectors = (DOWNLOADS / "mmproj-F16.gguf",)
    shelf.press("Mistral Small 3", "Remove…")
    asked = question(shelf)
    assert "Its file and its projector (mmproj)" in asked.informativeText()
    asked.cancel_button.click()
    shelf.settle()
    assert not any(what.startswith("remove") for what in shelf.library.asked)


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
    shelf.refresh()
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
    shelf.refresh()
    orders: dict[ShelfOrder, str] = {}
    for order in ShelfOrder:
        shelf.page.sort_button.choose(order.capitalize())
        orders[order] = shelf.page.names[0]
        assert shelf.page.sort_button.text() == f"Sort by {order} ▾"
    assert orders == {
        ShelfOrder.NAME: "SmolLM2 135M",
        ShelfOrder.SIZE: "Mistral Small 3",
        ShelfOrder.LAST_USED: "Gemma 3 12B",
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
    shelf.refresh()
    assert shelf.page.list.current == shelf.row("Mistral Small 3")


def test_folders_are_added_and_forgotten(shelf: OpenShelf) -> None:
    shelf.page.folders.add_button.click()
    dialog = shelf.dialog()
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
    shelf.shelf.add_folder(Path("/root"))
    assert shelf.sentences == ["The folder cannot be read."]


def test_the_models_of_others_are_found(shelf: OpenShelf) -> None:
    shelf.library.found = [installed("Qwen", 4.7, ModelOrigin.LM_STUDIO)]
    shelf.library.gate.clear()
    shelf.page.others_button.click()
    shelf.qtbot.waitUntil(shelf.page.work.isVisible)
    assert shelf.page.work.words.text() == "Looking for models… 4 found so far"
    shelf.library.gate.set()
    shelf.settle()
    assert not shelf.page.work.isVisible()
    assert shelf.sentences == [
        "Found 2 models: 1 of LM Studio, 1 of Ollama; 1 of them new. They are used where they lie."
    ]
    assert "Qwen" in shelf.page.names


def test_duplicates_are_found_by_content(shelf: OpenShelf) -> None:
    paths = [shelf.row(name).model.path for name in ("Mistral Small 3", "Gemma 3 12B")]
    shelf.library.twins = {paths[1]: paths[0]}
    shelf.library.gate.clear()
    shelf.page.folders.compare_button.click()
    shelf.qtbot.waitUntil(shelf.page.work.isVisible)
    assert shelf.page.work.words.text() == "Comparing models of the same size: 50%"
    shelf.library.gate.set()
    shelf.settle()
    assert shelf.sentences == ["1 model has the same content as another: 8.1 GB. Each says in its row of which."]
    assert shelf.row("Gemma 3 12B").note == f"The same file as {paths[0]} (downloaded)."
    assert not shelf.page.work.isVisible()


def test_a_folder_that_is_added_while_others_are_looked_through_is_not_missed(shelf: OpenShelf) -> None:
    shelf.library.gate.clear()
    shelf.library.asked.clear()
    shelf.shelf.scan()
    shelf.qtbot.waitUntil(lambda: shelf.library.asked == ["scan"])
    shelf.shelf.add_folder(Path("/usb"))
    shelf.library.gate.set()
    shelf.settle()
    assert shelf.library.asked == ["scan", "add folder /usb", "scan"]


def test_looking_can_be_stopped(shelf: OpenShelf) -> None:
    shelf.library.gate.clear()
    shelf.page.others_button.click()
    shelf.qtbot.waitUntil(shelf.page.work.isVisible)
    shelf.page.work.button.click()
    shelf.settle()
    assert not shelf.page.work.isVisible()
    assert shelf.sentences == []


def test_with_nothing_but_the_included_model_it_says_how_to_go_on(shelf: OpenShelf) -> None:
    shelf.library.listed = [INCLUDED]
    shelf.refresh()
    assert "it is tiny" in shelf.page.state.words.text()
    shelf.library.listed = []
    shelf.refresh()
    assert shelf.page.state.words.text().startswith("No model is on this computer yet.")
    assert not shelf.page.card.isVisible()
    assert not shelf.page.list.bar.isVisible()


def test_the_context_menu_has_all_that_the_buttons_have(shelf: OpenShelf) -> None:
    index = shelf.page.rows.index_of(shelf.row("Gemma 3 12B").model.path)
    menu = shelf.page.list.menu_at(shelf.page.list.visualRect(index).center())
    assert menu is not None
    offered = [action.text() for action in menu.actions() if action.isVisible()]
    assert offered == list(shelf.buttons)
    assert shelf.page.list.menu_at(QPoint(20, 100_000)) is None
    menu.deleteLater()


def test_of_two_hundred_rows_only_those_in_view_are_painted(shelf: OpenShelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.library.listed = [installed(f"Model {number}") for number in range(200)]
    shelf.refresh()
    painted: list[str] = []

    def paint_name(_: ShelfRowDelegate, _painter: object, _place: object, row: ShelfRow) -> None:
        painted.append(row.model.name)

    monkeypatch.setattr(ShelfRowDelegate, "_paint_name", paint_name)
    bar = shelf.page.list.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    shelf.settle()
    in_view = shelf.page.list.viewport().height() // ROW_HEIGHT + 2
    assert 0 < len(set(painted)) <= in_view
    assert "Model 100" in painted
    shelf.page.list.setFocus()
    QTest.keyClick(shelf.page.list, Qt.Key.Key_End)
    current = shelf.page.list.current
    assert current is not None
    assert current.model.name == "Model 199"
    assert shelf.page.list.viewport().rect().contains(shelf.page.list.bar.geometry())


def test_a_list_that_is_asked_for_by_two_is_scanned_once(shelf: OpenShelf, library: FakeLibrary) -> None:
    library.gate.clear()
    library.asked.clear()
    shelf.shelf.scan()
    shelf.shelf.scan()
    library.gate.set()
    shelf.settle()
    assert library.asked == ["scan"]
