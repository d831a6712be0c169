"""What the lock of a profile is: how it is opened, the key that it guards, and a change of it."""

from dataclasses import dataclass, field
from enum import StrEnum

KEY_BYTES = 32
FEWEST_CHARACTERS = 8  # of a passphrase: shorter ones are found by trying
MOST_CHARACTERS = 1000


class LockKind(StrEnum):
    """What opens the profile."""

    NONE = "none"  # nothing is encrypted
    KEYCHAIN = "keychain"  # the key is kept in the system's keychain: whoever is signed in opens it
    PASSPHRASE = "passphrase"  # the key is derived from a passphrase that is kept nowhere


@dataclass(frozen=True, slots=True)
class ProfileKey:
    """The opened key of a locked profile, 32 bytes for the database and 32 for the other files; shown by no repr."""

    database: bytes = field(repr=False)
    files: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class LockChange:
    """What the lock is to become: `kind`, and for LockKind.PASSPHRASE the new passphrase; shown by no repr."""

    kind: LockKind
    passphrase: str = field(default="", repr=False)
