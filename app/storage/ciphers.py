"""The keys of a locked profile: made, derived from a passphrase, wrapped under it, and proven right."""

import hashlib
import hmac
import os
import unicodedata
from dataclasses import replace

from app.core.lock import KEY_BYTES, LockKind, ProfileKey
from app.storage.lock_file import Argon2, LockRecord

_NONCE_BYTES = 12  # of AES-GCM
_SALT_BYTES = 16


def new_key() -> ProfileKey:
    """A random key."""
    return ProfileKey(os.urandom(KEY_BYTES), os.urandom(KEY_BYTES))


def joined(key: ProfileKey) -> bytes:
    """Both halves of a key as one."""
    return key.database + key.files


def split(key: bytes) -> ProfileKey:
    """The key whose halves were joined. Raises ValueError for another length."""
    if len(key) != 2 * KEY_BYTES:
        raise ValueError("not a profile's key")
    return ProfileKey(key[:KEY_BYTES], key[KEY_BYTES:])


def new_record(key: ProfileKey, kind: LockKind, passphrase: str = "", cost: Argon2 | None = None) -> LockRecord:
    """What lock.json is to hold for a lock of that kind; the passphrase is for LockKind.PASSPHRASE."""
    identity = os.urandom(16).hex()
    record = LockRecord(kind, identity, _check(key, identity), cost or Argon2())
    if kind is not LockKind.PASSPHRASE:
        return record
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # late: an open profile needs none of it

    record = replace(record, salt=os.urandom(_SALT_BYTES))
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(_derived(passphrase, record)).encrypt(nonce, joined(key), _header(record))
    return replace(record, wrapped=nonce + sealed)


def unwrapped(record: LockRecord, passphrase: str) -> ProfileKey | None:
    """The key that the passphrase opens; None where it opens none. Takes as long as the record's cost asks."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce, sealed = record.wrapped[:_NONCE_BYTES], record.wrapped[_NONCE_BYTES:]
    try:
        return split(AESGCM(_derived(passphrase, record)).decrypt(nonce, sealed, _header(record)))
    except InvalidTag:
        return None


def is_key_of(record: LockRecord, key: ProfileKey) -> bool:
    """Whether `key` is the one that the record was made for."""
    return hmac.compare_digest(_check(key, record.id), record.check)


def _derived(passphrase: str, record: LockRecord) -> bytes:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    # Keyboards differ in how they compose letters with marks: the same passphrase must be the same bytes on each.
    text = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    cost = record.cost
    return Argon2id(
        salt=record.salt,
        length=KEY_BYTES,
        iterations=cost.iterations,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
    ).derive(text)


def _header(record: LockRecord) -> bytes:
    """What a wrapped key is bound to: it is refused when any of it was changed."""
    return f"inglenook {record.kind} {record.id} {record.cost}".encode("ascii")


def _check(key: ProfileKey, identity: str) -> bytes:
    return hmac.digest(key.files + key.database, f"inglenook lock {identity}".encode("ascii"), hashlib.sha256)
