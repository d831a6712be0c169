"""Where things lie: the profile (the user's data folder) and the resources that come with the application."""

from dataclasses import dataclass
from pathlib import Path

import platformdirs


@dataclass(frozen=True, slots=True)
class Paths:
    """Every file that the application reads or writes, by name; nothing is made by asking."""

    profile: Path
    resources: Path

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
    """The paths of a profile; None is the user's own, in the folder that the system sets aside for application data."""
    folder = profile if profile is not None else Path(platformdirs.user_data_dir("Inglenook", appauthor=False))
    return Paths(profile=folder.expanduser().absolute(), resources=_resources())


def _resources() -> Path:
    package = Path(__file__).resolve().parent
    inside = package / "resources"  # in an installed wheel
    return inside if inside.is_dir() else package.parent / "resources"
