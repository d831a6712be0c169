"""Joins the real parts into one running application, by their constructors; the only place that names them.

What each way in needs is in a file of its own: the whole application, the commands about models, the window, a report.
"""

from app.bootstrap.application import Application, assemble
from app.bootstrap.children import ask_machine, machine_command, trial_command, try_model
from app.bootstrap.locked import lock_service
from app.bootstrap.model_commands import ModelServices, assemble_models, assemble_plans, describe_machine
from app.bootstrap.options import Options
from app.bootstrap.reporting import report_sources
from app.bootstrap.window_door import window_services
from app.engine.modules import use_own_libraries_only

__all__ = [
    "Application",
    "ModelServices",
    "Options",
    "ask_machine",
    "assemble",
    "assemble_models",
    "assemble_plans",
    "describe_machine",
    "lock_service",
    "machine_command",
    "report_sources",
    "trial_command",
    "try_model",
    "use_own_libraries_only",
    "window_services",
]
