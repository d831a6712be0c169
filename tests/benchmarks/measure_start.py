"""Times process start to first paint on a profile with 300 conversations, beside a bare Qt window as the reference.

Wall time, and processor time up to then, which other programs on the machine disturb less. Bytecode is kept between the
runs, as an installed Inglenook has it. With --program, what is measured is the self-test of an installed one.

Run: python -m tests.benchmarks.measure_start [--runs 7] [--program FILE]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.interleaved import in_words, print_table, ratios
from tests.benchmarks.make_profile import make_profile

_TELL = """
def tell():
    import json, os, sys, time
    processor = time.process_time() * 1000
    from app.ui.process_age import process_age
    wall = process_age() * 1000
    print(json.dumps({"wall": wall, "processor": processor}), flush=True)
    close()
    os._exit(0)
"""

# The least that any Qt program does: a process, PySide6 read, an empty window painted.
_BARE_WINDOW = f"""{_TELL}
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
close = bool
class Bare(QWidget):
    def paintEvent(self, event):
        QTimer.singleShot(0, tell)
application = QApplication([])
window = Bare()
window.show()
application.exec()
"""

# What the command `inglenook` does before its window is painted; the end is ours, so that no model is loaded.
_OURS = f"""{_TELL}
import sys
from pathlib import Path
import app.cli.main
from app.bootstrap import Options, assemble, window_services
import app.ui.app
from app.ui.window import MainWindow
application = assemble(Options(profile=Path(sys.argv[1])))
close = application.close  # else the next start would tidy up after this one
qt = app.ui.app.make_application()
window = MainWindow(window_services(application))
window.first_painted.disconnect()
window.first_painted.connect(tell)
window.show()
qt.exec()
"""


@dataclass(frozen=True, slots=True)
class Start:
    """One start, in milliseconds up to the first paint; `processor` is None where that is not known."""

    wall: float
    processor: float | None


def main() -> None:
    """Print the median and the spread of both, and their ratio run by run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--program", type=Path, help="an installed inglenook")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder) / "profile"
        profile.mkdir()
        make_profile(profile, datetime.now(UTC))
        env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        env |= {"PYTHONPYCACHEPREFIX": f"{folder}/bytecode", "PYTHONDONTWRITEBYTECODE": ""}
        ours = [str(chosen.program)] if chosen.program else [sys.executable, "-c", _OURS, str(profile)]
        starts: dict[str, Callable[[], Start]] = {
            "a bare Qt window": lambda: _told([sys.executable, "-c", _BARE_WINDOW], env),
            "Inglenook": (lambda: _tested(ours, profile, env)) if chosen.program else (lambda: _told(ours, env)),
        }
        found: dict[str, list[Start]] = {name: [] for name in starts}
        for number in range(chosen.runs + 1):
            for name, start in starts.items():
                one = start()
                if number:  # the first of each warms the file cache, and compiles
                    found[name].append(one)
    _print(found)


def _print(found: Mapping[str, Sequence[Start]]) -> None:
    bare, ours = found.values()
    wall = [[start.wall for start in starts] for starts in (bare, ours)]
    processor = [[start.processor for start in starts if start.processor is not None] for starts in (bare, ours)]
    rows = [
        [title, *(in_words(values, " ms", 0) for values in both), in_words(ratios(both[1], both[0]))]
        for title, both in (("wall time", wall), ("processor time", processor))
        if all(both)
    ]
    print_table(["until the first paint", *found, "ratio"], rows)


def _told(command: Sequence[str], env: Mapping[str, str]) -> Start:
    values = json.loads(_run(command, env))
    return Start(values["wall"], values["processor"])


def _tested(program: Sequence[str], profile: Path, env: Mapping[str, str]) -> Start:
    report = json.loads(_run([*program, "--profile", str(profile), "self-test", "--json"], env))
    return Start(float(report["first_paint_ms"]), None)


def _run(command: Sequence[str], env: Mapping[str, str]) -> str:
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=True, timeout=300)
    return done.stdout.strip()


if __name__ == "__main__":
    main()
