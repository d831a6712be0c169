"""Opens what was kept, so that nothing which is damaged or missing keeps the application from starting."""

import logging
import tempfile
from datetime import datetime
from pathlib import Path

from app.core.errors import StorageError
from app.paths import Paths
from app.services.prompt_cache import PromptCache
from app.services.safe_start import CrashFound
from app.storage.conversations import ConversationStore
from app.storage.database import Database
from app.storage.hub_token import HubTokenStore
from app.storage.machine import open_machine, relate_paths
from app.storage.places import Places
from app.storage.profile import prepare_profile
from app.storage.settings import SettingsStore
from app.storage.state_files import StateFiles
from app.storage.temporary_files import TemporaryFiles
from app.storage.this_computer import ThisComputerStore

_log = logging.getLogger(__name__)


class Temporary:
    """Temporary folders, made when asked for and removed together."""

    def __init__(self) -> None:
        self._folders: list[tempfile.TemporaryDirectory[str]] = []
        self._files: TemporaryFiles | None = None

    def live_in(self, folder: Path) -> None:
        """Make every temporary file of this process in `folder` from now on, until remove(), if that can be."""
        files = TemporaryFiles(folder)
        try:
            files.begin()
        except StorageError as error:
            _log.info("temporary files lie where the system wants them: %s", error.detail)
            return
        self._files = files

    @property
    def is_used(self) -> bool:
        """Whether anything lies in one of them."""
        return bool(self._folders)

    def folder(self) -> Path:
        """A new empty folder."""
        made = tempfile.TemporaryDirectory(prefix="inglenook-", ignore_cleanup_errors=True)
        self._folders.append(made)
        return Path(made.name)

    def remove(self) -> None:
        """Remove them all with what is in them."""
        for folder in self._folders:
            folder.cleanup()
        if self._files is not None:
            self._files.end()


def places_of(paths: Paths) -> Places:
    """How the profile writes paths down: beneath the folder of a portable one relative to it."""
    return Places(paths.portable or paths.profile.parent, relates=paths.portable is not None)


def tokens_of(paths: Paths) -> HubTokenStore:
    """A portable profile leaves nothing in the keychain of a computer: its token lasts for the run."""
    return HubTokenStore({} if paths.portable is not None else None)


def remembered_computer(paths: Paths, machine: Database) -> ThisComputerStore | None:
    """What this computer was found to be; None for a portable profile, which may be on another one at each start."""
    return ThisComputerStore(machine) if paths.portable is None else None


def open_machine_or_temporary(paths: Paths, temporary: Temporary) -> Database:
    """What was learnt about model files; when it cannot be opened it is learnt anew, and nobody has to be told."""
    now = datetime.now().astimezone()
    try:
        prepare_profile(paths.profile)
        opened = open_machine(paths.machine, now)
    except StorageError as error:
        _log.warning("what is known of model files cannot be opened: %s (%s)", error.sentence, error.detail)
        opened = open_machine(temporary.folder() / paths.machine.name, now)
    if opened.set_aside is not None:
        _log.warning("what was known of model files was damaged and is set aside as %s", opened.set_aside)
    opened.database.places = places_of(paths)
    if paths.portable is not None:
        _relate(opened.database)
    return opened.database


def _relate(machine: Database) -> None:
    try:
        relate_paths(machine)
    except StorageError as error:
        _log.info("paths of before this profile was portable stay as they are: %s (%s)", error.sentence, error.detail)


def settings_notices(settings: SettingsStore) -> list[str]:
    """What the user should know of a settings file that could not be read."""
    try:
        settings.load()
    except StorageError as error:
        return [error.sentence]
    if settings.set_aside is None:
        return []
    return [
        f"The file of your settings was damaged. It was set aside as {settings.set_aside}; the defaults are in use."
    ]


def recover_answers(conversations: ConversationStore) -> None:
    """Mark the answers that were being written when a process ended."""
    try:
        recovered = conversations.recover_interrupted()
    except StorageError as error:
        _log.error("interrupted answers are not marked: %s (%s)", error.sentence, error.detail)
        return
    if recovered:
        _log.info("%d answers were cut off when Inglenook last ended; they are marked", recovered)


def cache_bytes(settings: SettingsStore) -> int:
    """How much saved states may take; 0 where the settings cannot be read."""
    try:
        return settings.load().prompt_cache_megabytes * 1_000_000
    except StorageError as error:
        _log.info("no states are saved: %s (%s)", error.sentence, error.detail)
        return 0


def is_first_run(settings: SettingsStore, conversations: ConversationStore) -> bool:
    """Whether nobody has used this profile yet; where that cannot be told, nobody is asked how to start."""
    try:
        stored = settings.load()
        return not stored.first_run_done and not stored.model_path and not conversations.list()
    except StorageError as error:
        _log.info("it cannot be told whether this is the first start: %s (%s)", error.sentence, error.detail)
        return False


def may_come_of_states(crash: CrashFound | None) -> bool:
    """Whether a saved state may have led to the crash."""
    return crash is not None and crash.may_come_of_saved_states


def tidy_states(states: StateFiles, cache: PromptCache, conversations: ConversationStore, *, anew: bool) -> None:
    """Delete the saved states of what is gone; with `anew` all of them, because none can be relied on."""
    try:
        if anew:
            states.clear()
        cache.tidy({conversation.id for conversation in conversations.list()})
    except StorageError as error:
        _log.info("saved states are not tidied: %s (%s)", error.sentence, error.detail)
