"""Makes the virtual environment and installs the hash-locked packages into it."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from dev_steps.failure import SetupError, explained, last_lines
from dev_steps.places import Places
from dev_steps.progress import run_step


def tool_environment(places: Places) -> dict[str, str]:
    """The variables for programs of the environment: what was set for another Python is left out."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET")}
    return {
        **kept,
        "VIRTUAL_ENV": str(places.venv),
        "PATH": f"{places.scripts}{os.pathsep}{os.environ.get('PATH', '')}",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
    }


def make(places: Places, packages: str) -> None:
    """A fresh environment with the locked `packages` (the lock's text, without the engine)."""
    _clear(places)
    places.venv.mkdir(exist_ok=True)
    places.begun.write_text("This folder is made by packaging/dev.py and may be deleted.\n", encoding="utf-8")
    uv = shutil.which("uv")
    log = places.logs / "environment.log"
    if uv is None:
        create = [_base_python(), "-m", "venv", str(places.venv)]
    else:
        create = [uv, "venv", "--quiet", "--allow-existing", "--python", _base_python(), str(places.venv)]
    _run("Making the virtual environment", create, log, places)
    lock = places.venv / "packages.lock"
    lock.write_text(packages, encoding="utf-8")
    install = pip(places, "install") if uv is None else [uv, "pip", "install", "--python", str(places.python)]
    install += ["--require-hashes", "--requirement", str(lock)]
    _run("Installing the locked packages", install, places.logs / "packages.log", places)


def _clear(places: Places) -> None:
    """Remove an environment of ours that is old or was never finished; leave anybody else's alone."""
    if not places.venv.exists():
        return
    ours = places.begun.exists() or places.stamp.exists() or not any(places.venv.iterdir())
    if not ours:
        raise SetupError(
            f"The folder {places.venv} was not made by this command. Move it away or delete it, "
            "then run the same command again."
        )
    # The marks go last: a removal that is interrupted must still be known as ours.
    for entry in sorted(places.venv.iterdir(), key=lambda path: path == places.begun):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _base_python() -> str:
    """The Python outside any environment, so that ours does not hang on one that may go away."""
    return str(getattr(sys, "_base_executable", None) or sys.executable)


def pip(places: Places, *arguments: str | Path) -> list[str]:
    """The command that runs the environment's pip with `arguments`."""
    return [str(part) for part in (places.python, "-m", "pip", *arguments)]


def install_wheel(places: Places, wheel: Path) -> None:
    """Install the engine from its wheel."""
    command = pip(places, "install", "--no-deps", "--no-index", "--force-reinstall", wheel)
    _run("Installing the engine", command, places.logs / "engine-install.log", places)


def install_project(places: Places) -> None:
    """Make `inglenook` a command of the environment that runs the checkout as it stands."""
    options = ("--no-deps", "--no-index", "--no-build-isolation", "--editable")
    _run(
        "Installing Inglenook itself",
        pip(places, "install", *options, places.root),
        places.logs / "project.log",
        places,
    )


def _run(title: str, command: Sequence[str | Path], log: Path, places: Places) -> None:
    failed = run_step(title, command, log, tool_environment(places))
    if failed is not None:
        raise explained(failed, f"{title} failed. The last lines:\n{last_lines(failed)}The full log: {log}")
