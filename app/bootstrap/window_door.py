"""The window's way into the profile, locked or not."""

from dataclasses import replace
from typing import TYPE_CHECKING

from app.bootstrap.locked import lock_service
from app.bootstrap.options import Options
from app.core.lock import ProfileKey
from app.paths import paths_for
from app.storage.settings import SettingsStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.bootstrap import Application
    from app.ui.services import ProfileDoor


def window_door(
    options: Options, tell: "Callable[[Application], None]" = lambda _: None, model: "Path | None" = None
) -> "ProfileDoor":
    """Opens the profile as often as it was locked meanwhile; `tell` gets each application that was put together.

    `model` is the file that the window was opened with, if any.
    """
    from app.bootstrap import assemble, window_services
    from app.ui.services import OpenedProfile, ProfileDoor

    paths = paths_for(options.profile)
    lock = lock_service(options)

    def enter(key: ProfileKey | None) -> OpenedProfile:
        application = assemble(options, key)
        tell(application)
        return OpenedProfile(replace(window_services(application), lock=lock, given_model=model), application.close)

    return ProfileDoor(enter, SettingsStore(paths.settings), paths.resources, lock)
