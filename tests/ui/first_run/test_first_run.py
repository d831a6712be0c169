"""The first start: what this computer is, three ways to begin, and no network before Download is accepted."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from app.core.errors import HubOfflineError, InglenookError
from app.core.machine import Device, DeviceKind, Machine
from app.core.memory import MemoryBudget
from app.core.plan import Verdict
from app.ui.downloads.confirm import DownloadDialog
from app.ui.first_run.page import FirstRunPage
from app.ui.first_run.words import bandwidth_card, device_card, disk_card
from app.ui.transcript.links import LinkDialog
from tests.ui.driving import OpenWindow
from tests.ui.library.fake_downloads import FakeDownloads
from tests.ui.library.fake_hub import FakeHubSearch
from tests.ui.library.fake_plans import BUDGETS, CPU, GB, GPU, MACHINE, FakePlans, file_plan, model_plan
from tests.ui.test_names import assert_named

Open = Callable[..., OpenWindow]


def plans(**chosen: object) -> FakePlans:
    """Mistral Small, and a model that is three times as fast."""
    made = FakePlans(**chosen)  # type: ignore[arg-type]
    small = file_plan("Ministral", "Q6_K", 6.6, Verdict.ALL_ON_GPU, context=32768, speed=(160, 180), reason="Fits.")
    made.plans = (made.plans[0], model_plan("ministral", "Ministral 8B", (small,), 0), *made.plans[1:])
    made.offered["ministral"] = replace(made.offered["mistral-small"], id="ministral", name="Ministral 8B")
    made.described = replace(made.described, disk_free_bytes=212 * GB)
    return made


@pytest.fixture
def downloads() -> FakeDownloads:
    made = FakeDownloads()
    made.free_bytes = 212 * GB
    return made


@pytest.fixture
def hub() -> FakeHubSearch:
    return FakeHubSearch()


@pytest.fixture
def begin(open_window: Open, downloads: FakeDownloads, hub: FakeHubSearch) -> Callable[..., OpenWindow]:
    def start(made: FakePlans | None = None) -> OpenWindow:
        return open_window(plans=made or plans(), downloads=downloads, hub=hub, is_first_run=True)

    return start


@pytest.fixture
def one(begin: Callable[..., OpenWindow]) -> OpenWindow:
    opened = begin()
    wait_until_settled(opened)
    return opened


def page(one: OpenWindow) -> FirstRunPage:
    shown = one.window.centre.alone
    assert isinstance(shown, FirstRunPage)
    return shown


def wait_until_settled(one: OpenWindow) -> None:
    one.qtbot.waitUntil(lambda: page(one).is_settled, timeout=10_000)


def shown_cards(one: OpenWindow) -> list[tuple[str, ...]]:
    return [
        (card.name.text(), card.precision.text(), card.tag.text(), card.size_label.text(), card.speed.text())
        for card in page(one).choosing.cards
        if card.isVisible()
    ]


def test_it_says_what_the_computer_is_and_how_one_can_start(one: OpenWindow) -> None:
    one.wait_until_idle()
    facts = [(f.caption.text(), f.title.text(), f.below.text()) for f in page(one).choosing.facts]
    assert facts == [
        ("Graphics", "NVIDIA GeForce RTX 4090", "23.2 of 25.8 GB, usable"),
        ("Memory bandwidth", "1,008 GB/s", "sets the speed of writing"),
        ("Free disk", "212 GB", "in the folder models"),
    ]
    assert shown_cards(one) == [
        ("Mistral Small 3 24B Instruct", "Q4_K_M", "recommended", "14.3 GB", "≈ 47–58 tok/s"),
        ("Ministral 8B", "Q6_K", "faster", "6.6 GB", "≈ 160–180 tok/s"),
        ("Start now, without a download", "", "SmolLM2 135M, included", "0 GB", "instant"),
    ]
    choosing = page(one).choosing
    assert choosing.recommended.isChecked()
    assert choosing.recommended.reason.text() == "The strongest that fits with room for a 16k context"
    assert choosing.faster.reason.text() == "Answers three times as fast, and knows less"
    assert "5.5 GB to spare" in choosing.recommended.toolTip(), "the plan's own reason"
    assert choosing.act_button.text() == "Download 14.3 GB"
    assert not one.window.sidebar.isVisible()
    assert_named(one.window, 6)


def test_the_licence_is_shown_before_the_download(
    one: OpenWindow, downloads: FakeDownloads, hub: FakeHubSearch
) -> None:
    page(one).choosing.act_button.click()
    licence = page(one).licence
    assert licence.isVisible()
    assert licence.model.text() == "Mistral Small 3 24B Instruct · Q4_K_M"
    assert licence.licence.text() == "Apache-2.0"
    assert licence.page.text() == "https://huggingface.co/bartowski/Mistral-Small-GGUF"
    licence.page_button.click()
    dialog = one.dialog()
    assert isinstance(dialog, LinkDialog)
    assert dialog.informativeText() == licence.page.text()
    dialog.close()
    assert_named(one.window, 4)
    licence.back_button.click()
    assert page(one).choosing.isVisible()
    assert (downloads.added, hub.asked) == ([], []), "the network was not used"
    page(one).choosing.act_button.click()
    licence.accept_button.click()
    assert one.window.centre.alone is None
    one.qtbot.waitUntil(lambda: downloads.added == [("bartowski/Mistral-Small-GGUF", "Mistral-Small-Q4_K_M.gguf", "")])
    assert one.window.findChildren(DownloadDialog) == [], "it was asked already"
    one.wait_for_model()
    one.ask("Hello")
    one.wait_for_words()
    assert one.services.settings.load().first_run_done


def test_a_licence_with_conditions_says_so(begin: Callable[..., OpenWindow]) -> None:
    made = plans()
    made.offered["mistral-small"] = replace(made.offered["mistral-small"], license="llama3.3")
    made.described = replace(made.described, disk_free_bytes=None)
    one = begin(made)
    wait_until_settled(one)
    page(one).choosing.act_button.click()
    assert page(one).licence.licence.text() == "llama3.3 licence"
    assert "terms of its own" in page(one).licence.terms.text()
    one.press(Qt.Key.Key_Escape)


@pytest.mark.parametrize("step", ["choosing", "licence"])
@pytest.mark.parametrize("how", ["escape", "start now"])
def test_every_step_can_be_skipped(one: OpenWindow, downloads: FakeDownloads, step: str, how: str) -> None:
    if step == "licence":
        page(one).choosing.act_button.click()
    if how == "escape":
        QTest.keyClick(one.window, Qt.Key.Key_Escape)
    elif step == "licence":
        page(one).licence.start_now_button.click()
    else:
        page(one).choosing.included.click()
        assert page(one).choosing.act_button.text() == "Start now"
        page(one).choosing.act_button.click()
    assert one.window.centre.alone is None
    assert one.window.sidebar.isVisible()
    assert one.page.composer.field.hasFocus()
    assert one.services.settings.load().first_run_done
    assert downloads.added == []
    one.wait_for_model()


def test_one_can_start_while_it_is_still_being_worked_out(begin: Callable[..., OpenWindow]) -> None:
    made = plans(gate=threading.Event())
    one = begin(made)
    one.qtbot.waitUntil(lambda: page(one).choosing.facts[0].title.text() == "NVIDIA GeForce RTX 4090")
    assert page(one).choosing.state.words.text() == "Looking at this computer, and working out what fits…"
    assert page(one).choosing.included.isChecked()
    assert shown_cards(one)[0][0] == "Start now, without a download"
    QTest.keyClick(page(one), Qt.Key.Key_Return)
    assert one.window.centre.alone is None
    one.wait_for_model()


def test_a_choice_that_was_made_stays(begin: Callable[..., OpenWindow]) -> None:
    made = plans(gate=threading.Event())
    one = begin(made)
    page(one).choosing.included.click()
    assert made.gate is not None
    made.gate.set()
    wait_until_settled(one)
    assert page(one).choosing.recommended.isVisible()
    assert page(one).choosing.included.isChecked()
    page(one).choosing.faster.click()
    assert page(one).choosing.act_button.text() == "Download 6.6 GB"


def test_when_nothing_fits_the_included_model_is_left(begin: Callable[..., OpenWindow]) -> None:
    made = plans()
    made.plans = made.plans[3:]
    one = begin(made)
    wait_until_settled(one)
    assert [card[0] for card in shown_cards(one)] == ["Start now, without a download"]
    assert "No other model" in page(one).choosing.state.words.text()
    assert page(one).choosing.act_button.text() == "Start now"


def test_a_failure_is_told_and_can_be_tried_again(begin: Callable[..., OpenWindow]) -> None:
    made = plans(error=InglenookError("The computer cannot be asked."))
    one = begin(made)
    wait_until_settled(one)
    state = page(one).choosing.state
    assert state.words.text() == "The computer cannot be asked."
    assert page(one).choosing.act_button.text() == "Start now"
    made.error = None
    state.button.click()
    wait_until_settled(one)
    assert page(one).choosing.recommended.isChecked()
    assert not state.isVisible()


def test_the_models_that_are_here_already(one: OpenWindow) -> None:
    page(one).choosing.open_button.click()
    assert one.window.shelf.page.isVisible()
    assert one.window.centre.alone is None
    one.wait_until_idle()


def test_the_ways_to_other_models(one: OpenWindow) -> None:
    page(one).choosing.all_button.click()
    assert one.window.discover.page.isVisible()
    assert one.window.centre.alone is None
    one.qtbot.waitUntil(lambda: one.window.discover.page.is_settled)
    one.wait_until_idle()


def test_a_download_that_is_refused_is_told_in_the_chat(one: OpenWindow, downloads: FakeDownloads) -> None:
    downloads.refusal = HubOfflineError("The hub cannot be reached.")
    page(one).choosing.act_button.click()
    page(one).licence.accept_button.click()
    one.qtbot.waitUntil(lambda: one.page.notices.sentences == ["The hub cannot be reached."])
    (row,) = one.page.notices.rows
    downloads.refusal = None
    assert row.action_button is not None
    row.action_button.click()
    one.qtbot.waitUntil(lambda: len(downloads.added) == 1)


def test_it_is_shown_once(open_window: Open) -> None:
    one = open_window(plans=plans())
    assert one.window.centre.alone is None
    one.wait_for_model()


@pytest.mark.parametrize("width", [720, 1280])
def test_nothing_is_cut_off(one: OpenWindow, width: int) -> None:
    one.window.resize(width, 820)
    ground = page(one).widget()
    assert ground is not None
    one.qtbot.waitUntil(lambda: page(one).viewport().width() >= ground.minimumSizeHint().width())
    buttons = [button for button in page(one).findChildren(QPushButton) if button.isVisible()]
    one.qtbot.waitUntil(lambda: all(button.width() >= button.minimumSizeHint().width() for button in buttons))
    assert len(buttons) == 3


def test_the_words_for_other_computers() -> None:
    bare = Machine("Linux", "AMD Ryzen", 8, 64 * GB, 60 * GB, (replace(CPU, bandwidth=0),))
    assert device_card(bare, BUDGETS[:1]).title == "AMD Ryzen 9 7950X"
    assert device_card(bare, BUDGETS[:1]).below == "58 of 64 GB, usable"
    assert bandwidth_card(bare).title == "not known"
    assert disk_card(bare, None).title == "not known"
    two = replace(MACHINE, devices=(GPU, replace(GPU, name="CUDA1"), CPU))
    assert device_card(two, ()).title == "2 × NVIDIA GeForce RTX 4090"
    apple = Device("MTL0", "Apple M2 Max", "Metal", DeviceKind.INTEGRATED_GPU, 22 * GB, 22 * GB, unified=True)
    mac = Machine("macOS", "Apple M2 Max", 12, 32 * GB, 20 * GB, (apple, CPU))
    budget = MemoryBudget("MTL0", "Apple M2 Max", 22 * GB, 22 * GB, 21_800 * 10**6, unified=True)
    assert device_card(mac, (budget,)).below == "21.8 of 32 GB unified, usable"
