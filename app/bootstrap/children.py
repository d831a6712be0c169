"""The processes that Inglenook starts of itself: what may die or hang is done in one of its own."""

import sys
from pathlib import Path

from app.network.children import shut_in

# Our own folder comes first on the path and the current one not at all (-P), so that an app.py or a llama_cpp which
# somebody put there is not run in place of ours. What may die gets no network.
_CHILD = (
    "import sys; sys.path.insert(0, sys.argv[1]); from app.network.children import shut_in; shut_in(); "
    "from {module} import main; main(sys.argv[2])"
)
_TRIAL = "app.engine.guards.trial_child"
_QUERY = "app.engine.machine.query_child"


def try_model(request: str) -> None:
    """Be the process in which a model file is tried; see app.engine.guards.trial_child."""
    shut_in()
    from app.engine.guards.trial_child import main

    main(request)


def ask_machine(request: str) -> None:
    """Be the process in which this computer is asked what it is; see app.engine.machine.query_child."""
    shut_in()
    from app.engine.machine.query_child import main

    main(request)


def trial_command() -> tuple[tuple[str, ...], Path]:
    """The command that tries a model file, without its last argument, and where to run it; see engine/guards/trial."""
    return _child_command("trial-child", _TRIAL)


def machine_command() -> tuple[tuple[str, ...], Path]:
    """The command that asks what this computer is, in the same way; see engine/machine/query."""
    return _child_command("machine-child", _QUERY)


def _child_command(name: str, module: str) -> tuple[tuple[str, ...], Path]:
    """A packaged Inglenook is its own Python: it starts itself with the hidden command `name`."""
    if getattr(sys, "frozen", False):
        return (sys.executable, name), Path(sys.executable).parent
    root = Path(__file__).resolve().parents[2]
    return (sys.executable, "-P", "-c", _CHILD.format(module=module), str(root)), root
