"""What the processes that ask this computer have in common: how they are started, and how their end is told."""

import signal
import subprocess

NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows only


def ending(code: int) -> str:
    """How a process ended, by its exit code: the signal's name, or the code that Windows gives."""
    if code >= 0:
        return f"exit code {code:#x}" if code > 255 else f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
