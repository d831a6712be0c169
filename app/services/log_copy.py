"""Gathers the log into one file that can be sent to someone: no message's text is in it, because none is logged."""

import os
import platform
from pathlib import Path

from app import __version__
from app.core.quantities import gigabytes
from app.storage.failures import file_failures

_LIBRARIES = ("llama-cpp-python", "PySide6-Essentials")


def save_log_copy(log_file: Path, destination: Path) -> None:
    """Write the log files beside `log_file` together to `destination`, the newest last, under facts of the machine.

    Raises StorageError.
    """
    with file_failures(log_file):
        numbered = [p for p in log_file.parent.glob(f"{log_file.name}.*") if p.suffix[1:].isdigit()]
        parts = [*sorted(numbered, key=lambda p: int(p.suffix[1:]), reverse=True), log_file]
        texts = [p.read_text(encoding="utf-8", errors="replace") for p in parts if p.is_file()]
    with file_failures(destination):
        destination.write_text("\n".join(_facts()) + "\n\n" + "".join(texts), encoding="utf-8")


def _facts() -> list[str]:
    import psutil

    memory = psutil.virtual_memory()
    return [
        f"Inglenook {__version__}",
        *(f"{name} {_version(name)}" for name in _LIBRARIES),
        f"Python {platform.python_version()}",
        f"System: {platform.platform()}, {platform.machine()}",
        f"Processor: {_processor()}, {os.cpu_count()} cores",
        f"Memory: {gigabytes(memory.total)}, {gigabytes(memory.available)} free",
    ]


def _version(distribution: str) -> str:
    from importlib import metadata  # takes 20 ms, and the window comes first

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "(its version is not known)"  # a frozen application may come without the metadata


def _processor() -> str:
    """The processor's name; on Linux, platform knows only its family."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or "unknown")
