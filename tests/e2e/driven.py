"""The application as a process of its own, in a window that does what a test's steps say."""

import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.process import REPOSITORY, SECONDS

_LAUNCHER = """#!{python} -P
import sys

if {frozen}:  # as a packaged Inglenook is: it starts itself for its child processes
    sys.frozen = True
    sys.executable = __file__
sys.path.insert(0, {root!r})


def drive(steps):
    # Each step is run when what the one before it waits for has come true.
    from PySide6.QtCore import QTimer
    from app.ui.window import MainWindow

    shown = MainWindow.show

    def show(window):
        shown(window)
        window.driver = QTimer(window)
        window.driver.run, window.driver.awaited = steps(window), lambda: True

        def step():
            if window.driver.awaited():
                try:
                    window.driver.awaited = next(window.driver.run)
                except StopIteration:
                    window.driver.stop()
                    window.close()

        window.driver.timeout.connect(step)
        window.driver.start(20)

    MainWindow.show = show


{steps}
from app.__main__ import main

main()
"""


def write_launcher(folder: Path, steps: str = "", *, frozen: bool = True) -> Path:
    """An executable `inglenook` in `folder` that runs this checkout; `steps` define a generator steps(window)."""
    folder.mkdir(parents=True, exist_ok=True)
    launcher = folder / "inglenook"
    call = f"{steps}\ndrive(steps)\n" if steps else ""
    text = _LAUNCHER.format(python=sys.executable, frozen=frozen, root=str(REPOSITORY), steps=call)
    launcher.write_text(text, encoding="utf-8")
    launcher.chmod(0o755)
    return launcher


def bare_environment(home: Path, temporary: Path) -> dict[str, str]:
    """What a user's process has at least; nothing of the tests' own."""
    return {
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LANG": "C.UTF-8",
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONDONTWRITEBYTECODE": "1",  # a packaged one writes none either
    }


def run(
    launcher: Path, *arguments: str | Path, environment: dict[str, str], cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run it to the end and return what it printed."""
    return subprocess.run(
        [str(launcher), *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
        cwd=cwd or launcher.parent,
        env=environment,
        check=False,
    )


def everything_in(folder: Path) -> set[str]:
    """The names of all files and folders below."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
