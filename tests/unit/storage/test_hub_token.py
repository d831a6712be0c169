"""The hub token: in a keychain that is one, else in memory, and never where others can read it."""

import logging
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.backends.fail import Keyring as NoKeychain
from keyring.backends.null import Keyring as NullKeychain
from keyring.errors import KeyringLocked, PasswordDeleteError, PasswordSetError

from app.core.errors import InvalidParameterError, StorageError
from app.storage.hub_token import HubTokenStore, TokenPlace

TOKEN = "hf_aSecretThatNobodyMaySee"


class MemoryKeychain(KeyringBackend):
    """Stands for a system's keychain; `locked` makes it refuse."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # keyring's own
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._open()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise PasswordSetError(f"cannot store {password}")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._open()
        if (service, username) not in self.kept:
            raise PasswordDeleteError("no such password")
        del self.kept[service, username]

    def _open(self) -> None:
        if self.locked:
            raise KeyringLocked("locked")


class PlaintextKeyring(MemoryKeychain):
    """Stands for keyrings.alt's, which writes a file that everybody can read."""


PlaintextKeyring.__module__ = "keyrings.alt.file"
TRUSTED = {MemoryKeychain.__module__: "Test Keychain"}


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


@pytest.fixture
def keychain() -> MemoryKeychain:
    made = MemoryKeychain()
    keyring.set_keyring(made)
    return made


@pytest.fixture
def store(keychain: MemoryKeychain) -> HubTokenStore:
    return HubTokenStore(TRUSTED)


def test_a_token_is_kept_in_the_keychain_and_forgotten_there(store: HubTokenStore, keychain: MemoryKeychain) -> None:
    assert (store.get(), store.place(), store.keychain()) == ("", TokenPlace.NOWHERE, "Test Keychain")
    store.keep(f"  {TOKEN}\n")
    assert (store.get(), store.place()) == (TOKEN, TokenPlace.KEYCHAIN)
    assert list(keychain.kept.values()) == [TOKEN]
    again = HubTokenStore(TRUSTED)
    assert (again.get(), again.place()) == (TOKEN, TokenPlace.KEYCHAIN), "at the next start it is still there"
    again.forget()
    assert (again.get(), again.place()) == ("", TokenPlace.NOWHERE)
    assert keychain.kept == {}
    again.forget()


@pytest.mark.parametrize(
    "backend",
    [NoKeychain(), NullKeychain(), PlaintextKeyring()],  # type: ignore[no-untyped-call] # keyring's own
    ids=["none", "null", "plain text"],
)
def test_what_is_no_keychain_is_not_used(backend: KeyringBackend) -> None:
    keyring.set_keyring(backend)
    store = HubTokenStore(TRUSTED)
    assert store.keychain() == ""
    with pytest.raises(StorageError, match="no keychain"):
        store.keep(TOKEN)
    assert store.get() == ""
    store.keep_for_this_run(TOKEN)
    assert (store.get(), store.place()) == (TOKEN, TokenPlace.THIS_RUN)
    assert getattr(backend, "kept", {}) == {}
    assert HubTokenStore(TRUSTED).get() == "", "the next run does not know it"
    store.forget()
    assert (store.get(), store.place()) == ("", TokenPlace.NOWHERE)


def test_of_several_joined_backends_the_trusted_one_is_used(keychain: MemoryKeychain) -> None:
    plain = PlaintextKeyring()

    class Joined(ChainerBackend):
        backends = [plain, keychain]  # noqa: RUF012 (a property of the class it stands for)

    keyring.set_keyring(Joined())  # type: ignore[no-untyped-call] # keyring's own
    store = HubTokenStore(TRUSTED)
    store.keep(TOKEN)
    assert list(keychain.kept.values()) == [TOKEN]
    assert plain.kept == {}


def test_a_locked_keychain_is_told_without_the_token(
    store: HubTokenStore, keychain: MemoryKeychain, caplog: pytest.LogCaptureFixture
) -> None:
    keychain.locked = True
    with pytest.raises(StorageError, match="did not keep the token") as refused:
        store.keep(TOKEN)
    assert TOKEN not in refused.value.sentence + refused.value.detail
    with pytest.raises(StorageError, match="did not give the token"):
        store.place()
    with caplog.at_level(logging.INFO):
        assert store.get() == ""
    assert "no token is used" in caplog.text
    keychain.locked = False
    store.keep(TOKEN)
    keychain.locked = True
    assert store.get() == TOKEN, "what is known need not be asked for"
    with pytest.raises(StorageError):
        store.forget()


@pytest.mark.parametrize("text", ["", "  ", "two words", "hf_ü", "hf_a\nX-Header: b", "h" * 1001])
def test_what_can_be_no_token_is_refused_without_being_told(store: HubTokenStore, text: str) -> None:
    for keep in (store.keep, store.keep_for_this_run):
        with pytest.raises(InvalidParameterError) as refused:
            keep(text)
        assert not text.strip() or text not in refused.value.sentence
    assert store.get() == ""


def test_it_is_written_to_no_file(
    store: HubTokenStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with caplog.at_level(logging.DEBUG):
        store.keep(TOKEN)
        store.keep_for_this_run(TOKEN)
        store.get()
    assert list(tmp_path.rglob("*")) == []
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(store)
