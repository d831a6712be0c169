"""The library's page by itself, without the rest of the window."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.core.library import ModelOrigin
from app.ui.downloads.desk import DownloadDesk
from app.ui.downloads.runner import DownloadRunner
from app.ui.library.model_card import ModelCard
from app.ui.library.page import LibraryPage
from app.ui.library.precision_row import PrecisionRow
from app.ui.library.shelf import Shelf
from app.ui.library.shelf_page import ShelfPage
from app.ui.library.shelf_rows import ShelfRow
from app.ui.sidebar.entry import EntryButton
from app.ui.sidebar.library import LibraryPlace
from app.ui.tasks import Tasks
from app.ui.theme import Appearance
from tests.ui.driving import OpenWindow
from tests.ui.library.fake_downloads import FakeDownloads
from tests.ui.library.fake_library import INCLUDED, FakeLibrary, installed
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


@dataclass
class OpenShelf:
    """The page "On this computer", and hands and eyes for it."""

    qtbot: QtBot
    page: ShelfPage
    shelf: Shelf
    tasks: Tasks
    library: FakeLibrary

    @property
    def sentences(self) -> list[str]:
        return self.page.notices.sentences

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.tasks.is_busy, timeout=10_000)
        self.qtbot.wait(1)

    def refresh(self) -> None:
        """Show what is in the library now."""
        self.shelf.refresh()
        self.settle()

    def dialog(self) -> QDialog:
        """The dialog in front."""
        found = QApplication.activeModalWidget()
        assert isinstance(found, QDialog)
        return found

    def row(self, name: str) -> ShelfRow:
        return next(row for row in self.page.rows.rows if row.model.name == name)

    def choose(self, name: str) -> None:
        """Click on the model's row."""
        index = self.page.rows.index_of(self.row(name).model.path)
        self.page.list.scrollTo(index)
        place = self.page.list.visualRect(index).topLeft() + QPoint(80, 20)
        QTest.mouseClick(self.page.list.viewport(), Qt.MouseButton.LeftButton, pos=place)

    @property
    def buttons(self) -> dict[str, QPushButton]:
        """What the current row offers, by its words."""
        shown = [button for button in self.page.list.bar.buttons.values() if button.isVisible()]
        return {button.text(): button for button in shown}

    def press(self, name: str, words: str) -> None:
        """Choose a model, and press one of its buttons."""
        self.choose(name)
        self.buttons[words].click()


@dataclass
class ShelfInWindow(OpenShelf):
    """The same, in a window."""

    window: OpenWindow

    @property
    def page_button(self) -> EntryButton:
        return self.window.window.library_sidebar.entries[LibraryPlace.SHELF]


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
def library() -> FakeLibrary:
    """The included model, one that was downloaded, one of Ollama, and one whose file is gone."""
    return FakeLibrary(
        [
            INCLUDED,
            installed("Gemma 3 12B", 8.1, ModelOrigin.OLLAMA, license="gemma", tokens_per_second=38.2),
            installed("Mistral Small 3", 14.3, license="apache-2.0", context_length=32768, tokens_per_second=71.8),
            installed("Phi-4 14B", 9.0, ModelOrigin.ADDED, path="/usb/phi.gguf", license="mit", is_missing=True),
        ]
    )


@pytest.fixture
def shelf(qtbot: QtBot, appearance: Appearance, library: FakeLibrary) -> Iterator[OpenShelf]:
    """The page "On this computer" by itself, with the included model in use."""
    tasks = Tasks()
    inner = Shelf(library, tasks)
    page = ShelfPage(inner, appearance)
    qtbot.addWidget(page)
    page.resize(1032, 820)
    page.show_in_use(INCLUDED.path)
    page.show()
    one = OpenShelf(qtbot, page, inner, tasks, library)
    one.settle()
    yield one
    assert tasks.shutdown()


@pytest.fixture
def in_window(open_window: Callable[..., OpenWindow], library: FakeLibrary) -> ShelfInWindow:
    """The same page in view in a window."""
    opened = open_window(library=library)
    opened.wait_for_model()
    joined, tasks = opened.window.shelf, opened.window.tasks
    one = ShelfInWindow(opened.qtbot, joined.page, joined.shelf, tasks, library, opened)
    one.page_button.click()
    one.settle()
    return one


@pytest.fixture
def plans() -> FakePlans:
    return FakePlans()


@pytest.fixture
def one(open_library: Callable[[FakePlans], OpenLibrary], plans: FakePlans) -> OpenLibrary:
    """A page that is ready."""
    return open_library(plans)
