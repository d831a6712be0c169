"""Puts the gate up in this process, before anything else is imported; a hook of Python's that nothing takes down."""

import os
import sys
from typing import Any

from app.network import quiet_libraries
from app.network.attempts import WATCHED
from app.network.gate import Gate

_installed: Gate | None = None


def install() -> Gate:
    """Put the gate up; once in a process."""
    global _installed
    if _installed is None:
        quiet_libraries(os.environ)
        gate = Gate()
        judge = gate.judge

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            if event in WATCHED:
                judge(event, arguments)

        sys.addaudithook(hook)
        _installed = gate
    return _installed


def the_gate() -> Gate:
    """The gate of this process; where none was put up, as in tests, one that only those ask who know it."""
    return _installed or Gate()
