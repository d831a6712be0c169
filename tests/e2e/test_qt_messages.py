"""What Qt has to say goes to the log and not to standard error."""

import subprocess
import sys
from pathlib import Path

from tests.e2e.process import REPOSITORY, environment

SCRIPT = """
import logging
from pathlib import Path
from app.logs import start_logging
from app.ui.app import make_application
start_logging(Path("{log}"), debug=False)
application = make_application()
from PySide6.QtCore import qWarning
qWarning("something about the platform")
"""


def test_a_message_of_qt_is_in_the_log_only(tmp_path: Path) -> None:
    log = tmp_path / "qt.log"
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(log=log)],
        env={**environment(), "QT_QPA_PLATFORM": "offscreen"},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "something about the platform" in log.read_text(encoding="utf-8")
