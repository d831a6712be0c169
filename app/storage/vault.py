"""The lock of a profile on the disk: opened by the keychain or a passphrase, turned on and off, and changed."""

import base64
import binascii
import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from app.core.errors import ProfileLockedError, StorageError, WrongPassphraseError
from app.core.lock import LockChange, LockKind, ProfileKey
from app.paths import Paths
from app.storage.ciphers import is_key_of, joined, new_key, new_record, split, unwrapped
from app.storage.failures import file_failures
from app.storage.keychain import KEYCHAINS, SERVICE, find_keychain, keychain_failures, keychain_refused, module_of
from app.storage.lock_file import Argon2, LockRecord, lock_text, read_lock, write_whole
from app.storage.lock_rewriting import LockRewriting
from app.storage.passphrase_tries import PassphraseTries
from app.storage.sealed_sqlite import looks_sealed

_log = logging.getLogger(__name__)


class Vault:
    """The lock of the profile `paths`.

    `keychains` are the modules of keyring that are trusted, with what each is called; none where the profile must not
    depend on this computer. `cost` is what deriving the key from a new passphrase costs; `now` in seconds since 1970.
    """

    def __init__(
        self,
        paths: Paths,
        keychains: Mapping[str, str] | None = None,
        cost: Argon2 | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._paths = paths
        self._keychains = KEYCHAINS if keychains is None else keychains
        self._cost = cost or Argon2()
        self._tries = PassphraseTries(paths.lock.with_name("lock-tries.json"), now)
        self._change = LockRewriting(paths, self._forget_entry)

    @property
    def kind(self) -> LockKind:
        """What opens the profile, once an interrupted change of it is undone or finished. Raises StorageError."""
        record = self._record()
        return LockKind.NONE if record is None else record.kind

    @property
    def is_changing(self) -> bool:
        """Whether a change of the lock is under way in another process, or was interrupted."""
        return self._change.is_begun

    def keychain(self) -> str:
        """What the system's keychain is called; empty when there is none that can be used."""
        backend = find_keychain(self._keychains) if self._keychains else None
        return self._keychains[module_of(backend)] if backend is not None else ""

    def left_unencrypted(self) -> tuple[Path, ...]:
        """Damaged databases that were set aside without being encrypted; a lock leaves them. Raises StorageError."""
        database = self._paths.database
        with file_failures(database.parent):
            found = sorted(database.parent.glob(f"{database.stem}-damaged-*{database.suffix}"))
            return tuple(path for path in found if path.is_file() and not looks_sealed(path))

    def open_with_keychain(self) -> ProfileKey:
        """The key out of the system's keychain. Raises StorageError, with a sentence on what is to be done."""
        record = self._require(LockKind.KEYCHAIN)
        backend = find_keychain(self._keychains) if self._keychains else None
        if backend is None:
            raise StorageError(
                "The key of this profile is in a system's keychain, and this system has none that Inglenook can use. "
                "Sign in on the computer and to the desktop on which the lock was turned on."
            )
        try:
            stored = backend.get_password(SERVICE, _entry(record))
        except keychain_failures() as error:
            raise keychain_refused("give the key of this profile", error) from error
        if stored is None:
            raise StorageError(
                "The system's keychain does not hold the key of this profile. Sign in as the user, and on the "
                "computer, with whom the lock was turned on.",
                f"no entry {_entry(record)}",
            )
        try:
            key = split(base64.b64decode(stored, validate=True))
        except (ValueError, binascii.Error) as error:
            raise _foreign_key(str(type(error).__name__)) from error
        if not is_key_of(record, key):
            raise _foreign_key("it does not fit lock.json")
        return key

    def open_with_passphrase(self, passphrase: str) -> ProfileKey:
        """The key that the passphrase opens. Raises WrongPassphraseError, also while the next try has to wait."""
        record = self._require(LockKind.PASSPHRASE)
        if (wait := self._tries.wait_seconds()) > 0:
            raise WrongPassphraseError(f"Wait {_in_words(wait)} before the next try.", wait_seconds=wait)
        self._tries.begin()
        try:
            key = unwrapped(record, passphrase)
        except MemoryError as error:
            sentence = "There is too little free memory to open the lock. Close other programs and try again."
            raise StorageError(sentence, str(record.cost)) from error
        if key is None or not is_key_of(record, key):
            wait = self._tries.was_wrong()
            raise WrongPassphraseError(
                f"That is not the passphrase of this profile. Wait {_in_words(wait)} before the next try.",
                wait_seconds=wait,
            )
        self._tries.forget()
        return key

    def change(
        self, key: ProfileKey | None, wanted: LockChange, on_progress: Callable[[float], None]
    ) -> ProfileKey | None:
        """Make the lock `wanted`; the new key, or None without a lock. See app.services.lock.LockService.change."""
        record = self._record()
        self._require_key(record, key)
        if record is None and wanted.kind is LockKind.NONE:
            return None
        if record is not None and wanted.kind is record.kind:
            if record.kind is LockKind.PASSPHRASE and key is not None:
                # The key itself stays, so nothing else has to be written.
                write_whole(self._paths.lock, lock_text(new_record(key, record.kind, wanted.passphrase, self._cost)))
                self._tries.forget()
            on_progress(1.0)
            return key
        # A lock of another kind gets a key of its own: where the old one was kept, it is worth nothing afterwards.
        new = None if wanted.kind is LockKind.NONE else new_key()
        new_lock = None if new is None else new_record(new, wanted.kind, wanted.passphrase, self._cost)
        self._change.run(
            (key, new),
            (_entry_of(record), _entry_of(new_lock)),
            new_lock,
            lambda: self._keep_entry(new_lock, new),
            on_progress,
        )
        self._tries.forget()
        return new

    def _record(self) -> LockRecord | None:
        self._change.recover()
        return read_lock(self._paths.lock)

    def _require(self, kind: LockKind) -> LockRecord:
        record = self._record()
        if record is None or record.kind is not kind:
            raise StorageError("The lock of this profile was changed meanwhile. Start Inglenook again.", f"not {kind}")
        return record

    def _require_key(self, record: LockRecord | None, key: ProfileKey | None) -> None:
        if record is None and key is not None:
            raise StorageError("This profile has no lock any more. Start Inglenook again.", "a key was given")
        if record is not None and (key is None or not is_key_of(record, key)):
            raise ProfileLockedError("This profile is locked. Open it before its lock is changed.", "no fitting key")

    def _keep_entry(self, record: LockRecord | None, key: ProfileKey | None) -> None:
        """Put the key into the keychain and read it back. Raises StorageError."""
        if record is None or key is None or record.kind is not LockKind.KEYCHAIN:
            return
        backend = find_keychain(self._keychains) if self._keychains else None
        if backend is None:
            raise StorageError("This system has no keychain that Inglenook can use. Choose a passphrase instead.")
        text = base64.b64encode(joined(key)).decode("ascii")
        try:
            backend.set_password(SERVICE, _entry(record), text)
            is_kept = backend.get_password(SERVICE, _entry(record)) == text
        except keychain_failures() as error:
            raise keychain_refused("keep the key", error) from error
        if not is_kept:
            raise StorageError("The system's keychain did not keep the key. Choose a passphrase instead.")

    def _forget_entry(self, entry: str) -> None:
        """What the keychain does not give up opens nothing any more."""
        backend = find_keychain(self._keychains) if self._keychains else None
        try:
            if backend is not None and backend.get_password(SERVICE, entry) is not None:
                backend.delete_password(SERVICE, entry)
        except keychain_failures() as error:
            _log.warning("a key that is no longer in use stays in the keychain: %s", type(error).__name__)


def _entry(record: LockRecord) -> str:
    """The user's name under which the keychain keeps the key."""
    return f"profile key {record.id}"


def _entry_of(record: LockRecord | None) -> str:
    return _entry(record) if record is not None and record.kind is LockKind.KEYCHAIN else ""


def _foreign_key(detail: str) -> StorageError:
    sentence = (
        "What the system's keychain holds is not the key of this profile. Put lock.json back from a copy of the "
        "profile, or choose another profile folder."
    )
    return StorageError(sentence, detail)


def _in_words(seconds: float) -> str:
    whole = max(round(seconds), 1)
    if whole >= 120:
        return f"{round(whole / 60)} minutes"
    return "a second" if whole == 1 else f"{whole} seconds"
