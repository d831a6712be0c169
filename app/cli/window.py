"""`inglenook` without a command, or with a file: opens the window."""

import os
import sys
from pathlib import Path

import click

from app.bootstrap import Options
from app.bootstrap.window_door import window_door
from app.cli import exit_codes
from app.cli.terminal import show_notices


def open_window(options: Options, model: Path | None = None) -> int:
    """Show the window until it is closed; returns the exit code. Without a display it says so.

    With `model`, that file is loaded in place of the one that was used last.
    """
    if not has_display():
        click.echo("There is no display to open a window on. `inglenook chat` chats in the terminal.", err=True)
        return exit_codes.FAILURE
    from app.ui.app import run_window

    return run_window(window_door(options, show_notices, model))


def has_display() -> bool:
    """Whether a window can be shown: always on Windows and macOS, else when a display server is named."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
