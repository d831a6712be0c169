"""The one gate: what may leave this computer, and what libraries are told beforehand. Nothing that was not asked for.

installed.py puts the gate up, gate.py judges, attempts.py reads what Python reports, press.py carries what was pressed,
programs.py lets our own programs start, and seccomp.py shuts native code in, too.
"""

from collections.abc import MutableMapping

# Read by huggingface_hub when it is first imported; set before any room can import it.
QUIET_ENVIRONMENT = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "HF_HUB_DISABLE_XET": "1",
    "DO_NOT_TRACK": "1",
}


def quiet_libraries(environment: MutableMapping[str, str]) -> None:
    """Switch off telemetry and implicit sign-in in `environment` (the process's own, as a rule)."""
    environment.update(QUIET_ENVIRONMENT)
