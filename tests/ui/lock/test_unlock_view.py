"""The card of a locked profile: a passphrase or the keychain, waits, and what is said of a failure."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.core.errors import StorageError, WrongPassphraseError
from app.core.lock import LockKind, ProfileKey
from app.ui.lock.unlock_view import UnlockView
from app.ui.tasks import Tasks
from app.ui.theme import Appearance
from tests.ui.lock.fake_lock import KEY, PASSPHRASE, FakeLock

Make = Callable[[FakeLock], UnlockView]


@pytest.fixture
def make(qtbot: QtBot, appearance: Appearance) -> Iterator[Make]:
    tasks = Tasks()

    def make_one(lock: FakeLock) -> UnlockView:
        view = UnlockView(lock, lock.kind, tasks, appearance)
        qtbot.addWidget(view)
        view.show()
        view.focus()
        return view

    yield make_one
    assert tasks.shutdown()


def test_the_passphrase_opens_it_and_is_forgotten(make: Make, qtbot: QtBot) -> None:
    lock = FakeLock(LockKind.PASSPHRASE)
    view = make(lock)
    keys: list[ProfileKey] = []
    view.opened.connect(keys.append)
    assert not view.unlock_button.isEnabled()
    QTest.keyClicks(view.field, PASSPHRASE)
    QTest.keyClick(view.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(keys))
    assert (keys, lock.given, view.field.text()) == ([KEY], [PASSPHRASE], "")


def test_a_wrong_one_is_told_and_the_wait_is_counted_down(make: Make, qtbot: QtBot) -> None:
    view = make(FakeLock(LockKind.PASSPHRASE, WrongPassphraseError("Wrong.", wait_seconds=1.2)))
    QTest.keyClicks(view.field, "wrong")
    view.unlock()
    assert view.field.isReadOnly()
    qtbot.waitUntil(lambda: view.is_settled)
    assert view.said.text() == "This passphrase has not opened it. The next try is in 2 seconds."
    assert not view.unlock_button.isEnabled()
    qtbot.waitUntil(lambda: view.said.text().endswith("in 1 second."), timeout=3000)
    qtbot.waitUntil(view.unlock_button.isEnabled, timeout=3000)
    assert not view.field.isReadOnly()
    assert view.field.selectedText() == "wrong", "the next one is typed over it"


def test_a_keychain_that_fails_is_asked_again(make: Make, qtbot: QtBot) -> None:
    lock = FakeLock(LockKind.KEYCHAIN, StorageError("The keychain is locked. Unlock it."))
    view = make(lock)
    keys: list[ProfileKey] = []
    view.opened.connect(keys.append)
    assert not view.field.isVisible()
    view.unlock()
    qtbot.waitUntil(lambda: view.unlock_button.text() == "Try again")
    assert view.said.text() == "The keychain is locked. Unlock it."
    view.unlock_button.click()
    qtbot.waitUntil(lambda: bool(keys))
    assert lock.given == ["keychain", "keychain"]


def test_the_eye_shows_what_is_typed(make: Make) -> None:
    view = make(FakeLock(LockKind.PASSPHRASE))
    assert view.field.echoMode() is QLineEdit.EchoMode.Password
    view.field.eye.trigger()
    assert view.field.echoMode() is QLineEdit.EchoMode.Normal
    assert view.field.eye.text() == "Hide the passphrase"
