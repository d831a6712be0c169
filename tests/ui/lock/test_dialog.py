"""The dialog of the lock: what it asks for before it sends off a change."""

from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.core.errors import WrongPassphraseError
from app.core.lock import LockChange, LockKind
from app.ui.lock.dialog import LockDialog
from app.ui.tasks import Tasks
from app.ui.theme import Appearance
from tests.ui.lock.fake_lock import PASSPHRASE, FakeLock


class Open:
    """An open dialog and the changes that it sent off."""

    def __init__(self, lock: FakeLock, dialog: LockDialog) -> None:
        self.lock = lock
        self.dialog = dialog
        self.changes: list[LockChange] = []
        dialog.change_chosen.connect(self.changes.append)

    def write(self, first: str, again: str) -> None:
        """Choose a passphrase and type it twice."""
        self.dialog.choices[LockKind.PASSPHRASE].setChecked(True)
        self.dialog.first.setText(first)
        self.dialog.again.setText(again)


@pytest.fixture
def open_dialog(qtbot: QtBot, appearance: Appearance) -> Iterator[Callable[[FakeLock], Open]]:
    tasks = Tasks()

    def open_one(lock: FakeLock) -> Open:
        dialog = LockDialog(lock, lock.kind, tasks, appearance)
        one = Open(lock, dialog)
        dialog.open()
        qtbot.waitUntil(lambda: dialog.is_settled)
        return one

    yield open_one
    assert tasks.shutdown()


def test_a_passphrase_is_typed_twice_and_its_loss_is_said_to_be_final(open_dialog: Callable[[FakeLock], Open]) -> None:
    one = open_dialog(FakeLock(LockKind.NONE))
    assert not one.dialog.act_button.isEnabled(), "nothing is changed yet"
    assert not one.dialog.final.isVisible()
    one.write("short", "short")
    assert one.dialog.final.isVisible()
    assert one.dialog.hint.text().startswith("5 characters.")
    one.dialog.act_button.click()
    assert one.dialog.said.text().startswith("A passphrase has at least")
    one.write(PASSPHRASE, "correct horse batteri")
    one.dialog.act_button.click()
    assert one.dialog.said.text() == "The two passphrases are not the same."
    one.dialog.again.setText(PASSPHRASE)
    one.dialog.act_button.click()
    assert one.changes == [LockChange(LockKind.PASSPHRASE, PASSPHRASE)]
    assert one.dialog.first.text() == ""


def test_the_passphrase_in_force_is_asked_for(open_dialog: Callable[[FakeLock], Open], qtbot: QtBot) -> None:
    one = open_dialog(FakeLock(LockKind.PASSPHRASE, WrongPassphraseError("That is not it.", wait_seconds=1.0)))
    one.dialog.choices[LockKind.NONE].setChecked(True)
    assert one.dialog.act_button.text() == "Turn the lock off"
    assert not one.dialog.act_button.isEnabled()
    one.dialog.current.setText("wrong")
    one.dialog.act_button.click()
    qtbot.waitUntil(lambda: one.dialog.said.text() == "That is not it.")
    one.dialog.current.setText(PASSPHRASE)
    one.dialog.act_button.click()
    qtbot.waitUntil(lambda: bool(one.changes))
    assert (one.changes, one.lock.given) == ([LockChange(LockKind.NONE)], ["wrong", PASSPHRASE])


def test_a_keychain_that_is_missing_cannot_be_chosen(open_dialog: Callable[[FakeLock], Open]) -> None:
    one = open_dialog(FakeLock(LockKind.NONE, has_keychain=False))
    assert not one.dialog.choices[LockKind.KEYCHAIN].isEnabled()
    assert one.dialog.keychain_words.text() == "This system has no keychain that Inglenook can use."
    one.dialog.reject()
    other = open_dialog(FakeLock(LockKind.NONE))
    other.dialog.choices[LockKind.KEYCHAIN].setChecked(True)
    other.dialog.act_button.click()
    assert other.changes == [LockChange(LockKind.KEYCHAIN)]
