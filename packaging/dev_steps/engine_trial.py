"""Tries the engine that the packages carry: its modules for processors, and Vulkan on a card that Mesa plays."""

import os
import subprocess
import time
from pathlib import Path

from dev_steps.checking import environment_for_tests
from dev_steps.failure import SetupError
from dev_steps.places import Places
from dev_steps.progress import say
from dev_steps.system import Lack, provide

MARKER = "release_engine"
_DRIVERS = Path("/usr/share/vulkan/icd.d")


def try_engine(places: Places) -> None:
    """Run the tests of the packages' engine, which must be built. Raises SetupError when one fails."""
    began = time.monotonic()
    if not list(_DRIVERS.glob("lvp_icd*.json")):
        lack = Lack("a Vulkan driver for tests", "mesa-vulkan-drivers", "Install Mesa's lavapipe.")
        if os.geteuid() == 0:
            provide([lack], places.logs)
        else:
            say("NOT TRIED: Vulkan, because Mesa's lavapipe is missing (mesa-vulkan-drivers).")
    command = [str(places.python), "-m", "pytest", "-q", "-m", MARKER, "tests/e2e/test_release_engine.py"]
    done = subprocess.run(command, cwd=places.root, env=environment_for_tests(places), check=False)
    if done.returncode != 0:
        raise SetupError("The engine of the packages did not pass its tests, which are printed above.")
    say(f"The packages' engine: everything good ({time.monotonic() - began:.0f} s)")
