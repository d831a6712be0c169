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
from app.core.generation import ContextShifted, PromptRepaired, ReasoningChunk
from app.core.model import LoadedModel, LoadParameters, LoadStep
from app.core.wording import shifted_in_words, start_left_out_in_words, summarised_in_words, trimmed_in_words
from app.services.events import HistorySummarised, HistoryTrimmed, ModelLoading

Aside = ReasoningChunk | PromptRepaired | ContextShifted | HistoryTrimmed | HistorySummarised

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
        loaded = application.models.load(path, cancel, on_progress, parameters)
    finally:
        if shown:
            click.echo("\r\033[K", err=True, nl=False)
    if loaded.info.gpu_fault:
        click.echo(loaded.info.gpu_fault, err=True)
    return loaded


def show_notices(application: Application) -> None:
    """What the user should know from the start, on stderr."""
    for notice in application.notices:
        click.echo(notice, err=True)


def show_aside(event: Aside) -> None:
    """What comes with an answer and is no part of it, on stderr.

    Reasoning (dimmed, to a person only), a repair, and whatever of the conversation the model does not see.
    """
    if isinstance(event, ReasoningChunk):
        if sys.stderr.isatty():
            click.echo(click.style(event.text, dim=True), err=True, nl=False)
    elif isinstance(event, PromptRepaired):
        click.echo(event.sentence, err=True)
    elif isinstance(event, ContextShifted):
        if sys.stderr.isatty():  # it comes in mid-line
            click.echo(err=True)
        click.echo(shifted_in_words(event.discarded_tokens), err=True)
    else:
        _show_left_out(event)


def _show_left_out(event: HistoryTrimmed | HistorySummarised) -> None:
    if event.left_out:
        words = summarised_in_words if isinstance(event, HistorySummarised) else trimmed_in_words
        click.echo(words(event.left_out), err=True)
    if event.left_out_characters:
        click.echo(start_left_out_in_words(event.left_out_characters), err=True)


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
