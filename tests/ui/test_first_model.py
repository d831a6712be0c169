"""From the first start to a chat with a model downloaded a moment ago: the real application, a hub on loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.bootstrap import Application, Options, assemble, window_services
from app.ui.app import destroy
from app.ui.downloads.confirm import DownloadDialog
from app.ui.first_run.page import FirstRunPage
from app.ui.window import MainWindow
from tests.hub_server.contents import LocalFile
from tests.hub_server.repositories import ServedRepository
from tests.hub_server.server import HubServer
from tests.included import INCLUDED_MODEL

pytestmark = pytest.mark.real_model

ID, FILE = "somebody/SmolLM2-135M-Instruct-GGUF", "SmolLM2-135M-Instruct-Q4_1.gguf"
LONG = 60_000


@pytest.fixture
def application(tmp_path: Path, hub_server: HubServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Application]:
    hub_server.add(ServedRepository(ID, {FILE: LocalFile(INCLUDED_MODEL)}))
    monkeypatch.setenv("HF_ENDPOINT", hub_server.endpoint)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))  # no other application's models
    made = assemble(Options(profile=tmp_path / "profile"))
    yield made
    made.close()


def test_from_the_first_start_to_a_chat_with_a_downloaded_model(
    application: Application, hub_server: HubServer, qtbot: QtBot, tmp_path: Path
) -> None:
    window = MainWindow(window_services(application))
    window.show()
    first = window.centre.alone
    assert isinstance(first, FirstRunPage)
    qtbot.waitUntil(lambda: first.is_settled, timeout=LONG)
    qtbot.waitUntil(lambda: window.page.header.words == "SmolLM2 135M", timeout=LONG)
    assert hub_server.requests == [], "nothing is asked of the hub before somebody wants it"

    first.choosing.all_button.click()
    qtbot.waitUntil(lambda: window.discover.page.is_settled, timeout=LONG)
    QTest.keyClicks(window.discover.page.filters.field, ID)
    results = window.discover.page.hub
    qtbot.waitUntil(lambda: results.ask_button.isVisible())
    assert hub_server.requests == []
    results.ask_button.click()
    qtbot.waitUntil(lambda: ID in results.cards, timeout=LONG)
    table = results.cards[ID].table
    assert table is not None
    row = table.rows[FILE]
    row.row_actions.download_button.click()
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, DownloadDialog)
    dialog.go_button.click()
    qtbot.waitUntil(lambda: row.row_actions.buttons.main_button.text() == "Open", timeout=LONG)

    row.row_actions.buttons.main_button.click()
    qtbot.waitUntil(lambda: window.page.isVisible(), timeout=LONG)
    qtbot.waitUntil(lambda: _path(application) == tmp_path / "profile" / "models" / ID / FILE, timeout=LONG)
    qtbot.waitUntil(lambda: window.page.header.dot.state.name == "READY", timeout=LONG)
    assert _path(application).read_bytes() == INCLUDED_MODEL.read_bytes()

    QTest.keyClicks(window.page.composer.field, "What is the capital of France?")
    QTest.keyClick(window.page.composer.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not window.tasks.is_busy and len(window.page.transcript.rows) > 1, timeout=LONG)
    assert "Paris" in window.page.transcript.rows[-1].text

    listed = {model.path: model for model in application.library.models()}
    downloaded = listed[_path(application)]
    assert downloaded.repository == ID
    assert downloaded.sha256 == LocalFile(INCLUDED_MODEL).sha256
    assert downloaded.last_used is not None
    assert window.shutdown()
    window.close()
    destroy(window)


def _path(application: Application) -> Path:
    current = application.models.current
    return current.info.path if current is not None else Path()
