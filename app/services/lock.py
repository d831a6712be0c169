"""The lock of a profile: opens it, turns it on and off, and changes its passphrase, while nothing of it is in use."""

from collections.abc import Callable
from pathlib import Path

from app.core.errors import InvalidParameterError
from app.core.lock import FEWEST_CHARACTERS, MOST_CHARACTERS, LockChange, LockKind, ProfileKey
from app.storage.vault import Vault


class LockService:
    """The lock of one profile. Nothing of the profile may be open while change() runs."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    @property
    def kind(self) -> LockKind:
        """What opens the profile now; a change that was interrupted is undone or finished first.

        Raises StorageError where it cannot be read, DatabaseBusyError while another process changes it.
        """
        return self._vault.kind

    def has_keychain(self) -> bool:
        """Whether this system has a keychain that the key can be kept in; False in a portable profile."""
        return bool(self._vault.keychain())

    def keychain(self) -> str:
        """What the system's keychain is called, as "Secret Service"; empty without one. May take a second at first."""
        return self._vault.keychain()

    def left_unencrypted(self) -> tuple[Path, ...]:
        """Damaged databases, set aside earlier, that a lock does not encrypt; the user must be told. StorageError."""
        return self._vault.left_unencrypted()

    def open_with_keychain(self) -> ProfileKey:
        """The key out of the system's keychain. Raises StorageError, with a sentence on what is to be done."""
        return self._vault.open_with_keychain()

    def open_with_passphrase(self, passphrase: str) -> ProfileKey:
        """The key that the passphrase opens (takes about half a second on purpose).

        Raises WrongPassphraseError, whose `wait_seconds` grow with each wrong one, over restarts too. While that time
        runs no passphrase is looked at, and the error says how much of it is left.
        """
        return self._vault.open_with_passphrase(passphrase)

    def change(
        self, key: ProfileKey | None, wanted: LockChange, on_progress: Callable[[float], None]
    ) -> ProfileKey | None:
        """Make the lock `wanted`, and rewrite what is kept accordingly; the new key, or None without a lock.

        `key` is that of the lock as it is, None where there is none. `on_progress` gets the part done, 0 to 1. A new
        passphrase in place of another keeps the key, and rewrites nothing but the lock.

        A change that is interrupted, by a crash too, is undone or finished at the next start. Raises
        InvalidParameterError for a passphrase that is too short, DatabaseBusyError while another window or program has
        the conversations open, DiskFullError before anything is written, and any other StorageError.
        """
        if wanted.kind is LockKind.PASSPHRASE:
            require_usable(wanted.passphrase)
        return self._vault.change(key, wanted, on_progress)


def require_usable(passphrase: str) -> None:
    """Raise InvalidParameterError, with what is wrong with it, for a passphrase that no lock should have."""
    if len(passphrase) < FEWEST_CHARACTERS or not passphrase.strip():
        raise InvalidParameterError(
            f"A passphrase has at least {FEWEST_CHARACTERS} characters. Several words are best."
        )
    if len(passphrase) > MOST_CHARACTERS:
        raise InvalidParameterError(f"A passphrase has at most {MOST_CHARACTERS:,} characters.")
