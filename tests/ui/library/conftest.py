"""The library's page by itself, without the rest of the window."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.ui.downloads.desk import DownloadDesk
from app.ui.downloads.runner import DownloadRunner
from app.ui.library.model_card import ModelCard
from app.ui.library.page import LibraryPage
from app.ui.library.precision_row import PrecisionRow
from app.ui.tasks import Tasks
from app.ui.theme import Appearance
from tests.ui.library.fake_downloads import FakeDownloads
from tests.ui.library.fake_plans import FakePlans


@dataclass
class OpenLibrary:
    """A page on screen, and eyes for it."""

    qtbot: QtBot
    page: LibraryPage
    tasks: Tasks
    downloads: FakeDownloads
    desk: DownloadDesk

    def wait_until_settled(self) -> None:
        self.qtbot.waitUntil(lambda: self.page.is_settled and not self.tasks.is_busy, timeout=10_000)

    def card(self, model_id: str = "mistral-small") -> ModelCard:
        return self.page.list.cards[model_id]

    def row(self, quantization: str, model_id: str = "mistral-small") -> PrecisionRow:
        table = self.card(model_id).table
        assert table is not None
        return next(row for row in table.rows.values() if row.precision.text() == quantization)

    def press_remedy(self, quantization: str, words: str) -> None:
        reason = self.row(quantization).reason
        assert reason is not None
        next(button for button in reason.buttons if button.text() == words).click()


@pytest.fixture
def show_library(qtbot: QtBot, appearance: Appearance) -> Iterator[Callable[[FakePlans], OpenLibrary]]:
    """A function that shows a page of these plans, 1,032 pixels wide, and does not wait for them."""
    opened: list[OpenLibrary] = []

    def show(plans: FakePlans) -> OpenLibrary:
        tasks = Tasks()
        downloads = FakeDownloads()
        desk = DownloadDesk(DownloadRunner(downloads, tasks), window := QWidget())
        qtbot.addWidget(window)
        page = LibraryPage(plans, tasks, appearance, desk)
        qtbot.addWidget(page)
        page.resize(1032, 820)
        page.show()
        opened.append(OpenLibrary(qtbot, page, tasks, downloads, desk))
        return opened[-1]

    yield show
    for one in opened:
        assert one.tasks.shutdown()


@pytest.fixture
def open_library(show_library: Callable[[FakePlans], OpenLibrary]) -> Callable[[FakePlans], OpenLibrary]:
    """The same, but what fits is known when it returns."""

    def open_one(plans: FakePlans) -> OpenLibrary:
        one = show_library(plans)
        one.wait_until_settled()
        return one

    return open_one


@pytest.fixture
def plans() -> FakePlans:
    return FakePlans()


@pytest.fixture
def one(open_library: Callable[[FakePlans], OpenLibrary], plans: FakePlans) -> OpenLibrary:
    """A page that is ready."""
    return open_library(plans)
