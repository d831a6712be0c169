"""Makes the packages a second time, elsewhere and under other circumstances, and compares them byte by byte."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

from dev_steps import appimage, bundle, release_facts
from dev_steps.failure import SetupError, explained, last_lines
from dev_steps.places import Places
from dev_steps.progress import run_step, say

MB = 10**6
UNTRIED = "--untried"
# What must not show in a package: the hour, the language, the order of sets, and who else may read the files.
_OTHERWISE = {"TZ": "Asia/Kolkata", "LC_ALL": "C", "PYTHONHASHSEED": "77"}
_MASK = 0o077
_SHOWN = 20
_CHUNK = 1 << 20


def reproduce(places: Places, arguments: Sequence[str]) -> int:
    """The command `reproduce`: make again what is in dist/; raises SetupError where a byte differs.

    The second checkout lies in another folder and has an environment of its own, installed anew from the lock. The
    engine comes from the same cache: it is built once for a lock and a system.
    """
    bundle.refuse_unknown("reproduce", arguments, (bundle.CUDA, appimage.OPTION))
    if not any(places.dist.glob("*.*")):
        raise SetupError("There is nothing to compare with yet: make it with `python3 packaging/dev.py packages`.")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=places.cache, prefix="a second build ", ignore_cleanup_errors=True) as folder:
        second = Path(folder) / "of the same source"
        copy_source(places.root, second)
        _make_again(places, second, arguments)
        kept = _compared(places.dist, second / places.dist.relative_to(places.root))
    say(f"Made twice, and every byte is the same: {kept} ({time.monotonic() - began:.0f} s).")
    return 0


def copy_source(root: Path, target: Path) -> None:
    """Copy what git knows of the checkout; where git or its folder is missing, all but what set-up and builds make."""
    known = _known_to_git(root)
    if known is None:
        made = shutil.ignore_patterns(".git", ".venv", ".dev-cache", "build", "dist", "__pycache__", ".*_cache")
        shutil.copytree(root, target, symlinks=True, ignore=made)
        return
    for name in known:
        if (root / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, target / name)


def _known_to_git(root: Path) -> list[str] | None:
    if shutil.which("git") is None or not (root / ".git").exists():
        return None
    done = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=False)
    return [os.fsdecode(name) for name in done.stdout.split(b"\0") if name] if done.returncode == 0 else None


def _make_again(places: Places, root: Path, arguments: Sequence[str]) -> None:
    same = {"INGLENOOK_DEV_CACHE": str(places.cache), "SOURCE_DATE_EPOCH": str(release_facts.source_date(places))}
    command: list[str | Path] = [sys.executable, root / "packaging" / "dev.py", "packages", UNTRIED, *arguments]
    log = places.logs / "second-build.log"
    failed = run_step("Making it all again elsewhere", command, log, {**os.environ, **_OTHERWISE, **same}, root, _MASK)
    if failed is not None:
        raise explained(failed, f"The second build failed. The last lines:\n{last_lines(failed)}The full log: {log}")


def _compared(first: Path, second: Path) -> str:
    """What was found equal, in words; raises SetupError with what was not."""
    made = sorted(path.name for path in second.iterdir())
    found = [fault for name in made for fault in differences(first / name, second / name)]
    if found:
        more = [f"… and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
        lines = "\n".join(f"  {line}" for line in [*found[:_SHOWN], *more])
        raise SetupError(f"What is made twice from one source must be the same, and is not:\n{lines}")
    sizes = {name: sum(path.stat().st_size for path in _files(second / name)) for name in made}
    return ", ".join(f"{name} ({size / MB:.1f} MB)" for name, size in sizes.items())


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file() and not one.is_symlink()]


def differences(first: Path, second: Path) -> Iterator[str]:
    """A sentence for each file, link or folder that is not the same in both; both are files, or both folders."""
    here, there = ({path.relative_to(top): path for path in (top, *top.rglob("*"))} for top in (first, second))
    for inside in sorted({*here, *there}):
        shown = Path(first.name, inside).as_posix()
        if not os.path.lexists(here.get(inside, "")):
            yield f"{shown} is only in the second."
        elif not os.path.lexists(there.get(inside, "")):
            yield f"{shown} is only in the first."
        else:
            fault = _difference(here[inside], there[inside])
            if fault:
                yield f"{shown} {fault}."


def _difference(first: Path, second: Path) -> str:
    """What differs between two that are there; empty when nothing does."""
    one, other = first.lstat(), second.lstat()
    if stat.S_IFMT(one.st_mode) != stat.S_IFMT(other.st_mode):
        return "is of another kind"
    if first.is_symlink():
        return "" if first.readlink() == second.readlink() else "leads elsewhere"
    if one.st_mode != other.st_mode:
        return f"has the rights {stat.filemode(one.st_mode)} and {stat.filemode(other.st_mode)}"
    if not first.is_file():
        return ""
    place = _first_difference(first, second)
    if one.st_size != other.st_size:
        return f"has {one.st_size} and {other.st_size} bytes, the first of which to differ is at {place}"
    return "" if place is None else f"differs from byte {place} on"


def _first_difference(first: Path, second: Path) -> int | None:
    """The offset of the first byte that differs, None when there is none; the end of the shorter one counts."""
    with first.open("rb") as one, second.open("rb") as other:
        for begin in count(step=_CHUNK):
            chunk, against = one.read(_CHUNK), other.read(_CHUNK)
            if chunk != against:
                pairs = enumerate(zip(chunk, against, strict=False))
                return begin + next((at for at, (a, b) in pairs if a != b), min(len(chunk), len(against)))
            if not chunk:
                return None
    raise AssertionError("a file has an end")
