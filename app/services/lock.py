"""The lock of a profile: opens it, turns it on and off, and changes its passphrase, while nothing of it is in use."""

from collections.abc import Callable
from pathlib import Path

from app.core.lock import LockChange, LockKind, ProfileKey


class LockService:
    """The lock of the profile in `profile`. Nothing of the profile may be open while change() runs."""

    def __init__(self, profile: Path) -> None:
        self._profile = profile

    @property
    def kind(self) -> LockKind:
        """What opens the profile now. Raises StorageError where that cannot be read."""
        raise NotImplementedError

    def has_keychain(self) -> bool:
        """Whether this system has a keychain that the key can be kept in; False in a portable profile."""
        raise NotImplementedError

    def open_with_keychain(self) -> ProfileKey:
        """The key out of the system's keychain. Raises StorageError, with a sentence on what is to be done."""
        raise NotImplementedError

    def open_with_passphrase(self, passphrase: str) -> ProfileKey:
        """The key that the passphrase opens (takes about half a second on purpose).

        Raises WrongPassphraseError, whose `wait_seconds` grow with each wrong one, over restarts too.
        """
        raise NotImplementedError

    def change(
        self, key: ProfileKey | None, wanted: LockChange, on_progress: Callable[[float], None]
    ) -> ProfileKey | None:
        """Make the lock `wanted`, and rewrite what is kept accordingly; the new key, or None without a lock.

        `key` is that of the lock as it is, None where there is none. `on_progress` gets the part done, 0 to 1.
        A change that is interrupted, by a crash too, is undone or finished at the next start. Raises StorageError.
        """
        raise NotImplementedError
