"""Opens a profile for one running application; where it cannot be used, a temporary one takes its place."""

import logging
import os
from dataclasses import dataclass

from app import __version__, logs
from app.bootstrap.locked import NOT_KEPT, choose_key, open_conversations
from app.bootstrap.opening import Temporary, places_of
from app.bootstrap.options import Options
from app.bootstrap.real_parts import make_vault
from app.core.errors import StorageError
from app.core.lock import ProfileKey
from app.network import quiet_libraries
from app.paths import Paths, paths_for
from app.portable import NOT_WRITABLE
from app.storage.database import Database
from app.storage.places import Places
from app.storage.profile import prepare_profile

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ProfileInUse:
    """`paths` is where conversations, settings and log are, `kept` where what is learnt of models and this computer is.

    They differ where chats are forgotten. `is_anew`: the database of the conversations was damaged, and a new one
    begun. `notices` are sentences that the user should read.
    """

    paths: Paths
    kept: Paths
    places: Places
    key: ProfileKey | None
    database: Database
    is_anew: bool
    temporary: Temporary
    notices: tuple[str, ...]


def open_profile(options: Options, key: ProfileKey | None) -> ProfileInUse:
    """Open a profile with the key of its lock, and begin the log. Raises as assemble() does."""
    quiet_libraries(os.environ)
    temporary = Temporary()
    kept = paths_for(temporary.folder() if options.temp_profile else options.profile)
    temporary.live_in(kept.temporary)
    paths = paths_for(temporary.folder()) if options.forgets_chats else kept
    notices = [NOT_WRITABLE.format(folder=paths.portable)] if paths.stands_in else []
    vault = make_vault(kept)
    try:
        prepare_profile(paths.profile)
    except StorageError as error:
        notices.append(f"{error.sentence} {NOT_KEPT}")
        paths = kept = paths_for(temporary.folder())
    try:
        chosen = choose_key(vault, key, notices, forgets_chats=options.forgets_chats)
    except StorageError:
        temporary.remove()
        raise
    places = places_of(kept)
    logs.start_logging(paths.log_file, options.debug)
    _log.info("Inglenook %s, profile %s", __version__, paths.profile)
    opened = open_conversations(paths, vault, chosen, temporary, notices)
    opened.database.places = places
    is_anew = opened.set_aside is not None
    return ProfileInUse(paths, kept, places, chosen.key, opened.database, is_anew, temporary, tuple(notices))
