"""Processes of our own that may die: they get no network at all, and tell the one that started them what they tried."""

import json
import logging
import os
from dataclasses import asdict

from app.core.network import Connection, Purpose, Rule
from app.network import seccomp
from app.network.installed import install, the_gate

_log = logging.getLogger(__name__)

_MARK = "inglenook-refused "
_STDERR = 2


def shut_in() -> None:
    """Be a process without network, from now on: Python by the hook, on Linux native code by the kernel, too."""
    gate = install()
    gate.hold_offline(is_child=True)
    gate.on_refused_child = _tell
    seccomp.refuse_internet()


def note_refusals(complaints: str) -> None:
    """Note in this process's log what the child that wrote these lines to stderr had tried."""
    for line in complaints.splitlines():
        if line.startswith(_MARK):
            try:
                said = json.loads(line.removeprefix(_MARK))
                found = Connection(**{**said, "purpose": Purpose(said["purpose"]), "rule": Rule(said["rule"])})
            except (ValueError, TypeError, KeyError) as error:
                _log.warning("what a child tells of the network cannot be read: %r", error)
                continue
            the_gate().note(found)


def _tell(refused: Connection) -> None:
    os.write(_STDERR, f"\n{_MARK}{json.dumps(asdict(refused))}\n".encode())
