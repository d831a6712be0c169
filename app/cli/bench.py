"""`inglenook bench`: how fast a model reads and writes on this computer."""

import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import click

from app.bootstrap import Application, Options, assemble
from app.cli import exit_codes
from app.cli.terminal import interruptible, load_model, show_notices
from app.core.cancel import CancelToken
from app.core.model import LoadedModel
from app.core.speed import QUICK_TESTS, STANDARD_TESTS, SpeedReport, SpeedResult, SpeedTest
from app.core.speed_wording import (
    duration_words,
    engine_words,
    machine_words,
    model_words,
    range_words,
    rate_words,
    scaled_words,
    seconds_words,
)
from app.services.speed_events import (
    SpeedEvent,
    SpeedModelLoading,
    SpeedReportDone,
    SpeedRunDone,
    SpeedTestDone,
    SpeedTestStarted,
)
from app.services.speed_text import as_json


def chosen_tests(quick: bool, only: Sequence[str]) -> tuple[SpeedTest, ...]:
    """The standard tests, or the quick ones; of these only those that `only` names, if it names any."""
    tests = QUICK_TESTS if quick else STANDARD_TESTS
    return tuple(test for test in (STANDARD_TESTS if only else tests) if not only or test.name in only)


def run_bench(
    options: Options, model: Path | None, tests: Sequence[SpeedTest], runs: int, as_json_object: bool, repeats_long: bool
) -> int:
    """Measure, print and keep the report; returns the exit code. Raises InglenookError."""
    application = assemble(options)
    printer = _JsonPrinter() if as_json_object else _TablePrinter()
    complete = False
    try:
        show_notices(application)
        with interruptible() as cancel:
            loaded = load_model(application, model, cancel)
            complete = _run(application, loaded, tests, runs, cancel, printer, repeats_long)
    finally:
        application.models.unload()
        application.close()
    return exit_codes.DONE if complete else exit_codes.CANCELLED


def _run(
    application: Application,
    loaded: LoadedModel,
    tests: Sequence[SpeedTest],
    runs: int,
    cancel: CancelToken,
    printer: "_TablePrinter | _JsonPrinter",
    repeats_long: bool,
) -> bool:
    """Show the events as they come; whether every test was run."""
    printer.begin(loaded)
    progress = _Progress()
    complete = False
    events = application.speed.run(tests, runs, cancel, repeats_long=repeats_long, restores=False)
    with closing(progress):
        for event in events:
            progress.show(event)
            if isinstance(event, SpeedTestDone):
                progress.close()
                printer.row(event.result)
            elif isinstance(event, SpeedReportDone):
                progress.close()
                printer.end(event.report, event.complete)
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

    def begin(self, loaded: LoadedModel) -> None:
        """Print what stands above the rows."""
        info = loaded.info
        click.echo(" ".join(part for part in (loaded.name, info.quantization) if part))
        click.echo(_line("test", "tokens/s", "range", "first token", "total", "runs"))

    def row(self, result: SpeedResult) -> None:
        """Print one test's result, and that it was scaled down when it was."""
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
            click.echo(f"  {_size(result.test)}, {scaled}")

    def end(self, report: SpeedReport, complete: bool) -> None:
        """Print on what it was measured."""
        if not complete:
            click.echo("Stopped before all tests were run; this report is not kept.")
        click.echo(f"Model    {model_words(report.model)}")
        click.echo(f"Machine  {machine_words(report.machine)}")
        click.echo(f"Engine   {engine_words(report.engine)}")


class _JsonPrinter:
    """One JSON object at the end."""

    def begin(self, loaded: LoadedModel) -> None:
        """Nothing: the object names the model itself."""

    def row(self, result: SpeedResult) -> None:
        """Nothing: the object holds all results."""

    def end(self, report: SpeedReport, complete: bool) -> None:  # noqa: ARG002 (the exit code says it)
        """Print the object."""
        click.echo(as_json(report))


def _line(*cells: str) -> str:
    name, *figures = cells
    widths = (9, 15, 12, 12, 5)
    return f"{name:<17}" + "".join(f"{cell:>{width}}" for cell, width in zip(figures, widths, strict=True))


def _size(test: SpeedTest) -> str:
    depth = f" at depth {test.depth:,}" if test.depth else ""
    return f"{test.prompt_tokens:,} / {test.completion_tokens:,} tokens{depth}"
