"""The file that says how a profile is locked (lock.json): its shape, how it is read, and how it is replaced."""

import base64
import binascii
import json
import os
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import StorageError
from app.core.lock import LockKind
from app.storage.failures import file_failures

_FORMAT = 1
_MOST_BYTES = 64 * 1024
_MOST_ITERATIONS, _MOST_LANES, _MOST_KIB = 64, 64, 4 * 1024 * 1024  # of a file that somebody else may have written


@dataclass(frozen=True, slots=True)
class Argon2:
    """The cost of deriving a key from a passphrase; the default is RFC 9106's second recommended option."""

    iterations: int = 3
    lanes: int = 4
    memory_kib: int = 65_536


@dataclass(frozen=True, slots=True)
class LockRecord:
    """What lock.json holds. `id` names the lock in the keychain; `check` proves a profile key to be the right one.

    `cost`, `salt` and `wrapped`, the encrypted profile key, are for LockKind.PASSPHRASE.
    """

    kind: LockKind
    id: str
    check: bytes
    cost: Argon2 = Argon2()
    salt: bytes = b""
    wrapped: bytes = b""


def read_lock(path: Path) -> LockRecord | None:
    """The lock in the file; None where there is no file. Raises StorageError for one that cannot be understood."""
    try:
        with file_failures(path), path.open("rb") as file:
            text = file.read(_MOST_BYTES + 1)
    except StorageError as error:
        if isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
            return None  # where no file can be, no profile is: that is said by whoever makes it
        raise
    try:
        raw = json.loads(text)
        version = raw["format"]
        if type(version) is int and version > _FORMAT:
            raise StorageError(
                f"{path} was written by a newer version of Inglenook, so this one cannot open the profile and leaves "
                "it as it is. Install the newer version again, or choose another profile folder.",
                f"format {version}",
            )
        return _record(raw)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise StorageError(
            f"{path} is damaged, and without it the conversations cannot be decrypted. Inglenook leaves everything "
            "as it is: put the file back from a copy of the profile, or choose another profile folder.",
            f"{type(error).__name__}: {error}",
        ) from error


def lock_text(record: LockRecord) -> str:
    """The JSON of lock.json."""
    raw: dict[str, object] = {
        "format": _FORMAT,
        "kind": record.kind.value,
        "id": record.id,
        "check": _to_text(record.check),
    }
    if record.kind is LockKind.PASSPHRASE:
        cost = record.cost
        raw["argon2id"] = {"iterations": cost.iterations, "lanes": cost.lanes, "memory_kib": cost.memory_kib}
        raw |= {"salt": _to_text(record.salt), "wrapped": _to_text(record.wrapped)}
    return json.dumps(raw, indent=2) + "\n"


def write_whole(path: Path, text: str) -> None:
    """Replace the file by `text` (ASCII), for this user's eyes only; what is there afterwards is on the disk, whole.

    Raises StorageError.
    """
    temporary = path.with_name(f".{path.name}.part")
    with file_failures(path):
        try:
            with os.fdopen(
                os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii"
            ) as f:
                f.write(text)
                f.flush()
                os.fsync(f.fileno())
            temporary.replace(path)
            sync_folder(path.parent)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise


def sync_folder(folder: Path) -> None:
    """Let what was renamed and deleted in `folder` outlive a power cut, where the system can. Raises OSError."""
    if os.name != "posix":
        return  # Windows opens no folder; its file system keeps a journal of names
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _record(raw: dict[str, object]) -> LockRecord:
    if type(raw["format"]) is not int or raw["format"] != _FORMAT:
        raise ValueError(f"format {raw['format']!r}")
    kind, identity, check = LockKind(str(raw["kind"])), raw["id"], _to_bytes(raw["check"], 32)
    if not isinstance(identity, str) or not identity.isalnum() or not identity.isascii() or len(identity) > 64:
        raise ValueError("the id is none")
    if kind is LockKind.KEYCHAIN:
        return LockRecord(kind, identity, check)
    if kind is LockKind.NONE:
        raise ValueError("a lock of no kind")
    cost = raw["argon2id"]
    if not isinstance(cost, dict):
        raise TypeError("argon2id is no object")
    lanes = _bounded(cost["lanes"], 1, _MOST_LANES)
    argon2 = Argon2(
        iterations=_bounded(cost["iterations"], 1, _MOST_ITERATIONS),
        lanes=lanes,
        memory_kib=_bounded(cost["memory_kib"], 8 * lanes, _MOST_KIB),
    )
    return LockRecord(
        kind, identity, check, argon2, _to_bytes(raw["salt"], 16), _to_bytes(raw["wrapped"], 12 + 64 + 16)
    )


def _bounded(value: object, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{value!r} is not between {least} and {most}")
    return value


def _to_text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _to_bytes(value: object, length: int) -> bytes:
    if not isinstance(value, str):
        raise TypeError("not a text")
    try:
        found = base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
    if len(found) != length:
        raise ValueError(f"{len(found)} bytes instead of {length}")
    return found
