"""How long this process has been running, as exactly as the system tells it."""

import os
import time
from pathlib import Path

import psutil

_PROC_STAT = Path("/proc/self/stat")
_START_FIELD = 19  # of /proc/self/stat behind the program's name, see proc_pid_stat(5): starttime, in ticks since boot


def process_age() -> float:
    """Seconds since the process was started, to a hundredth.

    Not by psutil on Linux: it adds the time since boot to the moment of booting, which the kernel tells in whole
    seconds only, and so is wrong by up to one.
    """
    if _PROC_STAT.is_file():
        fields = _PROC_STAT.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        started = int(fields[_START_FIELD]) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - started
    return time.time() - psutil.Process().create_time()
