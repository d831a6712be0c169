"""Runs a package's self-test where little is given: no network, nothing in the environment, another user, odd names."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dev_steps.failure import SetupError, last_lines
from dev_steps.progress import say

NOBODY = 65534
ODD_NAME = "Ein Ofen für Ünïcode 炉"
SECONDS = 300


@dataclass(frozen=True)
class Figures:
    """What the self-test found; `first_paint_ms` counts from the start of the process."""

    ok: bool
    first_paint_ms: float
    tokens_per_second: float


def from_odd_place(folder: Path) -> Figures:
    """Copy the bundle to a folder with spaces and other letters than English, and test it there as somebody else."""
    with tempfile.TemporaryDirectory() as temporary:
        Path(temporary).chmod(0o755)
        copy = Path(temporary) / ODD_NAME / folder.name
        shutil.copytree(folder, copy)
        copy.parent.chmod(0o755)
        return check(alone([str(copy / "inglenook"), "self-test", "--json"]), "the bundle in an odd folder", "/")


def alone(command: Sequence[str], environment: Mapping[str, str] | None = None) -> list[str]:
    """The command that runs `command` without network, without our environment, and as nobody where we are root."""
    variables = [f"{name}={value}" for name, value in (environment or {}).items()]
    bare = ["env", "-i", *variables, *command]
    if os.geteuid() != 0:
        return bare if not _may_unshare(["-r"]) else ["unshare", "-r", "-n", *bare]
    as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs"]
    if not _may_unshare([]):
        say("WITHOUT A WALL: this computer lets nobody take the network away, so the self-test runs with it.")
        return [*as_nobody, *bare]
    return ["unshare", "-n", *as_nobody, *bare]


def _may_unshare(options: Sequence[str]) -> bool:
    command = ["unshare", *options, "-n", "true"]
    return (
        shutil.which("unshare") is not None
        and subprocess.run(command, capture_output=True, check=False).returncode == 0
    )


def check(command: Sequence[str], what: str, folder: str) -> Figures:
    """Run a self-test in `folder` and read its figures; raises SetupError with its words when it is not ok."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=SECONDS, check=False
    )
    try:
        found = json.loads(done.stdout.strip().splitlines()[-1])
        figures = Figures(bool(found["ok"]), float(found["first_paint_ms"]), float(found["tokens_per_second"]))
    except (ValueError, IndexError, KeyError) as error:
        words = last_lines(done.stdout + done.stderr)
        raise SetupError(f"The self-test of {what} gave no report (code {done.returncode}):\n{words}") from error
    if done.returncode != 0 or not figures.ok:
        raise SetupError(f"The self-test of {what} failed: {'; '.join(found['failures'])}")
    say(
        f"Self-test of {what}: good (window painted after {figures.first_paint_ms:.0f} ms, "
        f"{figures.tokens_per_second:.0f} tokens/s)."
    )
    return figures
