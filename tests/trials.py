"""How tests run the trial of a model file: as the application does."""

from app.bootstrap import trial_command

TRIAL_COMMAND, REPOSITORY = trial_command()
