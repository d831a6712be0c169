"""Which other programs hold how much of the system's RAM."""

import os
import sys
from collections.abc import Iterable
from typing import Any

import psutil

_SHOWN = 5
_SMALLEST = 100_000_000  # less is not worth a word where models take gigabytes


def own_processes() -> frozenset[int]:
    """This process and the one that started it: neither is another program."""
    return frozenset((os.getpid(), os.getppid()))


def ram_uses(own: frozenset[int]) -> tuple[tuple[str, int], ...]:
    """The largest of other programs by name with what their processes hold together, in bytes."""
    found = psutil.process_iter(["pid", "name", "memory_info"])
    return summed(
        (program_name(process.info["name"] or ""), private_bytes(process.info["memory_info"]))
        for process in found
        if process.info["memory_info"] is not None and process.info["pid"] not in own
    )


def private_bytes(memory: Any, system: str = sys.platform) -> int:
    """What a process (psutil's memory_info) holds for itself: what it shares would be counted once for each of them.

    Linux tells the shared part, Windows the private one (in RAM or not); macOS tells neither.
    """
    if system == "linux":
        return max(int(memory.rss) - int(memory.shared), 0)
    if system == "win32":
        return min(int(memory.rss), int(memory.private))
    return int(memory.rss)


def program_name(name: str) -> str:
    """A process's name as users know the program."""
    name = name.strip()
    return name[:-4] if name.lower().endswith(".exe") else name


def summed(amounts: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Amounts by name, the largest first: a few, none of which is small."""
    sums: dict[str, int] = {}
    for name, amount in amounts:
        called = name or "another program"
        sums[called] = sums.get(called, 0) + amount
    large = sorted(((name, amount) for name, amount in sums.items() if amount >= _SMALLEST), key=lambda use: -use[1])
    return tuple(large[:_SHOWN])
