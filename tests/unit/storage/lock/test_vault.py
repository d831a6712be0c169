"""The lock of a profile: what opens it, what does not, and that a change that is cut off loses nothing."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeychain
from keyring.backends.null import Keyring as NullKeychain

from app.core.conversation import Role
from app.core.errors import (
    DatabaseBusyError,
    DatabaseCorruptError,
    DiskFullError,
    ProfileLockedError,
    StorageError,
    WrongPassphraseError,
)
from app.core.lock import LockChange, LockKind, ProfileKey
from app.paths import Paths
from app.storage.conversations import ConversationStore
from app.storage.database import open_database
from app.storage.lock.key_file import Argon2
from app.storage.lock.passphrase_tries import LONGEST_WAIT_SECONDS
from app.storage.lock.vault import Vault
from tests.unit.storage.conftest import NOW, StartProcess
from tests.unit.storage.keychains import TRUSTED, FileKeychain

SECRET = "the planted secret of the chat"
PASSPHRASE = "correct horse"
CHEAP = Argon2(iterations=1, lanes=1, memory_kib=8)  # what it costs is the library's affair
NO_LOCK = LockChange(LockKind.NONE)
BY_PASSPHRASE = LockChange(LockKind.PASSPHRASE, PASSPHRASE)
BY_KEYCHAIN = LockChange(LockKind.KEYCHAIN)


@dataclass
class Clock:
    """A time that passes when it is told to."""

    seconds: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Profile:
    """A profile with a conversation, its vault, and the keychain of its computer."""

    paths: Paths
    clock: Clock = field(default_factory=Clock)

    @property
    def vault(self) -> Vault:
        """Made anew, as after a restart."""
        return Vault(self.paths, TRUSTED, CHEAP, self.clock)

    def key(self) -> ProfileKey | None:
        vault = self.vault
        if vault.kind is LockKind.NONE:
            return None
        if vault.kind is LockKind.KEYCHAIN:
            return vault.open_with_keychain()
        return vault.open_with_passphrase(PASSPHRASE)

    def become(self, wanted: LockChange) -> ProfileKey | None:
        return self.vault.change(self.key(), wanted, lambda _: None)

    def texts(self) -> list[str]:
        """What the conversation says, read with the key that opens the profile."""
        key = self.key()
        database = open_database(self.paths.database, NOW, key=None if key is None else key.database).database
        store = ConversationStore(database)
        found = [message.text for conversation in store.list() for message in store.messages(conversation.id)]
        database.close()
        return found

    def holding(self, text: str) -> list[str]:
        """The names of the files that hold `text` as it is."""
        return [p.name for p in self.paths.profile.rglob("*") if p.is_file() and text.encode() in p.read_bytes()]


@pytest.fixture
def keychain(tmp_path: Path) -> Iterator[FileKeychain]:
    before = keyring.get_keyring()
    made = FileKeychain(tmp_path / "keychain.json")
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def profile(tmp_path: Path, keychain: FileKeychain) -> Profile:
    paths = Paths(tmp_path / "profile", tmp_path)
    paths.states.mkdir(parents=True)
    (paths.states / "1-abc.state").write_text(SECRET)
    database = open_database(paths.database, NOW).database
    store = ConversationStore(database)
    store.add_message(store.create("A title").id, Role.USER, SECRET)
    database.close()
    return Profile(paths)


@pytest.mark.parametrize("wanted", [BY_PASSPHRASE, BY_KEYCHAIN])
def test_a_lock_leaves_no_text_in_any_file_and_can_be_taken_off(profile: Profile, wanted: LockChange) -> None:
    assert set(profile.holding(SECRET)) == {"conversations.db", "1-abc.state"}
    profile.become(wanted)
    assert profile.vault.kind is wanted.kind
    assert profile.holding(SECRET) == []
    assert list(profile.paths.states.iterdir()) == []
    assert profile.texts() == [SECRET]
    profile.become(NO_LOCK)
    assert profile.texts() == [SECRET]
    assert sorted(p.name for p in profile.paths.profile.iterdir()) == ["conversations.db", "states"]


def test_an_encrypted_database_in_use_holds_no_text_in_its_log(profile: Profile) -> None:
    key = profile.become(BY_PASSPHRASE)
    assert key is not None
    database = open_database(profile.paths.database, NOW, key=key.database).database
    store = ConversationStore(database)
    store.add_message(store.create("Another").id, Role.USER, SECRET * 100)
    assert {"conversations.db-wal", "conversations.db-shm"} <= {p.name for p in profile.paths.profile.iterdir()}
    assert profile.holding(SECRET) == []
    database.close()


def test_the_files_of_a_lock_are_for_this_user_only(profile: Profile) -> None:
    profile.become(BY_PASSPHRASE)
    if sys.platform != "win32":
        assert {p.stat().st_mode & 0o777 for p in profile.paths.profile.iterdir() if p.is_file()} == {0o600}


def test_a_new_passphrase_replaces_the_old_and_keeps_the_key(profile: Profile) -> None:
    key = profile.become(BY_PASSPHRASE)
    before = profile.paths.database.read_bytes()
    assert profile.vault.change(key, LockChange(LockKind.PASSPHRASE, "battery staple"), lambda _: None) == key
    assert profile.paths.database.read_bytes() == before
    assert profile.vault.open_with_passphrase("battery staple") == key
    with pytest.raises(WrongPassphraseError):
        profile.vault.open_with_passphrase(PASSPHRASE)


def test_a_lock_of_another_kind_has_another_key(profile: Profile, keychain: FileKeychain) -> None:
    first = profile.become(BY_KEYCHAIN)
    assert len(keychain.kept) == 1
    second = profile.become(BY_PASSPHRASE)
    assert first is not None
    assert second is not None
    assert first.database != second.database
    assert keychain.kept == {}
    assert profile.texts() == [SECRET]


def test_a_passphrase_is_the_same_however_its_letters_are_composed(profile: Profile) -> None:
    key = profile.vault.change(None, LockChange(LockKind.PASSPHRASE, "Caf\u00e9 au lait"), lambda _: None)
    assert profile.vault.open_with_passphrase("Cafe\u0301 au lait") == key


def test_wrong_passphrases_are_slowed_down_over_restarts(profile: Profile) -> None:
    key = profile.become(BY_PASSPHRASE)
    waits = []
    for _ in range(12):
        with pytest.raises(WrongPassphraseError) as wrong:
            profile.vault.open_with_passphrase("not the passphrase")
        waits.append(wrong.value.wait_seconds)
        with pytest.raises(WrongPassphraseError) as early:
            profile.vault.open_with_passphrase(PASSPHRASE)
        assert early.value.wait_seconds == waits[-1], "not looked at, and not counted"
        profile.clock.seconds += waits[-1]
    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == LONGEST_WAIT_SECONDS
    assert profile.vault.open_with_passphrase(PASSPHRASE) == key
    with pytest.raises(WrongPassphraseError) as again:
        profile.vault.open_with_passphrase("not the passphrase")
    assert again.value.wait_seconds == 1, "the right one begins the count anew"


def test_a_clock_that_was_set_back_locks_nobody_out(profile: Profile) -> None:
    profile.become(BY_PASSPHRASE)
    with pytest.raises(WrongPassphraseError):
        profile.vault.open_with_passphrase("not the passphrase")
    profile.clock.seconds -= 1_000_000
    with pytest.raises(WrongPassphraseError) as early:
        profile.vault.open_with_passphrase(PASSPHRASE)
    assert early.value.wait_seconds <= 1


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (lambda text: text[:40], "damaged"),
        (lambda text: text.replace('"iterations": 1', '"iterations": 1000000'), "damaged"),
        (lambda text: text.replace('"memory_kib": 8', '"memory_kib": 99999999'), "damaged"),
        (lambda text: text.replace("passphrase", "none"), "damaged"),
        (lambda text: text.replace("{", "[" * 100_000), "damaged"),
        (lambda text: text.replace('"format": 1', '"format": 2'), "newer"),
    ],
)
def test_a_lock_that_cannot_be_understood_is_said_and_left(
    profile: Profile, damage: Callable[[str], str], word: str
) -> None:
    profile.become(BY_PASSPHRASE)
    profile.paths.lock.write_text(damage(profile.paths.lock.read_text()))
    before = {p.name: p.read_bytes() for p in profile.paths.profile.iterdir() if p.is_file()}
    with pytest.raises(StorageError, match=word):
        _ = profile.vault.kind
    with pytest.raises(StorageError, match=word):
        profile.vault.change(None, BY_PASSPHRASE, lambda _: None)
    assert {p.name: p.read_bytes() for p in profile.paths.profile.iterdir() if p.is_file()} == before


def test_an_encrypted_database_is_never_set_aside_for_want_of_its_key(profile: Profile) -> None:
    profile.become(BY_PASSPHRASE)
    before = profile.paths.database.read_bytes()
    with pytest.raises(ProfileLockedError, match=r"lock\.json"):
        open_database(profile.paths.database, NOW)
    with pytest.raises(StorageError, match="does not open with this profile's key"):
        open_database(profile.paths.database, NOW, key=bytes(32))
    assert profile.paths.database.read_bytes() == before
    assert sorted(p.name for p in profile.paths.profile.iterdir()) == ["conversations.db", "lock.json", "states"]


def test_a_plain_database_in_a_locked_profile_is_left(profile: Profile) -> None:
    before = profile.paths.database.read_bytes()
    with pytest.raises(StorageError, match="not encrypted"):
        open_database(profile.paths.database, NOW, key=bytes(32))
    assert profile.paths.database.read_bytes() == before


def test_a_damaged_encrypted_database_that_the_key_opens_is_set_aside_at_the_next_start(profile: Profile) -> None:
    key = profile.become(BY_PASSPHRASE)
    assert key is not None
    first_page = 16_384
    with profile.paths.database.open("r+b") as file:
        file.seek(first_page)
        file.write(bytes(profile.paths.database.stat().st_size - first_page))
    opened = open_database(profile.paths.database, NOW, key=key.database)
    with pytest.raises(DatabaseCorruptError, match="Restart"):
        ConversationStore(opened.database).list()
    opened.database.close()
    again = open_database(profile.paths.database, NOW, key=key.database)
    assert again.set_aside is not None
    assert again.set_aside.read_bytes()[first_page:].strip(b"\0") == b"", "as it was"
    assert ConversationStore(again.database).list() == []
    again.database.close()
    assert profile.vault.left_unencrypted() == ()
    assert profile.texts() == []


def test_what_was_set_aside_before_the_lock_is_told_of(profile: Profile) -> None:
    damaged = profile.paths.profile / "conversations-damaged-2026-11-23T150000.db"
    damaged.write_text("no database " * 1000)
    profile.become(BY_PASSPHRASE)
    assert profile.vault.left_unencrypted() == (damaged,)


def test_the_lock_is_not_changed_while_somebody_uses_the_conversations(
    profile: Profile, start_process: StartProcess
) -> None:
    script = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from app.storage.database import open_database
opened = open_database(Path(sys.argv[1]), datetime.now(UTC))
print("ready", flush=True)
sys.stdin.read()
"""
    process = start_process(script, profile.paths.database)
    with pytest.raises(DatabaseBusyError, match="in use"):
        profile.become(BY_PASSPHRASE)
    process.communicate("")
    assert profile.vault.kind is LockKind.NONE
    assert profile.texts() == [SECRET]


def test_too_little_room_is_said_before_anything_is_written(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    before = sorted(p.name for p in profile.paths.profile.iterdir())
    usage = shutil.disk_usage(profile.paths.profile)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
    with pytest.raises(DiskFullError, match="free space"):
        profile.become(BY_PASSPHRASE)
    assert sorted(p.name for p in profile.paths.profile.iterdir()) == before


@pytest.mark.parametrize("backend", [NoKeychain, NullKeychain])
def test_only_a_real_keychain_gets_the_key(profile: Profile, backend: Callable[[], object]) -> None:
    keyring.set_keyring(backend())  # type: ignore[arg-type] # the classes are keyring's own
    assert profile.vault.keychain() == ""
    with pytest.raises(StorageError, match="no keychain"):
        profile.become(BY_KEYCHAIN)
    assert profile.vault.kind is LockKind.NONE
    assert profile.texts() == [SECRET]


def test_a_keychain_that_does_not_give_the_key_is_told_of(profile: Profile, keychain: FileKeychain) -> None:
    profile.become(BY_KEYCHAIN)
    keychain.locked = True
    with pytest.raises(StorageError, match="Unlock it"):
        profile.vault.open_with_keychain()
    keychain.locked = False
    (entry,) = keychain.kept
    service, name = entry.split("/")
    keychain.set_password(service, name, "bm90IHRoZSBrZXk=")
    with pytest.raises(StorageError, match="not the key"):
        profile.vault.open_with_keychain()
    keychain.delete_password(service, name)
    with pytest.raises(StorageError, match="does not hold"):
        profile.vault.open_with_keychain()


def test_a_profile_without_conversations_can_be_locked(profile: Profile) -> None:
    profile.paths.database.unlink()
    profile.become(BY_PASSPHRASE)
    assert profile.texts() == []
    assert profile.vault.kind is LockKind.PASSPHRASE


def test_a_journal_of_a_newer_version_is_left(profile: Profile) -> None:
    journal = profile.paths.profile / "lock-change.json"
    journal.write_text(json.dumps({"format": 99}))
    with pytest.raises(StorageError, match="newest version"):
        _ = profile.vault.kind
    assert json.loads(journal.read_text()) == {"format": 99}


_WRITING = {"os.rename", "os.remove", "os.truncate", "os.mkdir"}


def _killed_at(moment: int, act: Callable[[Callable[[float], None]], object]) -> bool:
    """Run `act` in a copy of this process that dies before its file operation number `moment`; whether it died."""
    pid = os.fork()
    if pid == 0:
        _act_and_die(moment, act)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9


def _act_and_die(moment: int, act: Callable[[Callable[[float], None]], object]) -> NoReturn:
    count = 0

    def pass_by() -> None:
        nonlocal count
        count += 1
        if count == moment:
            os._exit(9)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event in _WRITING or (event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_WRONLY):
            pass_by()

    sys.addaudithook(hook)
    try:
        act(lambda _: pass_by())
    finally:
        os._exit(0)


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (NO_LOCK, BY_PASSPHRASE),
        (BY_PASSPHRASE, NO_LOCK),
        (NO_LOCK, BY_KEYCHAIN),
        (BY_KEYCHAIN, BY_PASSPHRASE),
    ],
)
@pytest.mark.expects_log_records
def test_a_change_that_is_cut_off_anywhere_is_undone_or_finished(
    profile: Profile, keychain: FileKeychain, tmp_path: Path, before: LockChange, after: LockChange
) -> None:
    profile.become(before)
    key = profile.key()
    kept = tmp_path / "kept"
    shutil.copytree(profile.paths.profile, kept)
    entries = keychain.kept
    seen = set()
    for moment in range(1, 200):
        died = _killed_at(moment, lambda on_progress: profile.vault.change(key, after, on_progress))
        kind = profile.vault.kind
        assert kind in (before.kind, after.kind)
        assert profile.texts() == [SECRET]
        names = {p.name for p in profile.paths.profile.iterdir() if not p.name.startswith(".")}
        # The file of the system's lock stays when its holder is killed, and hinders nobody.
        assert names - {"states", "lock-tries.json", "lock.json", "lock.json.lock"} == {"conversations.db"}
        assert ("lock.json" in names) is (kind is not LockKind.NONE)
        assert len(keychain.kept) == (kind is LockKind.KEYCHAIN)
        if kind is not LockKind.NONE:
            assert profile.holding(SECRET) == []
        seen.add(kind)
        if not died:
            break
        shutil.rmtree(profile.paths.profile)
        shutil.copytree(kept, profile.paths.profile)
        (tmp_path / "keychain.json").write_text(json.dumps(entries))
    else:
        pytest.fail("the change never came to its end")
    assert seen == {before.kind, after.kind}
