"""What the application allows libraries to do on the network: nothing that the user did not ask for."""

from collections.abc import MutableMapping

# Read by huggingface_hub when it is first imported; set before any room can import it.
QUIET_ENVIRONMENT = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "HF_HUB_DISABLE_XET": "1",
}


def quiet_libraries(environment: MutableMapping[str, str]) -> None:
    """Switch off telemetry and implicit sign-in in `environment` (the process's own, as a rule)."""
    environment.update(QUIET_ENVIRONMENT)
