"""Downloads on the page "Discover models": what is shown before one begins, and where its progress stands."""

import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from app.core.download import DownloadState
from app.core.errors import DiskFullError, GatedError
from app.ui.downloads.confirm import DownloadDialog
from app.ui.library.precision_row import PrecisionRow
from tests.ui.library.conftest import OpenLibrary
from tests.ui.library.fake_plans import FakePlans


def dialog() -> DownloadDialog:
    found = QApplication.activeModalWidget()
    assert isinstance(found, DownloadDialog)
    return found


def ask(one: OpenLibrary, row: PrecisionRow) -> DownloadDialog:
    """Press Download, and wait for what it shows."""
    row.row_actions.download_button.click()
    shown = dialog()
    one.qtbot.waitUntil(lambda: shown.folder.text() != "looking…")
    return shown


def begin(one: OpenLibrary, quantization: str = "Q4_K_M") -> PrecisionRow:
    """Download a precision until the first bytes come."""
    row = one.row(quantization)
    ask(one, row).go_button.click()
    one.qtbot.waitUntil(lambda: row.strip.words.text() == "Downloading" and row.strip.isVisible())
    return row


def test_size_licence_and_place_are_shown_before_it_begins(one: OpenLibrary) -> None:
    shown = ask(one, one.row("Q4_K_M"))
    assert shown.licence.text() == "Apache-2.0"
    assert shown.folder.text().replace("\u200b", "") == "/models"
    assert shown.free.text() == "85.7 GB"
    assert not shown.remark.isVisible(), "this licence asks for nothing"
    assert one.downloads.added == []
    assert shown.go_button.hasFocus()
    shown.cancel_button.click()
    assert one.downloads.added == []


def test_a_model_that_sees_is_offered_with_its_projector(one: OpenLibrary, plans: FakePlans) -> None:
    row = one.row("Q4_K_M")
    assert ask(one, row).projector_box.isVisible() is False, "this model knows words alone"
    dialog().cancel_button.click()
    offered = plans.offered
    offered["mistral-small"] = replace(offered["mistral-small"], abilities=("tools", "vision"))
    one.page.refresh()
    one.wait_until_settled()
    shown = ask(one, one.row("Q4_K_M"))
    assert shown.projector_box.isVisible()
    shown.projector_box.click()
    shown.go_button.click()
    one.qtbot.waitUntil(lambda: one.downloads.projectors == [True])


def test_a_licence_with_conditions_names_its_page(one: OpenLibrary) -> None:
    one.page.filters.fits.setChecked(False)
    one.wait_until_settled()
    one.card("llama-70b").button.click()
    shown = ask(one, one.row("Q8_0", "llama-70b"))
    assert shown.licence.text() == "llama3.3 licence"
    assert "https://huggingface.co/bartowski/Llama-3.3-GGUF" in shown.remark.text().replace("\u200b", "")
    shown.page_button.click()
    address = QApplication.activeModalWidget()
    assert isinstance(address, QMessageBox)
    assert address.informativeText() == "https://huggingface.co/bartowski/Llama-3.3-GGUF"
    address.close()
    shown.close()


def test_a_gated_model_says_so_before(one: OpenLibrary, plans: FakePlans) -> None:
    offer = plans.offered["mistral-small"]
    plans.offered["mistral-small"] = replace(offer, gated=True, license="")
    one.page.refresh()
    one.wait_until_settled()
    shown = ask(one, one.row("Q4_K_M"))
    assert shown.licence.text() == "not known"
    assert "accounts that agreed to its terms" in shown.remark.text()
    shown.close()


def test_without_room_it_does_not_begin(one: OpenLibrary) -> None:
    one.downloads.free_bytes = 10**10
    shown = ask(one, one.row("Q4_K_M"))
    assert shown.free.text() == "too little: 4.3 GB more are needed"
    assert not shown.go_button.isEnabled()
    shown.close()


def test_room_that_cannot_be_told_is_no_hindrance(one: OpenLibrary) -> None:
    one.downloads.free_bytes = None
    shown = ask(one, one.row("Q4_K_M"))
    assert shown.free.text() == "not known"
    assert shown.go_button.isEnabled()
    shown.close()


def test_the_progress_stands_in_the_row_and_then_it_can_be_opened(one: OpenLibrary) -> None:
    row = begin(one)
    assert one.downloads.added == [("bartowski/Mistral-Small-GGUF", "Mistral-Small-Q4_K_M.gguf", "")]
    assert not row.pill.isVisible()
    assert not row.row_actions.download_button.isVisible()
    one.downloads.tell(1, 7_150_000_000, 48.2e6, 110)
    one.qtbot.waitUntil(lambda: row.strip.words.text() == "Downloading · 48.2 MB/s · 1 min 50 s left")
    assert row.strip.figures.text() == "7.1 / 14.3 GB"
    one.downloads.finish(1)
    main = row.row_actions.buttons.main_button
    one.qtbot.waitUntil(lambda: main.text() == "Open")
    assert row.pill.isVisible()
    assert not row.strip.isVisible()
    with one.qtbot.waitSignal(one.desk.open_requested):
        main.click()


def test_the_folded_card_shows_it_too(one: OpenLibrary) -> None:
    begin(one, "Q6_K")
    card = one.card()
    assert not card.strip.isVisible(), "the row has it"
    card.set_open(False)
    assert card.strip.isVisible()
    assert card.facts.text() == "Q6_K · 19.3 GB · Apache-2.0 · 32k context"
    card.buttons.main_button.click()
    one.qtbot.waitUntil(lambda: card.strip.words.text() == "Paused")
    assert card.buttons.main_button.text() == "Resume"
    card.buttons.other_button.click()
    one.qtbot.waitUntil(lambda: not card.strip.isVisible())
    assert card.pill.isVisible()
    assert card.facts.text().startswith("Mistral AI")


def test_while_the_hub_is_asked_it_says_so_and_can_be_given_up(one: OpenLibrary) -> None:
    one.downloads.gate = threading.Event()
    row = one.row("Q4_K_M")
    ask(one, row).go_button.click()
    assert row.strip.words.text() == "Asking the hub"
    assert not row.row_actions.buttons.main_button.isEnabled()
    row.row_actions.buttons.other_button.click()
    one.qtbot.waitUntil(row.row_actions.download_button.isVisible)
    assert row.pill.isVisible()


def test_a_refusal_is_a_notice_that_can_try_again(one: OpenLibrary) -> None:
    one.downloads.refusal = DiskFullError("There is no room for it.")
    row = one.row("Q4_K_M")
    ask(one, row).go_button.click()
    one.qtbot.waitUntil(lambda: one.page.notices.sentences == ["There is no room for it."])
    assert row.row_actions.download_button.isVisible()
    one.downloads.refusal = None
    again = one.page.notices.rows[0].action_button
    assert again is not None
    again.click()
    one.qtbot.waitUntil(row.strip.isVisible)


def test_a_gated_refusal_leads_to_the_page(one: OpenLibrary) -> None:
    one.downloads.refusal = GatedError("Agree to its terms first.", page="https://huggingface.co/maker/terms")
    ask(one, one.row("Q4_K_M")).go_button.click()
    one.qtbot.waitUntil(lambda: one.page.notices.sentences == ["Agree to its terms first."])
    button = one.page.notices.rows[0].action_button
    assert button is not None
    assert button.text() == "Open its page…"
    button.click()
    address = QApplication.activeModalWidget()
    assert isinstance(address, QMessageBox)
    assert address.informativeText() == "https://huggingface.co/maker/terms"
    address.close()


def test_the_keyboard_stays_in_the_row(one: OpenLibrary) -> None:
    row = one.row("Q4_K_M")
    row.row_actions.download_button.setFocus()
    QTest.keyClick(row.row_actions.download_button, Qt.Key.Key_Space)
    QTest.keyClick(dialog(), Qt.Key.Key_Return)
    one.qtbot.waitUntil(lambda: row.strip.words.text() == "Downloading")
    assert one.page.focusWidget() is row.row_actions.buttons.other_button


@pytest.mark.parametrize("width", [472, 1032])
def test_failed_it_says_why_in_the_row(one: OpenLibrary, width: int) -> None:
    one.page.resize(width, 820)
    row = begin(one)
    one.downloads.stop(1, DownloadState.FAILED, "The connection broke off again and again.")
    one.qtbot.waitUntil(row.strip.sentence.isVisible)
    assert row.row_actions.buttons.main_button.text() == "Retry"
    sentence = row.strip.sentence
    one.qtbot.waitUntil(lambda: sentence.height() >= sentence.heightForWidth(sentence.width()))
