"""Keeps the hub's token in the system's keychain; without one for this run only, and never in a file."""

import logging
import threading
from enum import StrEnum
from typing import TYPE_CHECKING

from app.core.errors import InvalidParameterError, StorageError
from app.storage.keychain import (
    KEYCHAINS,
    SERVICE,
    find_keychain,
    keychain_failures,
    keychain_refused,
    module_of,
)

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_log = logging.getLogger(__name__)

_USER = "hub token"
_MOST_CHARACTERS = 1000


class TokenPlace(StrEnum):
    """Where the token is."""

    NOWHERE = "nowhere"
    KEYCHAIN = "keychain"
    THIS_RUN = "this_run"  # in memory, until Inglenook ends


class HubTokenStore:
    """May be asked by any thread; a locked keychain makes the system ask its user, so not by one that must not wait.

    `keychains` are the modules of keyring that are trusted, with what each is called.
    """

    def __init__(self, keychains: dict[str, str] | None = None) -> None:
        self._keychains = KEYCHAINS if keychains is None else keychains
        self._lock = threading.Lock()
        self._token = ""
        self._place: TokenPlace | None = None  # None: the keychain was not asked yet

    def keychain(self) -> str:
        """What the system's keychain is called; empty when there is none that can be used."""
        backend = self._backend()
        return self._keychains[module_of(backend)] if backend is not None else ""

    def get(self) -> str:
        """The token; empty when there is none, or the keychain does not give it, which the log then says."""
        try:
            self.place()
        except StorageError as error:
            _log.info("no token is used: %s (%s)", error.sentence, error.detail)
        return self._token

    def place(self) -> TokenPlace:
        """Where the token is. Raises StorageError when the keychain does not say."""
        with self._lock:
            if self._place is None:
                backend = self._backend()
                self._token = (_asked(backend) or "") if backend is not None else ""
                self._place = TokenPlace.KEYCHAIN if self._token else TokenPlace.NOWHERE
            return self._place

    def keep(self, token: str) -> None:
        """Put it into the keychain, in place of the one before.

        Raises InvalidParameterError for what cannot be a token, StorageError when there is no keychain or it refuses.
        """
        token = checked_token(token)
        backend = self._backend()
        if backend is None:
            raise StorageError("This system has no keychain that Inglenook can use.")
        try:
            backend.set_password(SERVICE, _USER, token)
        except keychain_failures() as error:
            raise keychain_refused("keep the token", error) from error
        self._remember(token, TokenPlace.KEYCHAIN)

    def keep_for_this_run(self, token: str) -> None:
        """Remember it until Inglenook ends. Raises InvalidParameterError for what cannot be a token."""
        self._remember(checked_token(token), TokenPlace.THIS_RUN)

    def forget(self) -> None:
        """Take it out of the keychain and forget it. Raises StorageError when the keychain keeps it."""
        backend = self._backend()
        self._remember("", TokenPlace.NOWHERE)
        if backend is None or not _asked(backend):
            return
        try:
            backend.delete_password(SERVICE, _USER)
        except keychain_failures() as error:
            with self._lock:
                self._place = None
            raise keychain_refused("give the token up", error) from error

    def _remember(self, token: str, place: TokenPlace) -> None:
        with self._lock:
            self._token, self._place = token, place

    def _backend(self) -> "KeyringBackend | None":
        return find_keychain(self._keychains)


def checked_token(token: str) -> str:
    """The token without blanks around it. Raises InvalidParameterError for what can be none, which is not told."""
    token = token.strip()
    if not token:
        raise InvalidParameterError("There is no token in the field.")
    if len(token) > _MOST_CHARACTERS or not token.isascii() or not token.isprintable() or " " in token:
        raise InvalidParameterError("That is no token: those are letters and digits without blanks, such as hf_….")
    return token


def _asked(backend: "KeyringBackend") -> str | None:
    try:
        return backend.get_password(SERVICE, _USER)
    except keychain_failures() as error:
        raise keychain_refused("give the token", error) from error
