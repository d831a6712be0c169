"""The page "Downloads": what a person sees there, and what a press does."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.core.download import Download, DownloadState, DownloadStep
from app.ui.downloads.desk import DownloadDesk
from app.ui.downloads.page import DownloadsPage
from app.ui.downloads.row import DownloadRow
from app.ui.downloads.runner import DownloadRunner
from app.ui.questions import QuestionDialog
from app.ui.tasks import Tasks
from app.ui.theme import Appearance
from tests.ui.library.fake_downloads import FOLDER, FakeDownloads, a_download
from tests.ui.test_names import assert_named

GB = 10**9


@dataclass
class OpenDownloads:
    """A page on screen, and eyes for it."""

    qtbot: QtBot
    page: DownloadsPage
    desk: DownloadDesk
    tasks: Tasks
    service: FakeDownloads

    def row(self, number: int = 1) -> DownloadRow:
        return self.page.row(number)

    def wait(self, holds: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(holds, timeout=5000)

    def wait_for_words(self, words: str, number: int = 1) -> None:
        self.wait(lambda: number in self.page.rows and self.row(number).isVisible())
        self.wait(lambda: self.row(number).strip.words.text() == words)


Open = Callable[..., OpenDownloads]


@pytest.fixture
def open_page(qtbot: QtBot, appearance: Appearance) -> Iterator[Open]:
    """A function that shows a page of these downloads as soon as they are read."""
    opened: list[OpenDownloads] = []

    def show(*downloads: Download, at_once: int = 3) -> OpenDownloads:
        tasks, service = Tasks(), FakeDownloads(*downloads, at_once=at_once)
        window = QWidget()
        qtbot.addWidget(window)
        desk = DownloadDesk(DownloadRunner(service, tasks, window), window)
        page = DownloadsPage(desk, appearance)
        qtbot.addWidget(page)
        page.resize(1032, 820)
        page.show()
        opened.append(OpenDownloads(qtbot, page, desk, tasks, service))
        desk.runner.start()
        opened[-1].wait(lambda: desk.runner.is_read)
        return opened[-1]

    yield show
    for one in opened:
        assert one.tasks.shutdown()


def question() -> QuestionDialog:
    found = QApplication.activeModalWidget()
    assert isinstance(found, QuestionDialog)
    return found


def test_when_nothing_is_there_it_says_what_to_do(open_page: Open) -> None:
    one = open_page()
    assert one.page.empty.isVisible()
    assert "Choose a model that fits" in one.page.empty.words.text()
    with one.qtbot.waitSignal(one.page.discover_requested):
        one.page.empty.button.click()


def test_a_row_says_what_how_far_how_fast_and_how_long(open_page: Open) -> None:
    one = open_page(a_download(1))
    one.wait_for_words("Downloading")
    one.service.tell(1, 6_700_000_000, 48.2e6, 110)
    one.wait_for_words("Downloading · 48.2 MB/s · 1 min 50 s left")
    row = one.row()
    assert row.name.text() == "Phi-4 14B"
    assert row.facts.text() == "Q6_K · 12.0 GB · MIT"
    assert row.strip.figures.text() == "6.7 / 12.0 GB"
    assert row.strip.bar.value() == 5569
    assert row.strip.bar.accessibleName() == (
        "Phi-4 14B (Q6_K): Downloading · 48.2 MB/s · 1 min 50 s left, 6.7 / 12.0 GB"
    )
    assert one.page.totals.text() == "1 under way · 6.7 of 12.0 GB · 48.2 MB/s"
    one.service.tell(1, 6_700_000_000, step=DownloadStep.CHECKING)
    one.wait_for_words("Checking what is there")
    one.service.tell(1, 6_700_000_000, left=8, step=DownloadStep.RETRYING)
    one.wait_for_words("Trying again in 8 s")


def test_pause_and_resume_are_the_same_button(open_page: Open) -> None:
    one = open_page(a_download(1))
    one.wait_for_words("Downloading")
    main = one.row().buttons.main_button
    assert main.text() == "Pause"
    main.click()
    one.wait_for_words("Paused")
    assert main.text() == "Resume"
    main.click()
    one.wait_for_words("Downloading")


def test_a_little_is_cancelled_at_once(open_page: Open) -> None:
    one = open_page(a_download(1))
    one.wait_for_words("Downloading")
    one.row().buttons.other_button.click()
    one.wait(lambda: not one.page.rows)
    assert one.page.empty.isVisible()


def test_before_much_is_lost_it_asks(open_page: Open) -> None:
    one = open_page(a_download(1, state=DownloadState.PAUSED, done_bytes=5_200_000_000))
    one.row().buttons.other_button.click()
    asked = question()
    assert "5.2 GB that were fetched will be deleted" in asked.informativeText()
    asked.cancel_button.click()
    one.wait(lambda: not one.tasks.is_busy)
    assert list(one.page.rows) == [1]
    one.row().buttons.other_button.click()
    question().act_button.click()
    one.wait(lambda: not one.page.rows)


def test_a_failure_is_a_sentence_with_a_way_out(open_page: Open) -> None:
    one = open_page(a_download(1))
    one.wait_for_words("Downloading")
    one.service.stop(1, DownloadState.FAILED, "The file that came is not the one that was listed.")
    one.wait_for_words("Stopped")
    row = one.row()
    assert row.strip.sentence.isVisible()
    assert row.strip.sentence.text() == "The file that came is not the one that was listed."
    assert not row.buttons.page_button.isVisible()
    assert not row.buttons.token_button.isVisible()
    assert row.buttons.main_button.text() == "Retry"
    row.buttons.main_button.click()
    one.wait_for_words("Downloading")
    assert not row.strip.sentence.isVisible()


def test_a_gated_model_shows_the_address_of_its_page_first(open_page: Open) -> None:
    one = open_page(a_download(1))
    one.wait_for_words("Downloading")
    one.service.stop(1, DownloadState.FAILED, "Agree to its terms.", "https://huggingface.co/maker/Phi")
    one.wait(lambda: 1 in one.page.rows and one.row().buttons.page_button.isVisible())
    with one.qtbot.waitSignal(one.desk.token_requested):
        one.row().buttons.token_button.click()
    one.row().buttons.page_button.click()
    shown = QApplication.activeModalWidget()
    assert isinstance(shown, QMessageBox)
    assert shown.informativeText() == "https://huggingface.co/maker/Phi"
    shown.close()


def test_what_is_done_can_be_opened_shown_and_cleared(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    one = open_page(a_download(1, size_bytes=2 * GB))
    one.wait_for_words("Downloading")
    one.service.finish(1)
    one.wait_for_words("On this computer")
    row = one.row()
    assert not row.strip.bar.isVisible()
    assert one.page.totals.text() == "Everything is here."
    assert row.buttons.main_button.text() == "Open"
    with one.qtbot.waitSignal(one.desk.open_requested) as opened:
        row.buttons.main_button.click()
    assert opened.args == [Path(FOLDER / "Phi-4 14B-Q6_K.gguf")]
    shown: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", shown.append)
    row.folder_button.click()
    assert [url.toLocalFile() for url in shown] == [str(FOLDER)]
    assert row.buttons.other_button.text() == "Clear"
    row.buttons.other_button.click()
    one.wait(lambda: not one.page.rows)


def test_what_waits_can_come_sooner_or_later(open_page: Open) -> None:
    one = open_page(*(a_download(number, f"Model {number}") for number in (1, 2, 3, 4)), at_once=1)
    one.wait_for_words("Downloading")
    assert [one.row(n).up_button.isVisible() for n in (1, 2, 3, 4)] == [False, True, True, True]
    assert [one.row(n).up_button.isEnabled() for n in (2, 3, 4)] == [False, True, True]
    assert [one.row(n).down_button.isEnabled() for n in (2, 3, 4)] == [True, True, False]
    one.row(4).up_button.click()
    one.wait(lambda: one.page.names == ["Model 1", "Model 2", "Model 4", "Model 3"])
    one.row(2).down_button.click()
    one.wait(lambda: one.page.names == ["Model 1", "Model 4", "Model 2", "Model 3"])
    one.wait(lambda: one.row(1).y() < one.row(4).y() < one.row(2).y() < one.row(3).y())


def test_all_are_paused_and_go_on_together(open_page: Open) -> None:
    one = open_page(a_download(1), a_download(2), at_once=1)
    one.wait_for_words("Downloading")
    assert one.page.all_button.text() == "Pause all"
    one.page.all_button.click()
    one.wait(lambda: one.page.totals.text().startswith("2 paused"))
    assert one.page.all_button.text() == "Resume all"
    one.page.all_button.click()
    one.wait(lambda: one.page.totals.text().startswith("1 under way, 1 waiting"))


@pytest.mark.parametrize("width", [472, 776, 1032, 1352])
def test_nothing_is_cut_off(open_page: Open, width: int) -> None:
    gated = replace(a_download(3, state=DownloadState.FAILED, sentence="Agree. " * 20), page="https://hub/x")
    done = a_download(4, "A model with a rather long name", state=DownloadState.DONE)
    one = open_page(a_download(1), a_download(2), a_download(5), gated, done, at_once=1)
    one.page.resize(width, 820)
    one.wait_for_words("Waiting for its turn", 2)
    one.wait(lambda: _cut_off(one.page) == [])
    assert_named(one.page, 10)


def _cut_off(page: QWidget) -> list[str]:
    """Buttons that are narrower than their words, or beyond the page's edge."""
    shown = [button for button in page.findChildren(QPushButton) if button.isVisible()]
    return [
        button.text()
        for button in shown
        if button.width() < button.minimumSizeHint().width()
        or button.mapTo(page, button.rect().topRight()).x() >= page.width()
    ]
