"""The window's way into the profile, locked or not, and what it gets of the application that is opened there.

What needs Qt is imported when it is called for, not for the terminal's commands.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.bootstrap.application import Application, assemble
from app.bootstrap.locked import lock_service
from app.bootstrap.options import Options
from app.core.lock import ProfileKey
from app.paths import paths_for
from app.storage.settings import SettingsStore

if TYPE_CHECKING:
    from app.ui.services import ProfileDoor, WindowServices


def window_door(
    options: Options, tell: Callable[[Application], None] = lambda _: None, model: Path | None = None
) -> "ProfileDoor":
    """Opens the profile as often as it was locked meanwhile; `tell` gets each application that was put together.

    `model` is the file that the window was opened with, if any.
    """
    from app.ui.services import OpenedProfile, ProfileDoor

    paths = paths_for(options.profile)
    lock = lock_service(options)

    def enter(key: ProfileKey | None) -> OpenedProfile:
        application = assemble(options, key)
        tell(application)
        return OpenedProfile(replace(window_services(application), lock=lock, given_model=model), application.close)

    return ProfileDoor(enter, SettingsStore(paths.settings), paths.resources, lock)


def window_services(application: Application) -> "WindowServices":
    """What the window needs of the application."""
    from app.ui.services import WindowServices

    return WindowServices(
        chat=application.chat,
        models=application.models,
        speed=application.speed,
        conversations=application.conversations,
        settings=application.settings,
        resources=application.paths.resources,
        plans=application.plans,
        library=application.library,
        downloads=application.downloads,
        notices=application.notices,
        crash=application.crash,
        is_first_run=application.is_first_run,
        hub=application.hub,
        tokens=application.tokens,
        temporary_chats=application.temporary_chats,
        drafts=application.drafts,
        network=application.network,
        report=application.report,
        profile=application.paths.profile,
    )
