"""Writes packaging/requirements.lock anew: every package for every system, with its hashes and without any address."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from dev_steps.failure import SetupError, explained
from dev_steps.lock_text import faults
from dev_steps.places import Places
from dev_steps.progress import run_step, say

UV = "uv==0.13.9"
OPTIONS = [
    "--universal",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-annotate",
    "--no-header",
    "--no-config",
    "--python-version=3.11",
    "--group=dev",
]


def lock(places: Places, arguments: list[str]) -> int:
    """Resolve pyproject.toml with its group `dev`; `arguments` go to `uv pip compile` (such as --upgrade)."""
    uv = shutil.which("uv") or str(_own_uv(places))
    with tempfile.TemporaryDirectory(dir=places.requirements.parent) as temporary:
        # The present lock goes in, so that only what must change does.
        written = Path(temporary) / places.requirements.name
        if places.requirements.exists():
            shutil.copyfile(places.requirements, written)
        command: list[str | Path] = [
            uv,
            "pip",
            "compile",
            places.project,
            *OPTIONS,
            "--output-file",
            written,
            *arguments,
        ]
        env = clean_environment(dict(os.environ))
        failed = run_step("Resolving the packages", command, places.logs / "lock.log", env)
        if failed is not None:
            raise explained(failed, f"The packages could not be resolved:\n{failed}")
        text = written.read_text(encoding="utf-8")
        found = faults(text)
        if found:
            raise SetupError(f"The new lock is not fit to be committed: {'; '.join(found)}.")
        written.replace(places.requirements)
    say(f"Written: {places.requirements}")
    return 0


def clean_environment(env: dict[str, str]) -> dict[str, str]:
    """`env` without what would send uv to another index: the hashes must be those that anybody finds."""
    sources = ("INDEX", "FIND_LINKS", "CONFIG_FILE")
    return {key: value for key, value in env.items() if not (key.startswith("UV_") and any(s in key for s in sources))}


def _own_uv(places: Places) -> Path:
    """A uv of our own, where there is none on PATH: only this command needs it, so it is not locked."""
    folder = places.cache / "tools" / UV.replace("==", "-")
    program = folder / ("Scripts/uv.exe" if sys.platform == "win32" else "bin/uv")
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        command: list[str | Path] = [program.parent / "python", "-m", "pip", "install", "--no-deps", UV]
        failed = run_step(f"Installing {UV}", command, places.logs / "uv.log")
        if failed is not None:
            raise explained(failed, f"{UV} could not be installed. Install uv and run the same command again.")
    return program
