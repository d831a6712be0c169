"""Opens the conversations of a profile that may be locked, with the key that the user opened its lock by."""

import logging
from dataclasses import dataclass
from datetime import datetime

from app.bootstrap.opening import Temporary
from app.bootstrap.options import Options
from app.bootstrap.real_parts import make_vault
from app.core.errors import DatabaseBusyError, ProfileLockedError, StorageError
from app.core.lock import LockKind, ProfileKey
from app.paths import Paths, paths_for
from app.services.lock import LockService
from app.storage.database import OpenedDatabase, open_database
from app.storage.lock.ciphers import new_key
from app.storage.lock.vault import Vault

_log = logging.getLogger(__name__)

NOT_KEPT = "Inglenook works on, but this session's conversations will not be kept."


def lock_service(options: Options) -> LockService | None:
    """The lock of the profile, which assemble() need not have opened; None for a temporary profile, which has none."""
    return None if options.temp_profile else LockService(make_vault(paths_for(options.profile)))


@dataclass(frozen=True, slots=True)
class ChosenKey:
    """What the conversations are opened by; `is_lost` where those that are kept cannot be, whatever the key."""

    key: ProfileKey | None
    is_lost: bool = False


def choose_key(vault: Vault, key: ProfileKey | None, notices: list[str], *, forgets_chats: bool) -> ChosenKey:
    """The key to open the conversations by: `key` itself, or a random one for those that are not kept.

    So it is where chats are forgotten anyway, and where the lock cannot be read, which `notices` are told: what lies in
    a temporary folder meanwhile is encrypted too. Raises ProfileLockedError where a key is needed, and StorageError.
    """
    try:
        kind = vault.kind
    except StorageError as error:
        _log.error("the lock cannot be read: %s (%s)", error.sentence, error.detail)
        notices.append(f"{error.sentence} {NOT_KEPT}")
        return ChosenKey(new_key(), is_lost=True)
    if forgets_chats:
        return ChosenKey(None if kind is LockKind.NONE else new_key())
    if key is None and kind is not LockKind.NONE:
        sentence = (
            "This profile is locked, and nothing here asks for its passphrase: the window and `inglenook chat` do. "
            "With --temp-profile it is not needed."
        )
        raise ProfileLockedError(sentence, str(kind))
    if key is not None and kind is LockKind.NONE:
        raise StorageError("This profile has no lock any more. Start Inglenook again.", "a key was given")
    return ChosenKey(key)


def open_conversations(
    paths: Paths, vault: Vault, chosen: ChosenKey, temporary: Temporary, notices: list[str]
) -> OpenedDatabase:
    """The conversations; where they cannot be opened, none in a temporary folder, and `notices` says why."""
    now = datetime.now().astimezone()
    key = None if chosen.key is None else chosen.key.database
    if chosen.is_lost:
        return open_database(temporary.folder() / paths.database.name, now, key=key)
    try:
        opened = _opened(paths, vault, key, now)
    except StorageError as error:
        _log.error("the conversations cannot be opened: %s (%s)", error.sentence, error.detail)
        notices.append(f"{error.sentence} {NOT_KEPT}")
        return open_database(temporary.folder() / paths.database.name, now, key=key)
    if opened.set_aside is not None:
        notices.append(
            "The file of your conversations was damaged. "
            f"It was set aside as {opened.set_aside}, and a new one was begun."
        )
    return opened


def _opened(paths: Paths, vault: Vault, key: bytes | None, now: datetime) -> OpenedDatabase:
    opened = open_database(paths.database, now, key=key)
    if not vault.is_changing:
        return opened
    # The change began after its journal was looked for. From now on it would see that the database is in use.
    opened.database.close()
    raise DatabaseBusyError("Another Inglenook is just changing the lock of this profile. Wait until it is done.")
