"""Installs the Linux packages in a clean system, tests what was installed, removes it, and looks what was left."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from dev_steps import deb, hard_self_test, linux_tree
from dev_steps.bundle import NAME, Bundle
from dev_steps.clean_system import CleanSystem, clean_system, reason_not_to
from dev_steps.failure import SetupError, last_lines
from dev_steps.hard_self_test import NOBODY, ODD_NAME
from dev_steps.places import Places
from dev_steps.progress import say
from dev_steps.system import Lack, provide

HOME = f"/home/{ODD_NAME}"
OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen"}
# The programs that know whether what we tell a desktop is right, and their packages.
VALIDATORS = {
    "desktop-file-validate": "desktop-file-utils",
    "appstreamcli": "appstream",
    "update-mime-database": "shared-mime-info",
}


def check_texts(places: Places) -> None:
    """Let the desktop's own programs judge entry, metadata and file type; raises SetupError with their words."""
    lacking = [
        Lack(name, package, f"Install {name}.") for name, package in VALIDATORS.items() if not shutil.which(name)
    ]
    if lacking and os.geteuid() != 0:
        say(f"NOT CHECKED: entry in menus, metadata and file type, because {lacking[0].what} is missing.")
        return
    provide(lacking, places.logs)
    with tempfile.TemporaryDirectory() as temporary:
        share = Path(temporary)
        linux_tree.write_share(places, share)
        name = linux_tree.APPLICATION_ID
        _judge(["desktop-file-validate", str(share / "applications" / f"{name}.desktop")])
        _judge(["appstreamcli", "validate", "--no-net", str(share / "metainfo" / f"{name}.metainfo.xml")])
        _judge(["update-mime-database", str(share / "mime")])
        if "gguf" not in (share / "mime" / "globs2").read_text(encoding="utf-8"):
            raise SetupError("The file type of .gguf was not registered.")


def _judge(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SetupError(f"{command[0]} objects:\n{last_lines(done.stdout + done.stderr)}")


def try_packages(places: Places, bundle: Bundle, package: Path, installer: Path) -> None:
    """Install, test and remove both; where no clean system can be made that is said loudly, and nothing is done."""
    reason = reason_not_to()
    if reason:
        say(f"NOT TRIED: the .deb and the .run are not installed in a clean system, because {reason}.")
        return
    began = time.monotonic()
    with clean_system(places, deb.depends(bundle)) as system:
        for file in (package, installer):
            shutil.copyfile(file, system.root / "opt" / file.name)
        (system.root / "tmp").chmod(0o1777)
        before = system.files()
        _try_deb(system, package.name)
        _nothing_left(before, system.files(), "the .deb")
        home = system.root / HOME.removeprefix("/")
        home.mkdir(parents=True)
        os.chown(home, NOBODY, NOBODY)
        before = system.files()
        _try_run(system, installer.name)
        _nothing_left(before, _without_folders(system, system.files(), before), "the .run")
        _try_portable(system, installer.name)
    say(f"The Linux packages were installed, tested and removed ({time.monotonic() - began:.0f} s).")


def _try_deb(system: CleanSystem, name: str) -> None:
    system.run(["dpkg", "-i", f"/opt/{name}"])
    command = system.command([f"/usr/bin/{NAME}", "self-test", "--json"], as_nobody=True, environment=OFFSCREEN)
    hard_self_test.check(command, "the installed .deb", "/")
    system.run(["dpkg", "-P", NAME])


def _try_run(system: CleanSystem, name: str) -> None:
    environment = {"HOME": HOME}

    def as_user(*command: str) -> list[str]:
        return system.command(command, as_nobody=True, environment=environment)

    _succeed(as_user("sh", f"/opt/{name}", "--quiet"))
    _succeed(as_user("sh", f"/opt/{name}", "--quiet"))  # over itself, as a newer one would be
    started = [f"{HOME}/.local/bin/{NAME}", "self-test", "--json"]
    command = system.command(started, as_nobody=True, environment=environment | OFFSCREEN)
    hard_self_test.check(command, "the installed .run", "/")
    _succeed(as_user("sh", f"{HOME}/.local/share/inglenook-app/uninstall.sh", "--uninstall", "--quiet"))


def _try_portable(system: CleanSystem, name: str) -> None:
    stick = system.root / "media"
    os.chown(stick, NOBODY, NOBODY)
    _succeed(system.command(["sh", f"/opt/{name}", "--quiet", "--portable", "/media"], as_nobody=True))
    folder = stick / "Inglenook"
    if not (folder / "portable.txt").is_file():
        raise SetupError("The portable Inglenook has no portable.txt.")
    program = f"/media/Inglenook/{NAME}"
    command = system.command([program, "self-test", "--json"], as_nobody=True, environment=OFFSCREEN)
    hard_self_test.check(command, "the portable folder", "/")


def _succeed(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode != 0 or done.stdout:
        raise SetupError(f"The installer failed, or was not quiet:\n{last_lines(done.stdout + done.stderr)}")


def _without_folders(system: CleanSystem, after: set[str], before: set[str]) -> set[str]:
    """Only files count: every application leaves folders in a home, and the system's fontconfig a cache of its own."""
    cache = f"{HOME[1:]}/.cache/fontconfig/"
    return {name for name in after if name in before or not ((system.root / name).is_dir() or name.startswith(cache))}


def _nothing_left(before: set[str], after: set[str], what: str) -> None:
    left = sorted(after - before)
    if left:
        raise SetupError(f"Removing {what} leaves behind: {', '.join(left[:10])}")
