"""`inglenook report`: all that a report of a problem would contain, to be read, or saved."""

from pathlib import Path

import click

from app.bootstrap import Options, report_sources
from app.cli import exit_codes
from app.services.problem_report import problem_report, save_report


def write_report(options: Options, output: Path | None) -> int:
    """Print the report, or save it as `output`; returns the exit code. Raises StorageError."""
    with report_sources(options) as sources:
        text = problem_report(sources)
    if output is None:
        click.echo(text, nl=False)
        return exit_codes.DONE
    save_report(text, output)
    click.echo(f"Saved as {output}. Read it before you send it to anybody.", err=True)
    return exit_codes.DONE
