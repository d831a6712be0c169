"""Times process start to first paint on a profile with 300 conversations, beside a bare Qt window as the reference.

Run: python -m tests.benchmarks.measure_start [--runs 7]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.make_profile import make_profile

# The least that any Qt program does: a process, PySide6 read, an empty window painted.
_BARE_WINDOW = """
import sys, time, psutil
from PySide6.QtWidgets import QApplication, QWidget
class Bare(QWidget):
    def paintEvent(self, event):
        print((time.time() - psutil.Process().create_time()) * 1000)
        sys.stdout.flush()
        QApplication.exit(0)
application = QApplication([])
window = Bare()
window.show()
application.exec()
"""


def main() -> None:
    """Print the median and the spread of both, and their ratio run by run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        make_profile(Path(folder), datetime.now(UTC))
        bare, ours = [], []
        for _ in range(runs + 1):
            bare.append(_bare())
            ours.append(_ours(Path(folder)))
    bare, ours = bare[1:], ours[1:]  # the first of each warms the file cache
    _print("bare Qt window", bare)
    _print("Inglenook, 300 conversations", ours)
    print(f"ratio, median of pairs: {statistics.median(o / b for o, b in zip(ours, bare, strict=True)):.2f}")


def _bare() -> float:
    return float(_run([sys.executable, "-c", _BARE_WINDOW]))


def _ours(profile: Path) -> float:
    report = json.loads(_run([sys.executable, "-m", "app", "--profile", str(profile), "self-test", "--json"]))
    return float(report["first_paint_ms"])


def _run(command: list[str]) -> str:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=300)
    return done.stdout.strip()


def _print(name: str, values: list[float]) -> None:
    print(f"{name}: median {statistics.median(values):.0f} ms, from {min(values):.0f} to {max(values):.0f} ms")


if __name__ == "__main__":
    main()
