"""The most memory that this process has held."""

import sys

import psutil


def peak_memory_mb() -> float:
    """Peak resident memory in MB of 10^6 bytes, as the system counts it."""
    if sys.platform == "win32":
        return float(psutil.Process().memory_info().peak_wset) / 1e6
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6  # bytes on macOS, KiB elsewhere
