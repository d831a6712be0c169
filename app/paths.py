"""Where things lie: the profile (the user's data folder) and the resources that come with the application."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

PORTABLE_MARK = "portable.txt"
STAND_IN = "INGLENOOK_STAND_IN"  # set by us alone: the folder in place of one that cannot be written, see app.portable
_DATA = "data"


@dataclass(frozen=True, slots=True)
class Paths:
    """Every file that the application reads or writes, by name; nothing is made by asking.

    `portable` is the folder in which everything stays, where there is one and the profile lies in it; `stands_in`: the
    medium cannot be written, and the profile is a temporary one in its place.
    """

    profile: Path
    resources: Path
    portable: Path | None = None
    stands_in: bool = False

    @property
    def database(self) -> Path:
        """The conversations."""
        return self.profile / "conversations.db"

    @property
    def lock(self) -> Path:
        """How the profile is locked; not there where it is not."""
        return self.profile / "lock.json"

    @property
    def machine(self) -> Path:
        """What was learnt about model files and this computer; it can be learnt again."""
        return self.profile / "machine.db"

    @property
    def settings(self) -> Path:
        """What the user has chosen."""
        return self.profile / "settings.json"

    @property
    def log_file(self) -> Path:
        """What happened, for a person who looks for a fault."""
        return self.profile / "logs" / "inglenook.log"

    @property
    def states(self) -> Path:
        """The folder of saved KV caches, one for each conversation that was open."""
        return self.profile / "states"

    @property
    def downloads(self) -> Path:
        """The folder of downloaded models, where the settings name no other."""
        return self.profile / "models"

    @property
    def running(self) -> Path:
        """The folder in which each process notes what it is doing inside llama.cpp."""
        return self.profile / "running"

    @property
    def temporary(self) -> Path:
        """The folder of what is needed only while a process runs; emptied at the start."""
        return self.profile / "tmp"

    @property
    def catalog(self) -> Path:
        """What is known of models."""
        return self.resources / "catalog.json"

    @property
    def machines(self) -> Path:
        """The folder of recorded machines."""
        return self.resources / "machines"

    @property
    def models(self) -> Path:
        """The folder of the model that comes with the application."""
        return self.resources / "models"


def paths_for(profile: Path | None = None) -> Paths:
    """The paths of a profile; None is the user's own: beside a portable Inglenook, else where the system has them."""
    portable = own_portable_folder()
    stand_in = os.environ.get(STAND_IN, "") if portable is not None else ""
    if profile is not None:
        folder = profile.expanduser().absolute()
    elif portable is None:
        folder = Path(platformdirs.user_data_dir("Inglenook", appauthor=False)).absolute()
    else:
        folder = Path(stand_in) if stand_in else portable / _DATA
    is_inside = portable is not None and (folder.is_relative_to(portable) or bool(stand_in))
    return Paths(folder, _resources(), portable if is_inside else None, bool(stand_in))


def own_portable_folder() -> Path | None:
    """The folder that this program was told to stay in; a checkout or a Python environment never is."""
    if not getattr(sys, "frozen", False):
        return None
    return portable_folder(Path(sys.executable), sys.platform, os.environ)


def portable_folder(executable: Path, platform: str, environment: Mapping[str, str]) -> Path | None:
    """The folder with portable.txt beside the executable, its .app or its AppImage; None without one.

    `platform` as sys.platform. An AppImage is named by the environment, which its children inherit too: only what lies
    in its own file system is part of it.
    """
    folder = executable.parent
    image, mounted = environment.get("APPIMAGE", ""), environment.get("APPDIR", "")
    if platform == "linux" and image and mounted and executable.is_relative_to(mounted):
        folder = Path(image).parent
    elif platform == "darwin":
        bundle = next((parent for parent in executable.parents if parent.suffix == ".app"), executable)
        folder = bundle.parent
    return folder if (folder / PORTABLE_MARK).is_file() else None


def _resources() -> Path:
    package = Path(__file__).resolve().parent
    inside = package / "resources"  # in an installed wheel
    return inside if inside.is_dir() else package.parent / "resources"
