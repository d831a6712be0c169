"""`inglenook self-test`: the window driven as a person would, its figures printed."""

import json
import os
from dataclasses import asdict, replace
from pathlib import Path

import click

from app.bootstrap import Options, assemble, window_services
from app.cli import exit_codes
from app.cli.window import has_display


def run_and_print(options: Options, screenshots: Path | None, as_json: bool) -> int:
    """Run the self-test in a temporary profile (unless one is named) and print its report; returns 1 on any failure."""
    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if options.profile is None:
        options = replace(options, temp_profile=True)
    from app.ui.self_test import run_self_test

    application = assemble(options)
    try:
        report = run_self_test(lambda: window_services(application), screenshots)
    finally:
        application.close()
    figures = asdict(report)
    if as_json:
        click.echo(json.dumps(figures, ensure_ascii=False))
    else:
        for name, value in figures.items():
            lines = value if isinstance(value, (list, tuple)) else [value]
            for index, line in enumerate(lines or ["none"]):
                click.echo(f"{name if index == 0 else '':24}{line}")
    return exit_codes.DONE if report.ok else exit_codes.FAILURE
