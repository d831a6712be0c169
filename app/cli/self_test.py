"""`inglenook self-test`: the window driven as a person would, its figures printed."""

import json
import os
import sys
from dataclasses import asdict, replace
from pathlib import Path

import click

from app.bootstrap import Options, window_services
from app.cli import exit_codes


def run_and_print(options: Options, screenshots: Path | None, as_json: bool) -> int:
    """Run the self-test in a temporary profile (unless one is named) and print its report; 1 on any failure."""
    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if options.profile is None:
        options = replace(options, temp_profile=True)
    from app.ui.self_test import run_self_test

    with window_services(options) as make_services:
        report = run_self_test(make_services, screenshots)
    if as_json:
        click.echo(json.dumps(asdict(report), ensure_ascii=False))
    else:
        for name, value in asdict(report).items():
            click.echo(f"{name:24} {value}")
    return exit_codes.DONE if report.ok else exit_codes.FAILURE
