"""How a process that may crash behaves: its answer alone on stdout, and no core file, debugger or dialog at its end."""

import os
import sys

_NO_WINDOWS_DIALOGS = (
    0x0001 | 0x0002 | 0x8000
)  # SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX


def claim_stdout() -> int:
    """A descriptor of stdout for the answer alone: what llama.cpp or a driver prints goes to stderr from now on."""
    answer = os.dup(1)
    os.dup2(2, 1)
    return answer


def die_quietly() -> None:
    """No core file, no debugger and no dialog when llama.cpp or a driver crashes: it is expected here."""
    os.environ["GGML_NO_BACKTRACE"] = "1"
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.SetErrorMode(_NO_WINDOWS_DIALOGS)
    else:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
