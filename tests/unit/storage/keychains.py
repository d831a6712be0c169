"""A keychain for tests that lies in a file, so that it outlives a process that is killed."""

import json
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class FileKeychain(KeyringBackend):
    """Stands for a system's keychain; `locked` makes it refuse."""

    priority = 1

    def __init__(self, path: Path) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # keyring's own
        self._path = path
        self.locked = False

    @property
    def kept(self) -> dict[str, str]:
        if self.locked:
            raise KeyringLocked("locked")
        return dict(json.loads(self._path.read_text())) if self._path.exists() else {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._path.write_text(json.dumps({**self.kept, f"{service}/{username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        kept = self.kept
        if kept.pop(f"{service}/{username}", None) is None:
            raise PasswordDeleteError("no such password")
        self._path.write_text(json.dumps(kept))


TRUSTED = {FileKeychain.__module__: "Test Keychain"}
