"""Asks whether something is there, where any reason that it cannot be reached means no."""

from pathlib import Path


def is_file(path: Path) -> bool:
    """Whether there is a file that can be reached; also False for a name that no file can have."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether there is a folder that can be reached."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False
