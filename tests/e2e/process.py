"""Runs the application as its users do: a process of its own, with arguments, streams and a profile."""

import atexit
import functools
import os
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SECONDS = 120.0


@functools.cache
def _data_home() -> str:
    """A folder in place of the user's own data, for the whole run: a model is tried once in it."""
    made = tempfile.TemporaryDirectory(prefix="inglenook-tests-", ignore_cleanup_errors=True)
    atexit.register(made.cleanup)
    return made.name


def environment() -> dict[str, str]:
    """This process's environment without a display and without the user's own profile."""
    kept = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    return {**kept, "XDG_DATA_HOME": _data_home(), "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}


def inglenook(*arguments: str | Path, stdin: str = "", cwd: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    """Run to the end and return what it printed."""
    return subprocess.run(
        [sys.executable, "-m", "app", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
        cwd=cwd,
        env=environment(),
        check=False,
    )


def shut_in(output: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run where whoever makes an internet socket is killed; see shut_in.py for what `output` then holds."""
    return subprocess.run(
        [sys.executable, str(Path(__file__).with_name("shut_in.py")), str(output), *map(str, command)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=2 * SECONDS,
        cwd=REPOSITORY,
        env={**environment(), "PYTHONPATH": str(REPOSITORY)},
        check=False,
    )


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    """Start it with pipes on all three streams."""
    return subprocess.Popen(
        [sys.executable, "-m", "app", *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=REPOSITORY,
        env=environment(),
    )
