"""Checks before the long steps that the disk has room for what they write."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from dev_steps.failure import SetupError
from dev_steps.places import Places

GB = 10**9
# GB, each a little more than was measured.
FOR_ENVIRONMENT = 1.0
FOR_ENGINE = 1.0
FOR_MODEL = 0.4


def needed(places: Places, *, environment: bool, engine: bool, model: bool) -> list[tuple[Path, float]]:
    """Where the steps that are still to be done will write, and how much (GB)."""
    needs: list[tuple[Path, float]] = []
    if environment:
        needs.append((places.root, FOR_ENVIRONMENT))
    if engine:
        needs.append((places.cache, FOR_ENGINE))
    if model:
        needs.append((places.cache, FOR_MODEL))
    return needs


def require(needs: Sequence[tuple[Path, float]]) -> None:
    """Check that there is room: for each folder, how many GB will be written below it."""
    by_disk: dict[int, tuple[Path, float]] = {}
    for folder, gigabytes in needs:
        existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
        disk = existing.stat().st_dev
        by_disk[disk] = (existing, by_disk.get(disk, (existing, 0.0))[1] + gigabytes)
    for folder, gigabytes in by_disk.values():
        free = shutil.disk_usage(folder).free / GB
        if free < gigabytes:
            raise SetupError(
                f"Set-up needs about {gigabytes:.1f} GB of room and {free:.1f} GB are free ({folder}). "
                "Make room and run the same command again."
            )
