"""Looks a finished bundle over: every library is there once, and none looks for one that no system has."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from dev_steps import bundle_content, elf
from dev_steps.debian_depends import GLIBC_LIBRARIES


def faults(folder: Path) -> list[str]:
    """What is wrong with the bundle, a sentence each; none when it is good."""
    found = [*_engine_faults(folder)]
    if sys.platform.startswith("linux"):
        found += _missing_libraries(folder)
    return found


def _engine_faults(folder: Path) -> Iterator[str]:
    names = [path.name for path in folder.rglob("*") if path.is_file() and "ggml" in path.name.lower()]
    if not names:
        yield "The engine's libraries are missing."
    plain = Counter(name.split(".so")[0] for name in names)
    yield from (f"{name} is there {count} times." for name, count in plain.items() if count > 1)
    yield from (f"{name} crashes where its processor's state is not kept." for name in names if "sapphire" in name)


def _missing_libraries(folder: Path) -> Iterator[str]:
    elves = [path for path in folder.rglob("*") if path.is_file() and elf.is_elf(path)]
    here = {path.name for path in elves}
    for path in elves:
        for name in elf.needs(path).libraries:
            if name not in here and not is_of_the_system(name):
                yield f"{path.relative_to(folder)} needs {name}, which is neither here nor part of the system."


def is_of_the_system(name: str) -> bool:
    """Whether the library is the system's to bring."""
    return name.split(".so", maxsplit=1)[0] in GLIBC_LIBRARIES | bundle_content.SYSTEM_LIBRARIES


def needs_of_system(folder: Path) -> dict[str, set[str]]:
    """The system's libraries that the bundle is linked to, each with the versions of its symbols that it asks for.

    Modules for GPUs are left out: they are loaded only where their driver is.
    """
    found: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or bundle_content.is_gpu_module(path.name) or not elf.is_elf(path):
            continue
        needs = elf.needs(path)
        for name in needs.libraries:
            if is_of_the_system(name):
                found.setdefault(name, set())
        for name, version in needs.versions:
            if is_of_the_system(name):
                found.setdefault(name, set()).add(version)
    return found
