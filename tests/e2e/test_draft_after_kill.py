"""A process that is killed has what was written and not sent on the disk, a second after the last key."""

import signal
from pathlib import Path

from tests.e2e.driven import bare_environment, run, write_launcher

_KILLED = """
def steps(window):
    import os, signal, time
    from PySide6.QtTest import QTest

    QTest.keyClicks(window.page.composer.field, "not sent")
    end = time.monotonic() + 1.0
    yield lambda: time.monotonic() > end
    os.kill(os.getpid(), signal.SIGKILL)
"""
_AFTERWARDS = """
def steps(window):
    print("found:", window.page.composer.text, flush=True)
    yield lambda: True
"""


def test_the_next_start_has_it(tmp_path: Path) -> None:
    for name in ("home", "tmp"):
        (tmp_path / name).mkdir()
    environment = bare_environment(tmp_path / "home", tmp_path / "tmp")
    ended = [
        run(
            write_launcher(tmp_path / folder, steps, frozen=False),
            *("--profile", tmp_path / "profile", "--fake-engine"),
            environment=environment,
        )
        for folder, steps in (("killed", _KILLED), ("afterwards", _AFTERWARDS))
    ]
    assert [one.returncode for one in ended] == [-signal.SIGKILL, 0]
    assert "found: not sent" in ended[1].stdout
