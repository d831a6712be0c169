"""How long a process has been running."""

import subprocess
import sys
import time

_TELL = "import time; time.sleep(0.3); from app.ui.process_age import process_age; print(process_age())"


def test_a_process_is_no_older_than_whoever_started_it_waited() -> None:
    began = time.monotonic()
    told = float(subprocess.run([sys.executable, "-c", _TELL], capture_output=True, text=True, check=True).stdout)
    waited = time.monotonic() - began
    assert 0.29 <= told <= waited + 0.02
