"""A lock that does as a test says, at once."""

from collections.abc import Callable
from pathlib import Path

from app.core.errors import InglenookError
from app.core.lock import KEY_BYTES, LockChange, LockKind, ProfileKey
from app.paths import paths_for
from app.services.lock import LockService
from app.storage.vault import Vault

KEY = ProfileKey(b"d" * KEY_BYTES, b"f" * KEY_BYTES)
PASSPHRASE = "correct horse battery"


class FakeLock(LockService):
    """`failures` are raised one after the other by whatever opens or changes it."""

    def __init__(self, kind: LockKind, *failures: InglenookError, has_keychain: bool = True) -> None:
        super().__init__(Vault(paths_for(Path("/nowhere"))))
        self.is_now = kind
        self.failures = list(failures)
        self.given: list[str] = []
        self.changes: list[tuple[ProfileKey | None, LockChange]] = []
        self._keychain_is_there = has_keychain

    @property
    def kind(self) -> LockKind:
        return self.is_now

    def has_keychain(self) -> bool:
        return self._keychain_is_there

    def open_with_keychain(self) -> ProfileKey:
        self.given.append("keychain")
        return self._key()

    def open_with_passphrase(self, passphrase: str) -> ProfileKey:
        self.given.append(passphrase)
        return self._key()

    def change(
        self, key: ProfileKey | None, wanted: LockChange, on_progress: Callable[[float], None]
    ) -> ProfileKey | None:
        self.changes.append((key, wanted))
        on_progress(0.5)
        made = self._key()
        self.is_now = wanted.kind
        return None if wanted.kind is LockKind.NONE else made

    def _key(self) -> ProfileKey:
        if self.failures:
            raise self.failures.pop(0)
        return KEY
