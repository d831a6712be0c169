"""The libraries of our own folder that hold backends, and which of them this process may load; needs no llama_cpp."""

import ctypes
import importlib.util
import os
import sys
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

FOLDER_VARIABLE = "LLAMA_CPP_LIB_PATH"  # llama_cpp's own: another folder than its own, for tests and development

# By their fastness on one and the same card.
GPU_BACKENDS = ("cuda", "metal", "vulkan")
TITLES = {"cpu": "CPU", "cuda": "CUDA", "metal": "Metal", "vulkan": "Vulkan"}
_AMX = "sapphirerapids"  # chosen by what the processor advertises, it crashes where the system keeps no state for it


class Permission(Protocol):
    """Which GPU backends may be loaded: those that a look at them in a process of its own found sound."""

    def chosen(self) -> Sequence[str]:
        """Names of GPU_BACKENDS that are loaded unasked."""

    def sound(self) -> Sequence[str]:
        """Those that may be loaded where a model is to be put on them, the chosen ones included."""


@dataclass(frozen=True, slots=True)
class Granted:
    """A permission that somebody else has found out: what a child process is told."""

    chosen_names: tuple[str, ...] = ()
    sound_names: tuple[str, ...] = ()

    def chosen(self) -> Sequence[str]:
        """See Permission.chosen."""
        return self.chosen_names

    def sound(self) -> Sequence[str]:
        """See Permission.sound."""
        return self.sound_names


class _Process:
    """llama.cpp is one for the whole process, and what it has loaded stays: so is what it may load."""

    permission: Permission = Granted()


def permit(permission: Permission) -> None:
    """Let this process load what `permission` says; without one it uses the processor alone."""
    _Process.permission = permission


def permission() -> Permission:
    """What permit() was given."""
    return _Process.permission


def use_own_libraries_only(environment: MutableMapping[str, str]) -> None:
    """Make a packaged Inglenook load its own libraries, whatever folder a variable names; before llama_cpp."""
    if getattr(sys, "frozen", False):
        environment.pop(FOLDER_VARIABLE, None)


def library_folder() -> Path:
    """The absolute folder that llama_cpp loads its library from. Raises ModuleNotFoundError without llama_cpp."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named is not None:
        return Path(named).absolute()
    spec = importlib.util.find_spec("llama_cpp")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("llama_cpp is not installed")
    return Path(spec.origin).absolute().parent / "lib"


def cpu_modules(folder: Path) -> tuple[Path, ...]:
    """The modules for kinds of processors, without the one that uses AMX; empty where the processor is built in."""
    found = folder.glob(f"{_prefix()}cpu-*{_suffix()}")
    return tuple(sorted(path for path in found if _AMX not in path.name))


def gpu_modules(folder: Path) -> dict[str, Path]:
    """The modules of GPU_BACKENDS that lie in `folder`, the fastest first; whatever else lies there is left alone."""
    places = {name: folder / f"{_prefix()}{name}{_suffix()}" for name in GPU_BACKENDS}
    return {name: path for name, path in places.items() if path.is_file()} if cpu_modules(folder) else {}


def best_cpu_module(paths: Sequence[Path]) -> Path | None:
    """The module that fits this processor best, by llama.cpp's own score; None when none fits.

    A module is opened for its score: only what may be loaded is to be given. llama.cpp's libraries must be open.
    """
    scores = {path: _score(path) for path in paths}
    best = max(scores, key=lambda path: scores[path], default=None)
    return best if best is not None and scores[best] > 0 else None


def _score(path: Path) -> int:
    try:
        return int(ctypes.CFUNCTYPE(ctypes.c_int)(("ggml_backend_score", ctypes.CDLL(str(path))))())
    except (OSError, AttributeError):
        return 0  # it wants something of the system that is not here, or is no module: another one will do


def _prefix() -> str:
    return "ggml-" if sys.platform == "win32" else "libggml-"


def _suffix() -> str:
    return ".dll" if sys.platform == "win32" else ".so"  # on macOS, too: CMake calls modules so
