"""From the press of Download to the file on the disk: the window with the real queue, against a hub on loopback."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.core.download import DownloadState
from app.hub.huggingface import HuggingFaceHub
from app.storage.database import Database
from app.ui.downloads.confirm import DownloadDialog
from app.ui.library.precision_row import PrecisionRow
from app.ui.sidebar.library import LibraryPlace
from tests.hub_server.contents import Generated, bytes_of
from tests.hub_server.repositories import ServedRepository
from tests.hub_server.server import HubServer
from tests.ui.driving import OpenWindow
from tests.ui.library.fake_plans import FakePlans
from tests.unit.services.download_parts import make_queue

ID, FILE = "bartowski/Mistral-Small-GGUF", "Mistral-Small-Q4_K_M.gguf"
CONTENT = Generated(40_000_000, 7)


@pytest.fixture
def one(open_window: Callable[..., OpenWindow], hub_server: HubServer, machine: Database, profile: Path) -> OpenWindow:
    """A window whose hub has the file that is best for this computer; 10 MB a second."""
    hub_server.add(ServedRepository(ID, {FILE: CONTENT}))
    queue = make_queue(HuggingFaceHub(hub_server.endpoint), machine, profile)
    queue.settings.save(replace(queue.settings.load(), download_limit_megabytes=10))
    opened = open_window(plans=FakePlans(), downloads=queue.service)
    opened.wait_for_model()
    opened.window.navigation.show_library(LibraryPlace.DISCOVER)
    opened.qtbot.waitUntil(lambda: opened.window.discover.page.is_settled, timeout=10_000)
    return opened


def begin(one: OpenWindow) -> PrecisionRow:
    """Press Download, and again where size and licence are shown."""
    table = one.window.discover.page.list.cards["mistral-small"].table
    assert table is not None
    row = table.rows[FILE]
    row.row_actions.download_button.click()
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, DownloadDialog)
    dialog.go_button.click()
    return row


def test_download_pause_resume_and_there_it_is(one: OpenWindow, profile: Path) -> None:
    row, runner = begin(one), one.window.downloads.runner
    one.qtbot.waitUntil(lambda: row.strip.bar.value() > 0, timeout=10_000)
    row.row_actions.buttons.main_button.click()
    one.qtbot.waitUntil(lambda: row.strip.words.text() == "Paused", timeout=10_000)
    one.wait_until_idle()
    (paused,) = runner.downloads
    assert paused.state is DownloadState.PAUSED
    assert 0 < paused.done_bytes < paused.size_bytes
    assert not one.window.sidebar.footer.network_card.is_online
    settings = one.services.settings
    settings.save(replace(settings.load(), download_limit_megabytes=0))
    row.row_actions.buttons.main_button.click()
    one.qtbot.waitUntil(lambda: row.row_actions.buttons.main_button.text() == "Open", timeout=10_000)
    assert paused.model_path.read_bytes() == bytes_of(CONTENT)
    assert paused.model_path.is_relative_to(profile)
    assert one.page.notices.sentences == ["Mistral Small 3 24B Instruct (Q4_K_M) is ready."]
    one.wait_until_idle()


def test_closed_in_the_middle_it_goes_on_in_the_next_window(
    one: OpenWindow, hub_server: HubServer, machine: Database, profile: Path
) -> None:
    begin(one)
    runner = one.window.downloads.runner
    one.qtbot.waitUntil(lambda: bool(runner.fetched) and runner.fetched[0].download.done_bytes > 0, timeout=10_000)
    one.window.end()
    assert one.window.shutdown()
    again = make_queue(HuggingFaceHub(hub_server.endpoint), machine, profile)
    (kept,) = again.service.downloads()
    assert kept.state is DownloadState.WAITING
    assert 0 < kept.done_bytes < kept.size_bytes
    assert [download.id for download in again.service.startable()] == [kept.id]
