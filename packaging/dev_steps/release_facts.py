"""What every package must say of the release: its version, and the one date that all its files carry."""

import os
import re
import subprocess
import time

from dev_steps.failure import SetupError
from dev_steps.places import Places

# Where neither the variable nor git says when: a date that ZIP archives can hold too.
_NO_DATE = 315_619_200  # 1980-01-02
_VERSION = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)


def version(places: Places) -> str:
    """The version that app/__init__.py names."""
    match = _VERSION.search((places.root / "app" / "__init__.py").read_text(encoding="utf-8"))
    if match is None:
        raise SetupError("app/__init__.py does not say which version this is.")
    return match[1]


def source_date(places: Places) -> int:
    """When the source was last changed, in seconds since 1970: SOURCE_DATE_EPOCH, else the last commit's time."""
    chosen = os.environ.get("SOURCE_DATE_EPOCH", "")
    if chosen.isdecimal():
        return int(chosen)
    try:
        command = ["git", "log", "-1", "--format=%ct"]
        answer = subprocess.run(command, cwd=places.root, capture_output=True, text=True, check=False).stdout.strip()
    except FileNotFoundError:  # a source archive on a computer without git
        return _NO_DATE
    return int(answer) if answer.isdecimal() else _NO_DATE


def source_day(places: Places) -> str:
    """The same as a day, as metadata has it."""
    return time.strftime("%Y-%m-%d", time.gmtime(source_date(places)))
