"""Reads the command line of packaging/dev.py, and turns every failure into one sentence and an exit code."""

import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType

from dev_steps.appimage import app_image
from dev_steps.bundle import bundle
from dev_steps.checking import check_and_report, test
from dev_steps.failure import SetupError, from_os_error
from dev_steps.locking import lock
from dev_steps.packages import packages
from dev_steps.places import Places, find_places
from dev_steps.progress import say
from dev_steps.release import release
from dev_steps.release_engine import engine
from dev_steps.reproducing import reproduce
from dev_steps.running import has_display, run
from dev_steps.setting_up import set_up
from dev_steps.system import qt_lacks

HELP = """\
Usage: python3 packaging/dev.py COMMAND [ARGUMENTS]

Does everything from a bare checkout: makes the virtual environment .venv, installs the hash-locked packages, builds the
engine once and keeps it, fetches the included model, and sees to the system's libraries. Nothing is done twice.

Commands:
  run [ARGUMENTS]    start Inglenook; ARGUMENTS go to it, such as: run ask "What is the capital of France?"
                     Without a display: chats in the terminal, or answers the lines on standard input, or, when there
                     are none, tests the window offscreen and says where the pictures are.
  test [ARGUMENTS]   check the source, then run the tests; ARGUMENTS go to pytest, such as: test -k composer
  setup              only set up
  check              only check the source: format, lint, types, imports
  engine [--cuda]    build the engine that the packages carry, with a module for every kind of processor and GPU, and
                     print where it is; with --cuda a module for CUDA too
  bundle [--without-model] [--cuda]
                     make the bundle in dist/inglenook: the application with all that it needs, in one folder
  appimage           make the AppImage from that, and have it test itself; the program it begins with is fetched once
  packages [--cuda] [--appimage] [--untried]
                     make the bundle and every package that this computer can make, and try each: installed, tested
                     and removed in a clean system
  reproduce [--cuda] [--appimage]
                     make them a second time, from a copy of the source in another folder with an environment of its
                     own, and compare every byte with what is in dist
  release STEP       one step of a release that follows the bundle: installer (Windows), image (macOS), bom, smoke,
                     gather
  lock [ARGUMENTS]   resolve the packages into packaging/requirements.lock; ARGUMENTS go to uv, such as: lock --upgrade

Variables:
  INGLENOOK_DEV_CACHE  where the built engine, the model and the logs are kept ({cache})
  CMAKE_ARGS           more options for the engine's build, such as -DGGML_CUDA=ON

Exit codes: 0 good, 1 failed, 2 not understood, 130 stopped by Ctrl+C; run and test pass on those of what they start.
"""


def _set_up(places: Places) -> int:
    set_up(places, qt_lacks(window=has_display(sys.platform, os.environ), tests=False))
    return 0


_COMMANDS: dict[str, Callable[[Places, list[str]], int]] = {
    "run": run,
    "test": test,
    "engine": engine,
    "bundle": bundle,
    "appimage": app_image,
    "packages": packages,
    "reproduce": reproduce,
    "release": release,
    "lock": lock,
}
_ALONE: dict[str, Callable[[Places], int]] = {"setup": _set_up, "check": check_and_report}


class _TerminatedError(Exception):
    """The process was asked to end."""


def main(arguments: Sequence[str]) -> int:
    """Carry out one command line; the exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A console that cannot show a character must not end the program.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    signal.signal(signal.SIGTERM, _on_terminate)
    try:
        return _carry_out(find_places(), list(arguments))
    except SetupError as error:
        say(error.sentence)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except _TerminatedError:
        return 143
    except BrokenPipeError:
        return 1
    except OSError as error:
        say(from_os_error(error).sentence)
        return 1


def _on_terminate(_number: int, _frame: FrameType | None) -> None:
    raise _TerminatedError


def _carry_out(places: Places, arguments: list[str]) -> int:
    command, rest = (arguments[0], arguments[1:]) if arguments else ("--help", [])
    if command in ("-h", "--help", "help") or (
        command in ("setup", "check", "engine") and rest and rest[0] in ("-h", "--help")
    ):
        print(HELP.format(cache=places.cache))
        return 0
    if command in _COMMANDS:
        return _COMMANDS[command](places, rest)
    if command in _ALONE and rest:
        raise SetupError(f"`{command}` takes no arguments; see: python3 packaging/dev.py --help", 2)
    if command in _ALONE:
        return _ALONE[command](places)
    raise SetupError(f"There is no command {command!r}; see: python3 packaging/dev.py --help", 2)
