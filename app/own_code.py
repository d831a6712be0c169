"""Sees to it that our own code and libraries are run, and not what somebody put into the current directory.

Of Python's library only what the interpreter has loaded itself is used here: anything else might be the wrong one yet.
"""

import os
import sys
from collections.abc import Callable, MutableMapping, Sequence

_LIBRARY_PATH = "LD_LIBRARY_PATH"
# They name libraries that llama.cpp then loads. A packaged Inglenook has all of its own; in development they are tools.
_NAMES_OF_LIBRARIES = ("LLAMA_CPP_LIB_PATH", "GGML_BACKEND_PATH")


def run_only_our_own(environment: MutableMapping[str, str]) -> None:
    """Take the current directory, and libraries that `environment` names, out of every search; call this first."""
    leave_out_current_folder(sys.path, os.getcwd, run_as_module=_is_run_as_module())
    if getattr(sys, "frozen", False):
        for name in _NAMES_OF_LIBRARIES:
            environment.pop(name, None)
    elif sys.platform == "win32":
        import ctypes

        # With an empty name, the current directory is searched no more for what a library is linked to. A packaged
        # program's starter has done so already, and named its own folder.
        ctypes.windll.kernel32.SetDllDirectoryW("")
    if sys.platform not in ("win32", "darwin") and has_relative_part(environment.get(_LIBRARY_PATH, "")):
        # The linker has read it already: only a new start with another one helps.
        environment[_LIBRARY_PATH] = without_relative_parts(environment[_LIBRARY_PATH])
        os.execv(sys.executable, start_again(sys.orig_argv, sys.argv))


def leave_out_current_folder(
    search: list[str], current: Callable[[], str], *, run_as_module: bool, root: str = ""
) -> None:
    """Take the current folder out of Python's `search`, where `python -m` puts it first; our own folder `root` stays.

    `current` may raise OSError, for a folder that is gone.
    """
    root = root or os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    search[:] = [entry for entry in search if entry]  # "" is the current folder, whichever that is at the time
    try:
        here = current()
    except OSError:
        return
    if run_as_module and search and search[0] == here and os.path.realpath(here) != root:
        del search[0]


def has_relative_part(path: str) -> bool:
    """Whether a list of folders has an empty or relative one: that is looked for in the current directory."""
    return bool(path) and any(not os.path.isabs(part) for part in _parts(path))


def without_relative_parts(path: str) -> str:
    """The list without those."""
    return ":".join(part for part in _parts(path) if os.path.isabs(part))


def start_again(whole: Sequence[str], arguments: Sequence[str]) -> list[str]:
    """The arguments with which this process was started; `whole` as sys.orig_argv, `arguments` as sys.argv."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments[1:]]
    return [sys.executable, *whole[1:]]


def _parts(path: str) -> list[str]:
    return path.replace(";", ":").split(":")  # the linker takes both


def _is_run_as_module() -> bool:
    return getattr(sys.modules.get("__main__"), "__spec__", None) is not None
