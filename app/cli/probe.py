"""`inglenook probe`: the guards run on one file."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import click

from app.bootstrap import Options, assemble
from app.cli import exit_codes
from app.cli.terminal import interruptible
from app.services.probe import probe


def probe_file(options: Options, path: Path, as_json: bool) -> int:
    """Print "ok" or what is wrong with the file; returns the exit code. Raises CancelledError."""
    application = assemble(replace(options, forgets_chats=True))
    try:
        with interruptible() as cancel:
            report = probe(application.model_files, path, cancel)
    finally:
        application.close()
    click.echo(json.dumps(asdict(report), ensure_ascii=False) if as_json else report.sentence)
    return exit_codes.DONE if report.ok else exit_codes.FAILURE
