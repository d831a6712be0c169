"""Where set-up finds and puts things."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Places:
    """The checkout, and the cache that all checkouts of this user share."""

    root: Path
    cache: Path

    @property
    def venv(self) -> Path:
        """The virtual environment's folder."""
        return self.root / ".venv"

    @property
    def scripts(self) -> Path:
        """The environment's folder of programs."""
        return self.venv / ("Scripts" if sys.platform == "win32" else "bin")

    @property
    def python(self) -> Path:
        """The environment's Python."""
        return self.scripts / ("python.exe" if sys.platform == "win32" else "python")

    @property
    def begun(self) -> Path:
        """Says that the environment is ours, from before its first file on."""
        return self.venv / "inglenook-begun"

    @property
    def stamp(self) -> Path:
        """Says what the environment was made from; written last."""
        return self.venv / "inglenook-stamp.json"

    @property
    def requirements(self) -> Path:
        """The hash-locked packages."""
        return self.root / "packaging" / "requirements.lock"

    @property
    def model_lock(self) -> Path:
        """The hash-locked package that the included model comes in."""
        return self.root / "packaging" / "model.lock"

    @property
    def project(self) -> Path:
        """The project's own description."""
        return self.root / "pyproject.toml"

    @property
    def catalog(self) -> Path:
        """The catalogue, which names the included model's file, size and SHA-256."""
        return self.root / "resources" / "catalog.json"

    @property
    def models(self) -> Path:
        """Where the application looks for the included model."""
        return self.root / "resources" / "models"

    @property
    def dist(self) -> Path:
        """Where bundle and packages are put."""
        return self.root / "dist"

    @property
    def system_libraries(self) -> Path:
        """Which of the bundle's libraries are the system's; written when the bundle is made."""
        return self.root / "build" / "system-libraries.json"

    @property
    def cuda_runtime(self) -> Path:
        """What the bundle takes of NVIDIA's CUDA toolkit; not there for a bundle without CUDA."""
        return self.root / "build" / "cuda-runtime"

    @property
    def logs(self) -> Path:
        """Full output of the commands that set-up runs."""
        return self.cache / "logs"


def find_places() -> Places:
    """The places of the checkout that this file lies in."""
    return Places(Path(__file__).resolve().parents[2], cache_folder())


def cache_folder() -> Path:
    """This user's cache for development, or the one that INGLENOOK_DEV_CACHE names."""
    chosen = os.environ.get("INGLENOOK_DEV_CACHE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "inglenook-dev"
