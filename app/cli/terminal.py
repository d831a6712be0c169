"""What the terminal's commands share: a model loaded with its progress shown, Ctrl+C that stops cleanly."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from app.bootstrap import Application
from app.core.cancel import CancelToken
from app.core.model import LoadedModel, LoadStep
from app.services.events import ModelLoading

_STEPS = {LoadStep.CHECKING: "Checking", LoadStep.TRYING: "Trying", LoadStep.LOADING: "Loading"}


def load_model(application: Application, path: Path | None, cancel: CancelToken) -> LoadedModel:
    """Load `path` (None: the included model); on a terminal, stderr shows how far it is."""
    shown = sys.stderr.isatty()

    def on_progress(loading: ModelLoading) -> None:
        if shown:
            click.echo(f"\r\033[K{_STEPS[loading.step]} {loading.name}… {loading.fraction:4.0%}", err=True, nl=False)

    try:
        return application.models.load(path, cancel, on_progress)
    finally:
        if shown:
            click.echo("\r\033[K", err=True, nl=False)


def show_notices(application: Application) -> None:
    """What the user should know from the start, on stderr."""
    for notice in application.notices:
        click.echo(notice, err=True)


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
