"""`inglenook bench`: how fast a model reads and writes on this computer."""

import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import click

from app.bootstrap import Options, assemble
from app.cli import exit_codes
from app.cli.passphrase import is_locked
from app.cli.terminal import interruptible, load_model, show_notices
from app.core.cancel import CancelToken
from app.core.model import LoadedModel
from app.core.speed import DEFAULT_RUNS, QUICK_TESTS, STANDARD_TESTS, SpeedResult, SpeedTest
from app.core.speed_wording import (
    duration_words,
    engine_words,
    machine_words,
    model_words,
    range_words,
    rate_words,
    scaled_words,
    seconds_words,
    size_words,
)
from app.services.speed import SpeedService
from app.services.speed_events import (
    SpeedEvent,
    SpeedModelLoading,
    SpeedReportDone,
    SpeedRunDone,
    SpeedTestDone,
    SpeedTestStarted,
)
from app.services.speed_text import as_json


@dataclass(frozen=True, slots=True)
class Choices:
    """Which tests are run how often, whether long ones too, and in what form they are printed."""

    tests: tuple[SpeedTest, ...]
    runs: int
    repeats_long: bool
    as_json: bool


def choose(quick: bool, only: Sequence[str], runs: int | None, as_json: bool) -> Choices:
    """What the options mean; raises click.UsageError for a test that there is not."""
    names = [test.name for test in STANDARD_TESTS]
    for name in only:
        if name not in names:
            raise click.UsageError(f"There is no test {name}. The tests are {', '.join(names)}.")
    tests = tuple(t for t in STANDARD_TESTS if t.name in only) or (QUICK_TESTS if quick else STANDARD_TESTS)
    return Choices(tests, runs or (1 if quick else DEFAULT_RUNS), runs is not None, as_json)


def run_bench(options: Options, model: Path | None, choices: Choices) -> int:
    """Measure, print and keep the report; returns the exit code. Raises InglenookError."""
    # No conversation is needed, so nobody has to open the lock for it.
    application = assemble(replace(options, tells_crashes=False, forgets_chats=is_locked(options)))
    try:
        show_notices(application)
        with interruptible() as cancel:
            loaded = load_model(application, model, cancel)
            complete = _run(application.speed, loaded, choices, cancel)
    finally:
        application.models.unload()
        application.close()
    return exit_codes.DONE if complete else exit_codes.CANCELLED


def _run(speed: SpeedService, loaded: LoadedModel, choices: Choices, cancel: CancelToken) -> bool:
    """Show the events as they come; whether every test was run."""
    printer = _JsonPrinter() if choices.as_json else _TablePrinter()
    printer.begin(loaded)
    complete = False
    # Nobody uses the model afterwards, so there is no need to load it again as it was.
    events = speed.run(choices.tests, choices.runs, cancel, repeats_long=choices.repeats_long, restores=False)
    with closing(_Progress()) as progress:
        for event in events:
            progress.show(event)
            if isinstance(event, SpeedTestDone):
                progress.close()
                printer.row(event.result)
            elif isinstance(event, SpeedReportDone):
                progress.close()
                printer.end(event)
                complete = event.complete
                if event.failure is not None:
                    click.echo(event.failure.sentence, err=True)
    return complete


class _Progress:
    """One line on standard error, when that is a terminal, that is written over and over."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._before = ""
        self._left = ""

    def show(self, event: SpeedEvent) -> None:
        """Say what happens now."""
        if isinstance(event, SpeedModelLoading):
            self._write(f"Loading the model with a context of {event.context_length:,} tokens…")
        elif isinstance(event, SpeedTestStarted):
            self._left = f", {duration_words(event.seconds_left)} left" if event.seconds_left is not None else ""
            self._before = f"Test {event.number} of {event.count}: {event.test.name}"
            self._write(f"{self._before}, run 1{self._left}")
        elif isinstance(event, SpeedRunDone) and event.result.runs < event.runs:
            self._write(f"{self._before}, run {event.result.runs + 1} of {event.runs}{self._left}")

    def close(self) -> None:
        """Leave the line empty."""
        self._write("")

    def _write(self, words: str) -> None:
        if self._shown:
            click.echo(f"\r\033[K{words}", err=True, nl=False)


class _TablePrinter:
    """A table on standard output that grows by a row for every test."""

    def __init__(self) -> None:
        self._printed = 0

    def begin(self, loaded: LoadedModel) -> None:
        """Print what stands above the rows."""
        click.echo(" ".join(part for part in (loaded.name, loaded.info.quantization) if part))
        click.echo(_line("test", "tokens/s", "range", "first token", "total", "runs"))

    def row(self, result: SpeedResult) -> None:
        """Print one test's result, and that it was scaled down when it was."""
        self._printed += 1
        click.echo(
            _line(
                result.test.name,
                rate_words(result.rate.median),
                range_words(result.rate, result.runs),
                seconds_words(result.first_token_seconds),
                seconds_words(result.total_seconds),
                str(result.runs),
            )
        )
        if scaled := scaled_words(result.test):
            click.echo(f"  {size_words(result.test)}: {scaled}")

    def end(self, event: SpeedReportDone) -> None:
        """Print what a stopped test gave, and on what all was measured."""
        for result in event.report.results[self._printed :]:
            self.row(result)
        if not event.complete:
            click.echo("Stopped before all was measured.")
        click.echo(f"Model    {model_words(event.report.model)}")
        click.echo(f"Machine  {machine_words(event.report.machine)}")
        click.echo(f"Engine   {engine_words(event.report.engine)}")


class _JsonPrinter:
    """One JSON object at the end."""

    def begin(self, loaded: LoadedModel) -> None:
        """The object will name the model."""

    def row(self, result: SpeedResult) -> None:
        """The object will hold the result."""

    def end(self, event: SpeedReportDone) -> None:
        """Print the object."""
        click.echo(as_json(event.report))


def _line(*cells: str) -> str:
    name, *figures = cells
    widths = (10, 15, 13, 13, 6)
    return f"{name:<17}" + "".join(f"{cell:>{width}}" for cell, width in zip(figures, widths, strict=True))
