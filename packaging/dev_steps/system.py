"""Finds out what the operating system lacks: Qt's libraries, a compiler, room on the disk."""

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from dev_steps import debian
from dev_steps.failure import SetupError
from dev_steps.places import Places

# What is opened at run time, and the Debian package that it comes in.
QT_LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon.so.0": "libxkbcommon0",
}
WINDOW_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
TEST_PROGRAMS = {"Xvfb": "xvfb", "xauth": "xauth"}

GB = 10**9
ROOM_FOR_ENVIRONMENT = 1.2  # GB; measured 0.9
ROOM_FOR_ENGINE = 1.0  # GB, while it is built; measured 0.6
ROOM_FOR_MODEL = 0.4  # GB, while it is unpacked


def loads(library: str) -> bool:
    """Whether the system's loader finds `library`."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing(needed: Mapping[str, str], is_there: Callable[[str], object]) -> dict[str, str]:
    """The part of `needed` that is not there."""
    return {name: package for name, package in needed.items() if not is_there(name)}


def require_qt(logs: Path, *, window: bool, tests: bool) -> None:
    """See to it that Qt can start: `window` on a real display, `tests` under a virtual one too."""
    if not sys.platform.startswith("linux"):
        return
    lacking = missing(QT_LIBRARIES | (WINDOW_LIBRARIES if window or tests else {}), loads)
    if tests:
        lacking |= missing(TEST_PROGRAMS, shutil.which)
    if not lacking:
        return
    if not debian.is_debian_like(debian.os_release()):
        raise SetupError(f"Qt needs system libraries that are missing here; install: {', '.join(lacking)}.")
    debian.provide(list(lacking.values()), "A system library that the window needs", logs)


def require_compiler(logs: Path) -> None:
    """See to it that the engine can be compiled."""
    if compiler() is not None:
        return
    if sys.platform == "win32":
        raise SetupError(
            "A C++ compiler is missing: install the Build Tools for Visual Studio with the workload "
            "'Desktop development with C++', then run the same command again."
        )
    if sys.platform == "darwin":
        raise SetupError("A C++ compiler is missing. Install it with:\n  xcode-select --install")
    if not debian.is_debian_like(debian.os_release()):
        raise SetupError("A C++ compiler is missing: install g++ (or clang++), then run the same command again.")
    debian.provide(["g++"], "A C++ compiler", logs)


def compiler() -> str | None:
    """The C++ compiler's program, as CMake would find it; None when there is none."""
    if sys.platform == "win32":
        return _visual_studio()
    if sys.platform == "darwin" and subprocess.run(["xcode-select", "-p"], capture_output=True, check=False).returncode:
        return None  # the compiler's name exists on every Mac, and only opens a dialog until the tools are installed
    names = [os.environ["CXX"].split()[0]] if os.environ.get("CXX", "").strip() else ["c++", "g++", "clang++"]
    return next((path for name in names if (path := shutil.which(name))), None)


def _visual_studio() -> str | None:
    """Where Visual Studio's C++ tools are, from its own locator, or the compiler of an open developer prompt."""
    locator = Path(os.environ.get("PROGRAMFILES(X86)", "")) / "Microsoft Visual Studio" / "Installer" / "vswhere.exe"
    if shutil.which("cl") or not locator.is_file():
        return shutil.which("cl")
    tools = "Microsoft.VisualStudio.Component.VC.Tools.x86.x64"
    command = [str(locator), "-products", "*", "-latest", "-requires", tools, "-property", "installationPath"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or None


def compiler_version(program: str) -> str:
    """Which compiler it is, for the key of what it builds."""
    if sys.platform == "win32":
        return program
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    return answer.splitlines()[0] if answer else program


def require_venv_module(logs: Path) -> None:
    """See to it that this Python can make a virtual environment: Debian keeps a part of it in a package of its own."""
    if importlib.util.find_spec("ensurepip") is not None and importlib.util.find_spec("venv") is not None:
        return
    if not debian.is_debian_like(debian.os_release()):
        raise SetupError("This Python cannot make virtual environments (its module ensurepip is missing). Install it.")
    debian.provide([f"python3.{sys.version_info.minor}-venv"], "Python's module for virtual environments", logs)


def require_room(needs: Sequence[tuple[Path, float]]) -> None:
    """Check that there is room: for each folder, how many GB will be written below it."""
    by_disk: dict[int, tuple[Path, float]] = {}
    for folder, gigabytes in needs:
        existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
        disk = existing.stat().st_dev
        by_disk[disk] = (existing, by_disk.get(disk, (existing, 0.0))[1] + gigabytes)
    for folder, gigabytes in by_disk.values():
        free = shutil.disk_usage(folder).free / GB
        if free < gigabytes:
            raise SetupError(
                f"Set-up needs about {gigabytes:.1f} GB of room and {free:.1f} GB are free ({folder}). "
                "Make room and run the same command again."
            )


def room_needed(places: Places, *, environment: bool, engine: bool, model: bool) -> list[tuple[Path, float]]:
    """Where the steps that are still to be done will write, and how much (GB)."""
    needs: list[tuple[Path, float]] = []
    if environment:
        needs.append((places.root, ROOM_FOR_ENVIRONMENT))
    if engine:
        needs.append((places.cache, ROOM_FOR_ENGINE))
    if model:
        needs.append((places.cache, ROOM_FOR_MODEL))
    return needs
