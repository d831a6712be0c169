"""Folders are watched: a model that comes or goes is noticed, and what else happens there is not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.ui.library.folder_watch import FolderWatch
from app.ui.library.shelf import Shelf
from app.ui.tasks import Tasks
from tests.ui.library.fake_library import FakeLibrary, installed


class Watched:
    """A folder that is watched, whose news settle at once."""

    def __init__(self, qtbot: QtBot, folder: Path, tasks: Tasks) -> None:
        self.qtbot = qtbot
        self.folder = folder
        self.tasks = tasks
        self.library = FakeLibrary([installed("Mine", path=folder / "below" / "mine.gguf")])
        self.library.other_folders = [folder]
        self.shelf = Shelf(self.library, tasks)
        self.watch = FolderWatch(self.shelf, tasks)
        self.watch.settling.setInterval(0)
        self.shelf.refresh()
        self.settle()

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.tasks.is_busy)

    def wait_until_noticed(self) -> None:
        """Wait for the system's word that something has happened, and for what comes of it."""
        with self.qtbot.waitSignal(self.watch.settling.timeout):
            pass
        self.settle()


@pytest.fixture
def watched(qtbot: QtBot, tmp_path: Path) -> Iterator[Watched]:
    (tmp_path / "below").mkdir()
    tasks = Tasks()
    yield Watched(qtbot, tmp_path, tasks)
    assert tasks.shutdown()


def test_the_folders_and_those_of_the_models_are_watched(watched: Watched) -> None:
    assert watched.watch.folders == [watched.folder, watched.folder / "below"], "those that are there"


def test_a_new_model_is_looked_for(watched: Watched) -> None:
    (watched.folder / "new.gguf").write_bytes(b"GGUF")
    watched.wait_until_noticed()
    assert watched.library.asked == ["scan"]


def test_a_download_that_is_being_written_is_no_news(watched: Watched) -> None:
    (watched.folder / "new.gguf.part").write_bytes(b"GGUF")
    watched.wait_until_noticed()
    assert watched.library.asked == []


def test_a_folder_that_is_forgotten_is_left_alone(watched: Watched) -> None:
    watched.shelf.forget_folder(watched.folder)
    watched.settle()
    assert watched.watch.folders == [watched.folder / "below"]
