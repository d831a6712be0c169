"""Which Debian and Ubuntu packages hold what is missing, and how they get installed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from dev_steps.failure import SetupError, explained
from dev_steps.progress import run_step, say

RENAMED_FOR_64_BIT_TIME = {"libglib2.0-0": "libglib2.0-0t64"}
FIRST_RENAMED = {"debian": 13.0, "ubuntu": 24.04}


def os_release(path: Path = Path("/etc/os-release")) -> dict[str, str]:
    """The system's own description; empty where there is none."""
    if not path.is_file():
        return {}
    pairs = (line.split("=", 1) for line in path.read_text(encoding="utf-8").splitlines() if "=" in line)
    return {key.strip(): value.strip().strip("\"'") for key, value in pairs}


def is_debian_like(release: Mapping[str, str]) -> bool:
    """Whether apt-get and Debian's package names are the way here."""
    names = f"{release.get('ID', '')} {release.get('ID_LIKE', '')}".split()
    return "debian" in names or "ubuntu" in names


def package_names(packages: Sequence[str], release: Mapping[str, str], apt_knows: Callable[[str], bool]) -> list[str]:
    """The names that `packages` go by on this release, in order and each once."""
    named = []
    for package in packages:
        newer = RENAMED_FOR_64_BIT_TIME.get(package)
        named.append(newer if newer and (_has_new_names(release) or apt_knows(newer)) else package)
    return list(dict.fromkeys(named))


def _has_new_names(release: Mapping[str, str]) -> bool:
    """Whether this is a Debian or Ubuntu from after the renaming; a derivative's number says nothing of that."""
    first = FIRST_RENAMED.get(release.get("ID", ""))
    try:
        return first is not None and float(release.get("VERSION_ID", "")) >= first
    except ValueError:
        return first is not None and "VERSION_ID" not in release  # Debian's testing and unstable carry no number


def apt_knows(package: str) -> bool:
    """Whether apt's lists hold `package`."""
    if shutil.which("apt-cache") is None:
        return False
    return subprocess.run(["apt-cache", "show", package], capture_output=True, check=False).returncode == 0


def command_for(packages: Sequence[str], as_root: bool) -> str:
    """What a person types to install `packages`."""
    sudo = "" if as_root else "sudo "
    return f"{sudo}apt-get update && {sudo}apt-get install -y --no-install-recommends {' '.join(packages)}"


def provide(packages: Sequence[str], what: Sequence[str], logs: Path) -> None:
    """Install `packages`, which hold `what` is missing, when we are root; otherwise say how and stop."""
    named = package_names(packages, os_release(), apt_knows)
    if sys.platform == "win32" or os.geteuid() != 0:
        command = command_for(named, as_root=False)
        raise SetupError(f"The system lacks {', '.join(what)}. Install that with:\n  {command}")
    say(f"The system lacks {', '.join(what)}; installing {' '.join(named)}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    otherwise = f"The system packages could not be installed. Try it by hand:\n  {command_for(named, as_root=True)}"
    # Lists that fail to refresh may still be good enough: what counts is the installation.
    refreshed = run_step("Refreshing the system's package lists", ["apt-get", "update"], logs / "apt-update.log", env)
    install = ["apt-get", "install", "-y", "--no-install-recommends", *named]
    failed = run_step("Installing system packages", install, logs / "apt-install.log", env)
    if failed is not None:
        raise explained((refreshed or "") + failed, otherwise)
