"""Tells whether the process that was writing a message still lives, so that only orphaned messages are taken over."""

import os

# A start time is worked out from the clock and the time since boot, so one process may read it a little differently.
_START_TOLERANCE_SECONDS = 2.0


def this_writer() -> str:
    """What names this process for good: its id and its start in seconds since 1970, because ids are used again."""
    import psutil  # 50 ms, which the window's first paint need not wait for

    return f"{os.getpid()} {psutil.Process().create_time():.3f}"


def is_alive(writer: str) -> bool:
    """Whether the process that this_writer() named is still running."""
    import psutil

    pid, _, started = writer.partition(" ")
    try:
        process = psutil.Process(int(pid))
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return abs(process.create_time() - float(started)) < _START_TOLERANCE_SECONDS
    except (psutil.NoSuchProcess, ValueError, OverflowError):
        return False  # ended, or a name that no process ever had
    except psutil.AccessDenied:
        return True  # someone is there; better a message left open than one taken from a living window


def is_alive_since(pid: int, moment: float) -> bool:
    """Whether a process with this id is running that began before `moment`, in seconds since 1970."""
    import psutil

    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and process.create_time() < moment + _START_TOLERANCE_SECONDS
    except (psutil.NoSuchProcess, ValueError, OverflowError):
        return False
    except psutil.AccessDenied:
        return True
