"""Checks the source (format, lint, types, imports) and runs the tests."""

import os
import subprocess
import time
from collections.abc import Sequence

from dev_steps import system
from dev_steps.environment import tool_environment
from dev_steps.places import Places
from dev_steps.progress import say
from dev_steps.running import wait_for
from dev_steps.setting_up import set_up
from dev_steps.system import Lack

# A process for each processor, which each keeps to its own: see tests/conftest.py. Where a process cannot be kept to
# one, the threads of its model would wait for those of another's. A file's tests stay together, for what they share,
# and the files in their order, in which the long ones come first.
_SIDE_BY_SIDE = ["--numprocesses=logical", "--maxprocesses=8", "--dist=loadfile", "--no-loadscope-reorder"]
_ALL_TESTS = _SIDE_BY_SIDE if hasattr(os, "sched_setaffinity") else []


def checks(places: Places) -> dict[str, list[str]]:
    """Each check by its name."""
    python = str(places.python)
    return {
        "format": [python, "-m", "ruff", "format", "--check", "."],
        "lint": [python, "-m", "ruff", "check", "."],
        "types": [python, "-m", "mypy"],
        "imports": [str(places.scripts / "lint-imports"), "--no-logo"],
    }


def check(places: Places, lacking: Sequence[Lack] = ()) -> list[str]:
    """Run every check, after seeing to what is missing; the names of those that failed."""
    set_up(places, lacking)
    failed = []
    for name, command in checks(places).items():
        began = time.monotonic()
        done = subprocess.run(command, cwd=places.root, env=tool_environment(places), check=False)
        say(f"{name}: {'good' if done.returncode == 0 else 'FAILED'} ({time.monotonic() - began:.1f} s)")
        if done.returncode != 0:
            failed.append(name)
    return failed


def test(places: Places, arguments: Sequence[str]) -> int:
    """Check the source, then run pytest with `arguments`; pytest's closing lines are the last thing printed."""
    failed = check(places, system.qt_lacks(window=True, tests=True))
    if failed:
        say(f"These checks failed: {', '.join(failed)}. The tests run all the same.")
    env = environment_for_tests(places)
    command = [str(places.python), "-m", "pytest", *(arguments or _ALL_TESTS)]
    code = wait_for(subprocess.Popen(command, cwd=places.root, env=env))
    return code or (1 if failed else 0)


def environment_for_tests(places: Places) -> dict[str, str]:
    """The variables for the tests: no screen; what each process of the application compiles is there for the next.

    They start the application more than a hundred times, and many a machine that runs tests forbids bytecode.
    """
    bytecode = {"PYTHONPYCACHEPREFIX": str(places.venv / "bytecode"), "PYTHONDONTWRITEBYTECODE": ""}
    return {"QT_QPA_PLATFORM": "offscreen", **tool_environment(places), **bytecode}


def check_and_report(places: Places) -> int:
    """The command `check`: 0 when everything is good."""
    return 1 if check(places) else 0
