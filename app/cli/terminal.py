"""What the terminal's commands share: a model loaded with its progress shown, Ctrl+C that stops cleanly."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from app.bootstrap import Application
from app.cli.declared_options import Chosen
from app.core.cancel import CancelToken
from app.core.generation import PromptRepaired, ReasoningChunk
from app.core.model import LoadedModel, LoadParameters, LoadStep
from app.services.events import ModelLoading

_NOTHING: Chosen[LoadParameters] = Chosen({})
_STEPS = {LoadStep.CHECKING: "Checking", LoadStep.TRYING: "Trying", LoadStep.LOADING: "Loading"}


def load_model(
    application: Application, path: Path | None, cancel: CancelToken, chosen: Chosen[LoadParameters] = _NOTHING
) -> LoadedModel:
    """Load `path` (None: the included model); on a terminal, stderr shows how far it is.

    `chosen` is what the command line says of how; without any of it the file is loaded as it was before.
    """
    shown = sys.stderr.isatty()
    parameters = None
    if chosen.values:
        file = path or application.paths.models / application.models.included.file_name
        parameters = chosen.applied_to(LoadParameters(file.expanduser().absolute()))

    def on_progress(loading: ModelLoading) -> None:
        if shown:
            click.echo(f"\r\033[K{_STEPS[loading.step]} {loading.name}… {loading.fraction:4.0%}", err=True, nl=False)

    try:
        return application.models.load(path, cancel, on_progress, parameters)
    finally:
        if shown:
            click.echo("\r\033[K", err=True, nl=False)


def show_notices(application: Application) -> None:
    """What the user should know from the start, on stderr."""
    for notice in application.notices:
        click.echo(notice, err=True)


def show_aside(event: ReasoningChunk | PromptRepaired) -> None:
    """What comes with an answer and is no part of it, on stderr: reasoning (dimmed, to a person only), a repair."""
    if isinstance(event, PromptRepaired):
        click.echo(event.sentence, err=True)
    elif sys.stderr.isatty():
        click.echo(click.style(event.text, dim=True), err=True, nl=False)


@contextmanager
def interruptible() -> Iterator[CancelToken]:
    """A token that Ctrl+C cancels; a second Ctrl+C raises KeyboardInterrupt, for work that does not listen."""
    token = CancelToken()

    def on_interrupt(_signal: int, _frame: FrameType | None) -> None:
        if token.cancelled:
            raise KeyboardInterrupt
        token.cancel()

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield token
    finally:
        signal.signal(signal.SIGINT, before)
