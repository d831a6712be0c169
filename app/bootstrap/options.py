"""What the command line chooses for the whole application."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line chose for the whole application. `profile` None is the user's own.

    With `forgets_chats` conversations, settings and log are in a temporary profile, and only what is learnt about model
    files and this computer is kept in the profile. `tells_crashes`: whoever asks tells the user how the last run ended;
    else that is left for the next start that does. `offline`: this run stays so, whatever the settings say.
    """

    profile: Path | None = None
    temp_profile: bool = False
    fake_engine: bool = False
    debug: bool = False
    forgets_chats: bool = False
    tells_crashes: bool = True
    offline: bool = False
