"""Shows that a model file opens with the window, and in the window that is open already."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from app.core.run import RunStep
from app.services.safe_start import CrashFound
from tests.ui.driving import OpenWindow

Open = Callable[..., OpenWindow]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "other model.gguf"
    made.write_bytes(b"GGUF and more")
    return made


def test_the_window_opens_with_the_given_model(open_window: Open, file: Path) -> None:
    one = open_window(given_model=file)
    one.qtbot.waitUntil(lambda: one.page.header.words == "other model")


def test_who_opens_a_file_is_not_asked_first_how_to_start(open_window: Open, file: Path, tmp_path: Path) -> None:
    crash = CrashFound("SmolLM2 135M", tmp_path / "m.gguf", RunStep.LOADING, tmp_path / "inglenook.log")
    one = open_window(given_model=file, crash=crash, is_first_run=True)
    one.qtbot.waitUntil(lambda: one.page.header.words == "other model")
    assert one.page.isVisible()


def test_the_first_start_with_a_file_shows_the_chats(open_window: Open, file: Path) -> None:
    one = open_window(given_model=file, is_first_run=True)
    one.qtbot.waitUntil(lambda: one.page.header.words == "other model")
    assert one.page.isVisible()


def test_a_file_that_the_system_hands_over_later(
    open_window: Open, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ui.file_opening.IS_ASKED_BY_SYSTEM", True)
    one = open_window()
    one.wait_for_model()
    application = QApplication.instance()
    assert application is not None
    QApplication.sendEvent(application, QFileOpenEvent(QUrl.fromLocalFile(str(file))))
    one.wait_until_idle()
    assert one.page.header.words == "other model"
