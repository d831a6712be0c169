"""The network in the window: its card, its switch, its page, and the question when offline refuses a press."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from app.core.errors import NetworkForbiddenError, OfflineChosenError
from app.core.network import NetworkMode, Purpose
from app.network.gate import Gate
from app.network.press import pressed
from app.services.connections import NetworkService
from app.storage.connections import ConnectionStore
from app.storage.database import Database
from app.storage.settings import SettingsStore
from app.ui.network.dialog import NetworkDialog
from app.ui.network.table import Shown
from app.ui.network.words import NOTHING, NOTHING_LIKE_IT
from app.ui.questions import QuestionDialog
from tests.ui.driving import OpenWindow

HUB = "huggingface.co"


class OpenNetwork:
    """A window with a gate of its own, and hands and eyes for its network."""

    def __init__(self, one: OpenWindow, gate: Gate) -> None:
        self.one, self.gate = one, gate
        self.network = one.window.network
        self.card = one.window.sidebar.footer.network_card
        self.cards = (self.card, one.window.library_sidebar.network_card)

    @property
    def words(self) -> str:
        return self.card.accessibleName()

    @property
    def stored(self) -> NetworkMode:
        return self.one.services.settings.load().network

    def press_search(self) -> None:
        with pressed("Search pressed"):
            passage = self.gate.open(Purpose.SEARCH, HUB)
        passage.admit(HUB, 443)
        passage.count(received=1500, sent=300)
        passage.end()

    def page(self) -> NetworkDialog:
        QTest.mouseClick(self.card, Qt.MouseButton.LeftButton)
        found: NetworkDialog = self.front(NetworkDialog)
        return found

    def front(self, kind: type[Any]) -> Any:
        self.one.qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), kind))
        self.settle()
        found = QApplication.activeModalWidget()
        assert isinstance(found, QDialog)
        return found

    def settle(self) -> None:
        self.one.qtbot.waitUntil(lambda: not self.one.window.tasks.is_busy, timeout=10_000)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def opened(open_window: Callable[..., OpenWindow], gate: Gate, machine: Database, profile: Path) -> OpenNetwork:
    network = NetworkService(gate, ConnectionStore(machine), SettingsStore(profile / "settings.json"))
    return OpenNetwork(open_window(network=network), gate)


def test_a_new_window_is_offline_and_the_first_press_goes_online_and_is_seen(opened: OpenNetwork) -> None:
    assert opened.words == "Network: Offline, nothing leaves this computer"
    assert opened.card.switch_button.isHidden()
    opened.press_search()
    opened.network.look()
    assert opened.words == "Network: Online, but only when you press"
    assert all(card.switch_button.text() == "Go offline" for card in opened.cards)
    assert opened.stored is NetworkMode.ONLINE


def test_one_press_goes_offline_and_one_press_goes_back(opened: OpenNetwork) -> None:
    opened.press_search()
    opened.network.look()
    opened.card.switch_button.click()
    assert (opened.gate.mode, opened.stored) == (NetworkMode.OFFLINE, NetworkMode.OFFLINE)
    assert opened.words.startswith("Network: Offline")
    opened.card.switch_button.click()
    assert (opened.gate.mode, opened.stored) == (NetworkMode.ONLINE, NetworkMode.ONLINE)


def test_a_press_that_offline_refuses_asks_whether_to_go_online(opened: OpenNetwork) -> None:
    opened.network.choose(NetworkMode.OFFLINE)
    with pytest.raises(OfflineChosenError):
        opened.press_search()
    question: QuestionDialog = opened.front(QuestionDialog)
    assert HUB in question.informativeText()
    assert "Search pressed" in question.informativeText()
    question.act_button.click()
    assert opened.gate.mode is NetworkMode.ONLINE
    opened.press_search()


def test_staying_offline_is_asked_once_for_each_press(opened: OpenNetwork) -> None:
    opened.network.choose(NetworkMode.OFFLINE)
    for _ in range(2):
        with pytest.raises(OfflineChosenError):
            opened.press_search()
        question: QuestionDialog = opened.front(QuestionDialog)
        question.cancel_button.click()
        opened.settle()
        assert QApplication.activeModalWidget() is None
    assert opened.gate.mode is NetworkMode.OFFLINE


def test_the_settings_switch_it_too_and_other_settings_do_not(opened: OpenNetwork) -> None:
    window = opened.one.window
    settings = opened.one.services.settings
    window.settings.choose(replace(settings.load(), network=NetworkMode.OFFLINE))
    assert opened.gate.mode is NetworkMode.OFFLINE
    opened.network.choose(NetworkMode.ONLINE)
    window.settings.choose_speed_floor(7)
    assert (opened.gate.mode, opened.stored) == (NetworkMode.ONLINE, NetworkMode.ONLINE)


def test_an_empty_log_says_so(opened: OpenNetwork) -> None:
    page = opened.page()
    assert page.empty.words.text() == NOTHING
    assert page.table.isHidden()
    assert not page.export_button.isEnabled()
    assert page.switch_button.text() == "Stay offline"
    page.close()


@pytest.mark.expects_log_records
def test_the_page_lists_filters_exports_and_forgets(opened: OpenNetwork, tmp_path: Path) -> None:
    opened.press_search()
    with pytest.raises(NetworkForbiddenError):
        opened.gate.judge("socket.getaddrinfo", ("telemetry.example.com", 443, 0, 0, 0))
    page = opened.page()
    rows = [[page.model.index(row, column).data() for column in range(1, 7)] for row in range(2)]
    assert rows == [
        ["telemetry.example.com:443", "–", "–", "–", "–", "Refused: not asked for"],
        [f"{HUB}:443", "search", "Search pressed", "1.5 kB", "300 B", "Allowed"],
    ]
    assert page.count.text() == "2 connections, 1 refused"
    assert "MainThread" in page.model.index(0, 1).data(Qt.ItemDataRole.ToolTipRole)

    page.kinds[Shown.REFUSED].click()
    assert [one.host for one in page.model.shown] == ["telemetry.example.com:443"]
    page.kinds[Shown.ALL].click()
    page.field.setText("SEARCH hugging")
    assert [one.host for one in page.model.shown] == [f"{HUB}:443"]
    page.export(tmp_path / "log.json")
    [exported] = json.loads((tmp_path / "log.json").read_text(encoding="utf-8"))
    assert exported["press"] == "Search pressed"
    page.export(tmp_path / "log.csv")
    assert (tmp_path / "log.csv").read_text(encoding="utf-8").count("\n") == 2
    page.export(tmp_path / "missing" / "log.csv")
    assert "cannot be written" in page.count.text()
    page.field.setText("nothing like it")
    assert page.empty.words.text() == NOTHING_LIKE_IT

    page.field.clear()
    page.clear_button.click()
    question = next(one for one in page.findChildren(QuestionDialog) if one.isVisible())
    question.act_button.click()
    opened.settle()
    assert page.empty.words.text() == NOTHING
    page.close()


def test_the_page_is_opened_by_the_keyboard_and_its_switch_works(opened: OpenNetwork) -> None:
    QTest.keyClick(opened.card, Qt.Key.Key_Space)
    page: NetworkDialog = opened.front(NetworkDialog)
    page.switch_button.click()
    assert opened.gate.mode is NetworkMode.OFFLINE
    assert page.switch_button.text() == "Go online"
    assert page.title.text() == "Offline"
    page.close()


def test_a_run_that_was_started_offline_has_nothing_to_switch(
    open_window: Callable[..., OpenWindow], gate: Gate, machine: Database, profile: Path
) -> None:
    gate.hold_offline()
    network = NetworkService(gate, ConnectionStore(machine), SettingsStore(profile / "settings.json"))
    opened = OpenNetwork(open_window(network=network), gate)
    assert opened.card.switch_button.isHidden()
    page = opened.page()
    assert page.switch_button.isHidden()
    assert "--offline" in page.state.text()
    page.close()
