"""Finds out what the operating system lacks, and sees to it or says how."""

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dev_steps import debian
from dev_steps.failure import SetupError

# What Qt opens when it starts, and the Debian package that it comes in.
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
TEST_PROGRAMS = {"Xvfb": "xvfb", "xauth": "xauth", "dbus-daemon": "dbus"}
# What a screen reader needs, which the tests are to the window; its bindings are for the system's own Python.
AT_SPI_SERVICE = Path("/usr/share/dbus-1/services/org.a11y.Bus.service")
SYSTEM_PYTHON = "/usr/bin/python3"
AT_SPI_BINDINGS = {"Python's module gi": "python3-gi", "Atspi-2.0.typelib": "gir1.2-atspi-2.0"}


@dataclass(frozen=True)
class Lack:
    """Something that is missing, the Debian package that holds it, and what to do on a system without those."""

    what: str
    package: str
    elsewhere: str


def provide(lacking: Sequence[Lack], logs: Path) -> None:
    """See to everything that is missing, in one go; stops with a sentence where that is the person's to do."""
    if not lacking:
        return
    if sys.platform.startswith("linux") and debian.is_debian_like(debian.os_release()):
        debian.provide([lack.package for lack in lacking], [lack.what for lack in lacking], logs)
    else:
        raise SetupError("\n".join(dict.fromkeys(lack.elsewhere for lack in lacking)))


def qt_lacks(*, window: bool, tests: bool) -> list[Lack]:
    """What Qt needs to start and does not find: `window` on a real display, `tests` under a virtual one too."""
    if not sys.platform.startswith("linux"):
        return []
    libraries = QT_LIBRARIES | (WINDOW_LIBRARIES if window or tests else {})
    needed = {name: package for name, package in libraries.items() if not loads(name)}
    if tests:
        needed |= {name: package for name, package in TEST_PROGRAMS.items() if shutil.which(name) is None}
        needed |= {} if AT_SPI_SERVICE.is_file() else {"AT-SPI's bus": "at-spi2-core"}
        needed |= {} if reads_at_spi() else AT_SPI_BINDINGS
    sentence = f"Qt needs what is missing here; install the packages that hold: {', '.join(needed)}."
    return [Lack(name, package, sentence) for name, package in needed.items()]


def loads(library: str) -> bool:
    """Whether the system's loader finds `library`."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def reads_at_spi() -> bool:
    """Whether the system's Python can be a screen reader."""
    if shutil.which(SYSTEM_PYTHON) is None:
        return False
    program = "import gi; gi.require_version('Atspi', '2.0'); from gi.repository import Atspi"
    return subprocess.run([SYSTEM_PYTHON, "-c", program], capture_output=True, check=False).returncode == 0


def compiler_lacks() -> list[Lack]:
    """A C++ compiler, if there is none."""
    if compiler() is not None:
        return []
    if sys.platform == "win32":
        how = "install the Build Tools for Visual Studio with the workload 'Desktop development with C++'"
    elif sys.platform == "darwin":
        how = "install it with: xcode-select --install"
    else:
        how = "install g++ or clang++"
    return [Lack("a C++ compiler", "g++", f"A C++ compiler is missing: {how}, then run the same command again.")]


def compiler() -> str | None:
    """The C++ compiler's program, as CMake would find it; None when there is none."""
    if sys.platform == "win32":
        return _visual_studio()
    if sys.platform == "darwin" and subprocess.run(["xcode-select", "-p"], capture_output=True, check=False).returncode:
        return None  # the compiler's name exists on every Mac, and only opens a dialog until the tools are installed
    chosen = os.environ.get("CXX", "").split()
    names = chosen[:1] or ["c++", "g++", "clang++"]
    return next((path for name in names if (path := shutil.which(name))), None)


def _visual_studio() -> str | None:
    """The compiler of an open developer prompt, or where Visual Studio's C++ tools are, from its own locator."""
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


def venv_lacks() -> list[Lack]:
    """The part of Python that makes virtual environments: Debian keeps it in a package of its own."""
    if importlib.util.find_spec("ensurepip") is not None and importlib.util.find_spec("venv") is not None:
        return []
    package = f"python3.{sys.version_info.minor}-venv"
    return [Lack("Python's module venv", package, "This Python lacks its modules venv and ensurepip: install them.")]
