#!/usr/bin/env python3
"""Sets Inglenook up from nothing, runs it, and tests it: see `python3 packaging/dev.py --help`."""

# This file must parse on any Python 3: the version is checked before a line of newer syntax is read.
import shutil
import sys

TYPE_CHECKING = False  # the module typing has it too, but costs old Pythons what they may not have
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

OLDEST = (3, 11)


def too_old_sentence(version: "Sequence[object]", which: "Callable[[str], str | None]") -> str:
    """What to say to a Python that is too old; `which` finds a program on PATH, to name a newer one if there is any."""
    newer = [name for name in ("python3.14", "python3.13", "python3.12", "python3.11") if which(name)]
    return "Inglenook needs Python {}.{} or newer, and this is {}.{}. {}".format(
        OLDEST[0],
        OLDEST[1],
        version[0],
        version[1],
        "Run it with the newer one that is here: {} packaging/dev.py".format(newer[0])
        if newer
        else "Install a newer Python and run the same command with it.",
    )


if __name__ == "__main__":
    if sys.version_info < OLDEST:
        sys.stderr.write(too_old_sentence(sys.version_info, shutil.which) + "\n")
        sys.exit(1)
    from dev_steps.main import main

    sys.exit(main(sys.argv[1:]))
