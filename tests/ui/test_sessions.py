"""From one session of the window to the next: locked, opened, locked again, encrypted and decrypted."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.bootstrap import Options
from app.bootstrap.real_parts import make_hub
from app.bootstrap.window_door import window_door
from app.core.download import DownloadState
from app.core.errors import DiskFullError, StorageError
from app.core.lock import LockChange, LockKind, ProfileKey
from app.core.network import NetworkMode
from app.core.plan import ModelFile
from app.core.settings import Settings
from app.hub.base import Hub
from app.ui.downloads.acts import AddRequest
from app.ui.services import OpenedProfile, ProfileDoor
from app.ui.sessions import Sessions
from app.ui.window import MainWindow
from tests.gguf_files import small_model
from tests.hub_server.contents import Generated
from tests.hub_server.faults import Fault, Part
from tests.hub_server.repositories import ServedRepository
from tests.hub_server.server import HubServer
from tests.ui.lock.fake_lock import KEY, PASSPHRASE, FakeLock

Begin = Callable[[ProfileDoor], Sessions]
SECRET = "chrysanthemum"


@pytest.fixture
def door(tmp_path: Path) -> ProfileDoor:
    """The way into a real profile, with the engine that follows a script."""
    made = window_door(Options(profile=tmp_path / "profile", fake_engine=True))
    (tmp_path / "profile").mkdir()
    made.settings.save(Settings(first_run_done=True))
    return made


@pytest.fixture
def begin(qapp: QApplication, qtbot: QtBot) -> Iterator[Begin]:
    begun: list[Sessions] = []

    def begin_one(door: ProfileDoor) -> Sessions:
        begun.append(Sessions(door, qapp))
        begun[-1].start()
        return begun[-1]

    yield begin_one
    for sessions in begun:
        sessions.close()


def opened(sessions: Sessions, qtbot: QtBot) -> MainWindow:
    """The main window, once it is there."""
    qtbot.waitUntil(lambda: sessions.window is not None and sessions.cover is None, timeout=20_000)
    window = sessions.window
    assert window is not None
    return window


def ask(window: MainWindow, qtbot: QtBot, text: str) -> None:
    """Send a message once the model is there."""
    qtbot.waitUntil(lambda: window.page.header.words == "SmolLM2 135M", timeout=10_000)
    window.page.send(text)


def visible() -> list[str]:
    """The kinds of the windows in view."""
    return [type(widget).__name__ for widget in QApplication.topLevelWidgets() if widget.isVisible()]


def files_with(folder: Path, word: str) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]


def test_a_profile_is_encrypted_locked_opened_and_decrypted(
    begin: Begin, door: ProfileDoor, qtbot: QtBot, tmp_path: Path
) -> None:
    sessions = begin(door)
    window = opened(sessions, qtbot)
    assert not window.sidebar.lock_button.isVisible()
    ask(window, qtbot, f"The flower is a {SECRET}")
    qtbot.waitUntil(lambda: not window.tasks.is_busy, timeout=10_000)
    assert files_with(tmp_path, SECRET)
    window.lock.change_requested.emit(LockChange(LockKind.PASSPHRASE, PASSPHRASE))
    assert visible() == ["LockWindow"]
    qtbot.waitUntil(lambda: sessions.window is None)
    window = opened(sessions, qtbot)
    assert window.page.notices.rows[0].notice.sentence.startswith("Your conversations are encrypted now.")
    assert files_with(tmp_path, SECRET) == []
    window.dialogs.show_settings()
    QTest.mouseClick(window.sidebar.lock_button, Qt.MouseButton.LeftButton)
    assert visible() == ["LockWindow"], "no dialog stays either"
    window = unlocked(sessions, qtbot)
    (conversation,) = titles(window)
    assert SECRET in conversation
    window.lock.change_requested.emit(LockChange(LockKind.NONE))
    qtbot.waitUntil(lambda: sessions.window is None)
    window = opened(sessions, qtbot)
    assert window.page.notices.rows[0].notice.sentence.startswith("The lock is off")
    assert files_with(tmp_path, SECRET)


def titles(window: MainWindow) -> list[str]:
    """The titles in the sidebar."""
    model = window.sidebar.model
    found = [model.conversation(model.index(row)) for row in range(model.rowCount())]
    return [conversation.title for conversation in found if conversation is not None]


def faked(door: ProfileDoor, lock: FakeLock, keys: list[ProfileKey | None]) -> ProfileDoor:
    """A door that notes its keys and opens with each; the profile behind it is not encrypted."""

    def enter(key: ProfileKey | None) -> OpenedProfile:
        keys.append(key)
        profile = door.open(None)
        return OpenedProfile(replace(profile.services, lock=lock), profile.close)

    return replace(door, open=enter, lock=lock)


def test_the_keychain_opens_by_itself_at_the_start_and_not_after_locking(
    begin: Begin, door: ProfileDoor, qtbot: QtBot
) -> None:
    keys: list[ProfileKey | None] = []
    lock = FakeLock(LockKind.KEYCHAIN, StorageError("The keychain is locked. Unlock it."))
    sessions = begin(faked(door, lock, keys))
    view = sessions.view
    assert view is not None
    qtbot.waitUntil(lambda: view.said.text() == "The keychain is locked. Unlock it.")
    view.unlock()
    window = opened(sessions, qtbot)
    assert keys == [KEY]
    window.activateWindow()
    QTest.keyClick(window.page.composer.field, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: sessions.view is not None and sessions.window is None)
    assert lock.given == ["keychain", "keychain"]


def test_a_change_that_fails_leaves_the_profile_open_as_it_was(begin: Begin, door: ProfileDoor, qtbot: QtBot) -> None:
    keys: list[ProfileKey | None] = []
    lock = FakeLock(LockKind.NONE, DiskFullError("The disk is full. Free some space."))
    sessions = begin(faked(door, lock, keys))
    opened(sessions, qtbot).lock.change_requested.emit(LockChange(LockKind.PASSPHRASE, PASSPHRASE))
    qtbot.waitUntil(lambda: sessions.window is None)
    window = opened(sessions, qtbot)
    assert keys == [None, None]
    assert window.page.notices.rows[0].notice.sentence == "The disk is full. Free some space."


def test_it_locks_itself_when_nobody_is_there_but_not_in_mid_answer(
    begin: Begin, door: ProfileDoor, qtbot: QtBot
) -> None:
    keys: list[ProfileKey | None] = []
    sessions = begin(faked(door, FakeLock(LockKind.PASSPHRASE), keys))
    window = unlocked(sessions, qtbot)
    ask(window, qtbot, "word " * 30)
    window.lock.idle.idled.emit()
    assert sessions.cover is None, "the answer is let finish"
    qtbot.waitUntil(lambda: not window.replies.live, timeout=10_000)
    window.lock.idle.idled.emit()
    assert visible() == ["LockWindow"]
    qtbot.waitUntil(lambda: sessions.view is not None and sessions.window is None)


def unlocked(sessions: Sessions, qtbot: QtBot) -> MainWindow:
    """The main window, once the passphrase was given."""
    qtbot.waitUntil(lambda: sessions.view is not None and sessions.window is None)
    assert sessions.view is not None
    sessions.view.field.setText(PASSPHRASE)
    sessions.view.unlock()
    return opened(sessions, qtbot)


def test_before_sleep_what_is_being_written_is_stopped_and_kept(begin: Begin, door: ProfileDoor, qtbot: QtBot) -> None:
    keys: list[ProfileKey | None] = []
    sessions = begin(faked(door, FakeLock(LockKind.PASSPHRASE), keys))
    window = unlocked(sessions, qtbot)
    ask(window, qtbot, "word " * 200)
    qtbot.waitUntil(lambda: bool(window.replies.live and window.replies.live[0].is_answering), timeout=10_000)
    window.lock.sleep.slept.emit()
    again = unlocked(sessions, qtbot)
    (title,) = titles(again)
    assert title.startswith("word word")
    again.page.show_conversation(1)
    assert again.page.last_answer is not None
    assert again.page.last_answer.text.startswith("You said: word")


@pytest.fixture
def hub(hub_server: HubServer, monkeypatch: pytest.MonkeyPatch) -> HubServer:
    """A hub on loopback that the profile asks, with a model that takes its time."""

    def make(options: Options, *rest: Any) -> Hub:
        return make_hub(replace(options, fake_engine=False), *rest)

    monkeypatch.setattr("app.bootstrap.model_parts.make_hub", make)
    monkeypatch.setenv("HF_ENDPOINT", hub_server.endpoint)
    model = Generated(2_000_000, first=small_model().to_bytes())
    hub_server.add(ServedRepository("somebody/Small-GGUF", {"Small-Q4_K_M.gguf": model}))
    hub_server.fail(Part.STORAGE, Fault(bytes_per_second=1_000_000, method="GET"))
    return hub_server


def test_downloads_go_on_by_themselves_after_unlocking_and_the_card_says_so(
    begin: Begin, door: ProfileDoor, qtbot: QtBot, hub: HubServer
) -> None:
    door.settings.save(Settings(first_run_done=True, network=NetworkMode.ONLINE))
    keys: list[ProfileKey | None] = []
    sessions = begin(faked(door, FakeLock(LockKind.PASSPHRASE), keys))
    window = unlocked(sessions, qtbot)
    runner = window.downloads.runner
    runner.add(AddRequest("somebody/Small-GGUF", ModelFile("Small-Q4_K_M.gguf", "Q4_K_M", 2_000_000)))
    qtbot.waitUntil(lambda: any(one.download.done_bytes for one in runner.fetched), timeout=10_000)
    window.lock.lock_now()
    qtbot.waitUntil(lambda: sessions.view is not None and sessions.window is None)
    assert sessions.view is not None
    assert sessions.view.waiting.text() == "1 download waits, and goes on by itself after unlocking."
    assert sessions.view.waiting.isVisible()
    hub.heal()
    runner = unlocked(sessions, qtbot).downloads.runner
    qtbot.waitUntil(lambda: [one.state for one in runner.downloads] == [DownloadState.DONE], timeout=10_000)
    assert hub.sent[-1].start > 0, "from where it was"
    window = opened(sessions, qtbot)
    window.lock.lock_now()
    qtbot.waitUntil(lambda: sessions.view is not None and sessions.window is None)
    assert not sessions.view.waiting.isVisible(), "there is nothing to wait for"
