"""The system's keychain: the one that can be trusted of those that keyring knows, and what goes wrong with it."""

import logging
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from app.core.errors import StorageError
from app.network.programs import refusing_quietly

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_log = logging.getLogger(__name__)

SERVICE = "org.inglenook.Inglenook"
KEYCHAINS = {
    "keyring.backends.SecretService": "Secret Service",
    "keyring.backends.libsecret": "Secret Service",
    "keyring.backends.kwallet": "KWallet",
    "keyring.backends.macOS": "Keychain",
    "keyring.backends.Windows": "Credential Manager",
}
"""The keychains of the systems themselves, by keyring's modules. Others write files, some of them in plain text."""
_OTHER_FAILURES = (("secretstorage.exceptions", "SecretStorageException"), ("jeepney", "DBusErrorResponse"))


def find_keychain(trusted: Mapping[str, str]) -> "KeyringBackend | None":
    """The first keychain whose module is among `trusted`; keyring may have joined several. Its failures are logged."""
    if not trusted:
        return None
    import keyring  # late: it takes as long to load as the window to be painted
    from keyring.backends.chainer import ChainerBackend

    try:
        with refusing_quietly():  # on Linux it loads its backend for macOS too, which asks a compiler for libraries
            chosen = keyring.get_keyring()
        joined = list(chosen.backends) if isinstance(chosen, ChainerBackend) else [chosen]
    except keychain_failures() as error:
        _log.info("no keychain is used: %s", type(error).__name__)
        return None
    return next((backend for backend in joined if module_of(backend) in trusted), None)


def module_of(backend: "KeyringBackend") -> str:
    """The module that a keychain is known by."""
    return type(backend).__module__


def keychain_refused(what: str, error: BaseException) -> StorageError:
    """Only the kind of the error is told: its words may hold what was to be kept."""
    return StorageError(f"The system's keychain did not {what}. Unlock it and try again.", type(error).__name__)


def keychain_failures() -> tuple[type[Exception], ...]:
    """What a keychain raises; its libraries' own errors pass through keyring, and each system has only some of them."""
    from keyring.errors import KeyringError

    found: list[type[Exception]] = [KeyringError, OSError, RuntimeError]
    for module, name in _OTHER_FAILURES:
        try:
            found.append(getattr(import_module(module), name))
        except ImportError:
            continue
    return tuple(found)
