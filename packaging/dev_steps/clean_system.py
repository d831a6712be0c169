"""A bare Debian or Ubuntu to try the packages in: the smallest, with the package's Depends and nothing else."""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dev_steps import debian
from dev_steps.failure import SetupError, explained, last_lines
from dev_steps.hard_self_test import NOBODY
from dev_steps.places import Places
from dev_steps.progress import run_step
from dev_steps.system import Lack, provide

_DEVICES = ("full", "null", "random", "tty", "urandom", "zero")
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class CleanSystem:
    """A system below `root`, to be changed at will; nothing that runs in it reaches the network."""

    root: Path

    def run(self, command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        """Run a command in it as root; raises SetupError with its words when it fails."""
        done = subprocess.run(self.command(command), capture_output=True, text=True, check=False, cwd="/")
        if done.returncode != 0:
            raise SetupError(
                f"`{' '.join(command)}` failed in the clean system:\n{last_lines(done.stdout + done.stderr)}"
            )
        return done

    def command(
        self, command: Sequence[str], *, as_nobody: bool = False, environment: Mapping[str, str] | None = None
    ) -> list[str]:
        """How a command is run in it, with `environment` alone beside PATH."""
        variables = [f"{name}={value}" for name, value in (environment or {}).items()]
        user = [f"--userspec={NOBODY}:{NOBODY}"] if as_nobody else []
        # Processes are its own too: /proc is asked for by the application, and nothing outlives the command.
        apart = ["unshare", "--net", "--mount", "--pid", "--fork", f"--mount-proc={self.root / 'proc'}"]
        return [*apart, "chroot", *user, str(self.root), "/usr/bin/env", "-i", f"PATH={PATH}", *variables, *command]

    def files(self) -> set[str]:
        """Every file and folder in it but what the system itself writes as it goes."""
        passing = ("proc", "dev", "tmp", "var/lib/dpkg", "var/log", "var/cache", "run")
        found = set()
        for folder, folders, names in os.walk(self.root):
            inside = Path(folder).relative_to(self.root).as_posix()
            folders[:] = [name for name in folders if f"{inside}/{name}".removeprefix("./") not in passing]
            found |= {f"{inside}/{name}".removeprefix("./") for name in [*folders, *names]}
        return found


def reason_not_to(platform: str = sys.platform) -> str:
    """Why no clean system can be made here; empty when one can."""
    if not platform.startswith("linux") or not debian.is_debian_like(debian.os_release()):
        return "this is no Debian or Ubuntu"
    if os.geteuid() != 0:
        return "it takes root"
    if subprocess.run(["unshare", "-mnpf", "true"], capture_output=True, check=False).returncode != 0:
        return "this computer does not let a process have mounts and a network of its own"
    return ""


@contextmanager
def clean_system(places: Places, depends: Sequence[str]) -> Iterator[CleanSystem]:
    """A fresh one with the packages that `depends` names installed, made once for these and kept in the cache."""
    kept = _kept(places, depends)
    with tempfile.TemporaryDirectory(dir=places.cache, prefix="clean-system-") as temporary:
        root = Path(temporary)
        root.chmod(0o755)
        if not kept.is_file():
            _build(places, depends, kept)
        with tarfile.open(kept) as archive:
            archive.extractall(root, numeric_owner=True, filter="fully_trusted")
        yield CleanSystem(root)


def _kept(places: Places, depends: Sequence[str]) -> Path:
    code_name = debian.os_release().get("VERSION_CODENAME", "stable")
    key = hashlib.sha256("\n".join([code_name, *depends]).encode()).hexdigest()[:12]
    return places.cache / "clean-systems" / f"{code_name}-{key}.tar"


def _build(places: Places, depends: Sequence[str], kept: Path) -> None:
    if shutil.which("debootstrap") is None:
        provide([Lack("debootstrap", "debootstrap", "Install debootstrap.")], places.logs)
    kept.parent.mkdir(parents=True, exist_ok=True)
    code_name = debian.os_release().get("VERSION_CODENAME", "stable")
    with tempfile.TemporaryDirectory(dir=kept.parent) as temporary:
        root = Path(temporary) / "root"
        command: list[str | Path] = ["debootstrap", "--variant=minbase", code_name, root]
        _step("Making a clean system (once; 1 to 3 minutes)", command, places, "debootstrap")
        shutil.copyfile("/etc/resolv.conf", root / "etc" / "resolv.conf")
        first = [entry.split("|")[0].split("(")[0].strip() for entry in depends]
        names = debian.package_names([_old_name(name) for name in first], debian.os_release(), debian.apt_knows)
        inside: list[str | Path] = [
            "chroot",
            root,
            "env",
            "-i",
            f"PATH={PATH}",
            "DEBIAN_FRONTEND=noninteractive",
            "apt-get",
        ]
        install = [*inside, "install", "-y", "-q", "--no-install-recommends", *names]
        _step("Installing what the package depends on in it", install, places, "clean-depends")
        _step("Tidying it", [*inside, "clean"], places, "clean-tidy")
        unfinished = kept.with_suffix(".part")
        with tarfile.open(unfinished, "w") as archive:
            archive.add(root, ".", filter=_without_devices)
        unfinished.replace(kept)


def _old_name(name: str) -> str:
    return next((old for old, new in debian.RENAMED_FOR_64_BIT_TIME.items() if new == name), name)


def _without_devices(info: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if info.isdev() and Path(info.name).name not in _DEVICES else info


def _step(title: str, command: Sequence[str | Path], places: Places, log: str) -> None:
    path = places.logs / f"{log}.log"
    failed = run_step(title, command, path)
    if failed is not None:
        raise explained(failed, f"{title} failed. The last lines:\n{last_lines(failed)}The full log: {path}")
