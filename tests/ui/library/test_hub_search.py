"""Searching the hub from the page: by a press and by nothing else, with what it finds below the catalogue's models."""

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from app.core.errors import GatedError, HubOfflineError
from app.core.hub_search import FoundRepository, HubSearch
from app.core.model import KvCacheType
from app.services.plans import PlanRequest
from app.ui.downloads.confirm import DownloadDialog
from app.ui.downloads.desk import DownloadDesk
from app.ui.downloads.runner import DownloadRunner
from app.ui.library.card_dialog import ModelCardDialog
from app.ui.library.found_card import FoundCard
from app.ui.library.page import LibraryPage
from app.ui.tasks import Tasks
from app.ui.theme import Appearance
from app.ui.transcript.links import LinkDialog
from tests.ui.library.conftest import OpenLibrary
from tests.ui.library.fake_downloads import FakeDownloads
from tests.ui.library.fake_hub import FOUND, LARGEST, FakeHubSearch
from tests.ui.library.fake_plans import FakePlans

SMALL, GATED = (found.id for found in FOUND)
Open = Callable[[FakeHubSearch], OpenLibrary]


@pytest.fixture
def open_page(qtbot: QtBot, appearance: Appearance, plans: FakePlans) -> Iterator[Open]:
    opened: list[OpenLibrary] = []

    def open_one(hub: FakeHubSearch) -> OpenLibrary:
        tasks, downloads = Tasks(), FakeDownloads()
        desk = DownloadDesk(DownloadRunner(downloads, tasks), window := QWidget())
        qtbot.addWidget(window)
        page = LibraryPage(plans, tasks, appearance, desk, hub=hub)
        qtbot.addWidget(page)
        page.resize(1032, 820)
        page.show()
        opened.append(OpenLibrary(qtbot, page, tasks, downloads, desk))
        opened[-1].wait_until_settled()
        return opened[-1]

    yield open_one
    for one in opened:
        one.desk.runner.prepare_end()
        assert one.tasks.shutdown()


@pytest.fixture
def hub() -> FakeHubSearch:
    return FakeHubSearch()


@pytest.fixture
def one(open_page: Open, hub: FakeHubSearch) -> OpenLibrary:
    return open_page(hub)


def search(one: OpenLibrary, words: str) -> None:
    QTest.keyClicks(one.page.filters.field, words)
    one.page.hub.ask_button.click()
    one.wait_until_settled()


def found(one: OpenLibrary, name: str = SMALL) -> FoundCard:
    return one.page.hub.found_cards[name]


def test_the_network_is_used_by_a_press_only(one: OpenLibrary, hub: FakeHubSearch) -> None:
    button = one.page.hub.ask_button
    assert not one.page.hub.isVisible()
    QTest.keyClicks(one.page.filters.field, "small")
    assert button.text() == "Search hub.test for “small”"
    QTest.keyClick(one.page.filters.field, Qt.Key.Key_Return)
    assert button.hasFocus(), "the next press is meant for it"
    one.wait_until_settled()
    assert hub.asked == []
    QTest.keyClick(button, Qt.Key.Key_Space)
    one.wait_until_settled()
    assert hub.asked == [HubSearch("small", parameters=(0, LARGEST))]
    assert not button.isVisible()


def test_the_filters_are_asked_of_the_hub_too(one: OpenLibrary, hub: FakeHubSearch) -> None:
    for switch in (one.page.filters.fits, one.page.filters.open_licence, one.page.filters.tools):
        switch.click()
    search(one, "small")
    assert hub.asked == [HubSearch("small", ("apache-2.0", "mit"), ("tools",))]


def test_what_is_found_stands_below_with_its_facts(one: OpenLibrary) -> None:
    search(one, "small")
    assert list(one.page.hub.found_cards) == [SMALL, GATED]
    assert found(one).facts.text() == (
        "7.6 B · Apache-2.0 · 32k context · tools · 1.2 M downloads in 30 days · changed March 2026"
    )
    assert found(one, GATED).facts.text() == (
        "licence not told · needs an account at the hub · 950 downloads in 30 days"
    )
    assert not one.page.hub.more_button.isVisible()


def test_other_words_let_what_was_found_go(one: OpenLibrary, hub: FakeHubSearch) -> None:
    search(one, "small")
    QTest.keyClicks(one.page.filters.field, "er")
    assert one.page.hub.found_cards == {}
    assert one.page.hub.ask_button.text() == "Search hub.test for “smaller”"
    one.page.filters.field.clear()
    assert not one.page.hub.isVisible()
    assert len(hub.asked) == 1


def test_more_results_are_added(open_page: Open) -> None:
    more = (FoundRepository("other/More-GGUF"), FOUND[0])
    hub = FakeHubSearch(pages=(FOUND, (), more))
    one = open_page(hub)
    search(one, "small")
    one.page.hub.more_button.click()
    one.wait_until_settled()
    assert one.page.hub.state.words.text() == "Nothing of this part is like that, but there is more."
    one.page.hub.more_button.click()
    one.wait_until_settled()
    assert list(one.page.hub.found_cards) == [SMALL, GATED, "other/More-GGUF"], "none stands there twice"
    assert not one.page.hub.more_button.isVisible()
    assert not one.page.hub.state.isVisible()


def test_nothing_found_is_said(open_page: Open) -> None:
    one = open_page(FakeHubSearch(pages=((),)))
    search(one, "nobody")
    assert one.page.hub.state.words.text() == "hub.test has no GGUF model that is like that."


def test_a_failure_is_told_in_place_and_can_be_tried_again(one: OpenLibrary, hub: FakeHubSearch) -> None:
    hub.errors.append(HubOfflineError("hub.test cannot be reached."))
    search(one, "small")
    assert one.page.hub.state.words.text() == "hub.test cannot be reached."
    one.page.hub.state.button.click()
    one.wait_until_settled()
    assert list(one.page.hub.found_cards) == [SMALL, GATED]


def test_the_precisions_are_looked_at_by_a_press_and_can_be_downloaded(one: OpenLibrary, hub: FakeHubSearch) -> None:
    search(one, "small")
    found(one).button.click()
    one.wait_until_settled()
    assert hub.asked[1:] == [SMALL]
    card = one.page.hub.cards[SMALL]
    assert card.is_open
    assert card.table is not None
    row = card.table.rows["Small-Q4_K_M.gguf"]
    assert row.isChecked(), "the advised one"
    assert one.page.machine.caption == "Small-7B-GGUF · Q4_K_M · 32k context"
    assert SMALL not in one.page.hub.found_cards
    row.row_actions.download_button.click()
    (dialog,) = one.page.window().findChildren(DownloadDialog)
    dialog.go_button.click()
    one.qtbot.waitUntil(lambda: one.downloads.added == [(SMALL, "Small-Q4_K_M.gguf", "c0ffee")])


def test_one_row_of_the_page_is_the_one_whose_memory_is_shown(one: OpenLibrary) -> None:
    QTest.keyClicks(one.page.filters.field, "i")  # the catalogue's models stay
    one.page.hub.ask_button.click()
    one.wait_until_settled()
    found(one).button.click()
    one.wait_until_settled()
    table = one.page.hub.cards[SMALL].table
    assert table is not None
    assert not one.row("Q4_K_M").isChecked()
    QTest.mouseClick(one.row("Q6_K"), Qt.MouseButton.LeftButton, pos=QPoint(200, 10))
    assert one.row("Q6_K").isChecked()
    assert not any(row.isChecked() for row in table.rows.values())
    assert "Q6_K" in one.page.machine.caption
    table.rows["Small-Q8_0.gguf"].click()
    assert "Small-7B-GGUF · Q8_0" in one.page.machine.caption
    one.row("Q6_K").hovered.emit(True)
    assert "Q6_K" in one.page.machine.caption
    one.row("Q6_K").hovered.emit(False)
    assert "Small-7B-GGUF · Q8_0" in one.page.machine.caption


def test_another_context_is_planned_without_asking_again(one: OpenLibrary, hub: FakeHubSearch) -> None:
    search(one, "small")
    found(one).button.click()
    one.wait_until_settled()
    asked = len(hub.asked)
    one.page.machine.choices.context_button.choose("KV cache q8_0, 8-bit")
    one.wait_until_settled()
    assert hub.planned == [PlanRequest(), PlanRequest(kv_cache_type=KvCacheType.Q8_0)]
    assert len(hub.asked) == asked


@pytest.mark.parametrize("words", ["somebody/Small-7B-GGUF", "hf.co/somebody/Small-7B-GGUF:Q4_K_M"])
def test_a_pasted_repository_is_looked_up(one: OpenLibrary, hub: FakeHubSearch, words: str) -> None:
    QTest.keyClicks(one.page.filters.field, words)
    assert one.page.hub.ask_button.text() == f"Look up {words} at hub.test"
    one.page.hub.ask_button.click()
    one.wait_until_settled()
    assert hub.asked == [words]
    (card,) = one.page.hub.cards.values()
    assert card.name.text() == "Small-7B-GGUF"
    assert card.is_open


def test_a_gated_repository_says_what_to_do(one: OpenLibrary, hub: FakeHubSearch) -> None:
    search(one, "gated")
    page = "https://hub.test/somebody/Gated-GGUF"
    hub.errors.append(GatedError("It is given only to those who agreed.", page=page))
    card = found(one, GATED)
    card.button.click()
    one.wait_until_settled()
    assert card.problem.text() == "It is given only to those who agreed."
    with one.qtbot.waitSignal(one.page.page_requested) as opened:
        card.page_button.click()
    assert opened.args == [page]
    with one.qtbot.waitSignal(one.page.token_requested):
        card.token_button.click()
    assert card.button.text() == "Try again"
    card.button.click()
    one.wait_until_settled()
    assert GATED in one.page.hub.cards


def test_what_takes_long_can_be_stopped(one: OpenLibrary, hub: FakeHubSearch) -> None:
    search(one, "small")
    hub.gate = threading.Event()
    card = found(one)
    card.button.click()
    assert card.button.text() == "Stop"
    one.qtbot.waitUntil(lambda: hub.asked[-1] == SMALL)
    card.button.click()
    one.wait_until_settled()
    assert card.button.text() == "Show precisions"
    assert not card.problem.isVisible()


def card_dialog(one: OpenLibrary) -> ModelCardDialog:
    (dialog,) = one.page.window().findChildren(ModelCardDialog)
    return dialog


def test_the_model_card_is_fetched_by_a_press(one: OpenLibrary, hub: FakeHubSearch) -> None:
    one.card().card_button.click()
    dialog = card_dialog(one)
    one.wait_until_settled()
    assert hub.asked == [("bartowski/Mistral-Small-GGUF", "")]
    assert dialog.view.isVisible()
    (item,) = dialog.view.stack.items
    assert item.block_count == 4
    dialog.view.open_link("LICENSE")
    (link,) = dialog.findChildren(LinkDialog)
    assert link.informativeText() == "https://huggingface.co/bartowski/Mistral-Small-GGUF/blob/main/LICENSE"
    link.close()
    dialog.close()


def test_a_model_card_that_cannot_be_had_is_told(one: OpenLibrary, hub: FakeHubSearch) -> None:
    hub.errors.append(HubOfflineError("hub.test cannot be reached."))
    hub.card = "  "
    one.card().card_button.click()
    dialog = card_dialog(one)
    one.wait_until_settled()
    assert dialog.state.words.text() == "hub.test cannot be reached."
    dialog.state.button.click()
    one.wait_until_settled()
    assert dialog.state.words.text() == "The makers have written nothing about it there."
    assert not dialog.view.isVisible()
    dialog.close()


@pytest.mark.parametrize("width", [472, 1032])
def test_what_is_found_is_not_cut_off(one: OpenLibrary, hub: FakeHubSearch, width: int) -> None:
    search(one, "small")
    found(one).button.click()
    one.wait_until_settled()
    around = QScrollArea()  # a window of its own would not become narrower than its widest row
    one.qtbot.addWidget(around)
    around.setWidget(one.page)
    around.show()
    one.page.resize(width, 820)
    page = "https://hub.test/somebody/a-name-that-is-longer-than-the-narrowest-page-is-wide-and-has-no-blank-at-all"
    hub.errors.append(GatedError(f"It is given only to those who agreed. Open {page} and agree.", page=page))
    found(one, GATED).button.click()
    one.wait_until_settled()
    assert one.page.width() == width
    (area,) = one.page.findChildren(QScrollArea)
    body = area.widget()
    assert body is not None
    one.qtbot.waitUntil(lambda: body.minimumSizeHint().width() <= area.viewport().width() < width)
    around.takeWidget()
