"""Measures what a download costs the window: how late its main thread beats while 2 GB come, slowly and at full speed.

A precise timer beats every 5 ms on the main thread, with the page of downloads in view. A beat is late by the time
since the one before, less 5 ms; told is the share of those late by more than 16 ms, a frame at 60 Hz. The server is a
process of its own. Offscreen: nothing waits for a display.

Run: python -m tests.benchmarks.measure_download_window [--folder DIR]
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.bootstrap import Options, assemble, window_services
from app.core.plan import ModelFile
from app.ui.app import destroy
from app.ui.downloads.acts import AddRequest
from app.ui.sidebar.library import LibraryPlace
from app.ui.window import MainWindow
from tests.benchmarks.measure_download import ID, NAME, server
from tests.benchmarks.measure_stop import Heartbeat
from tests.hub_server.contents import LARGE_BYTES, LARGE_SHA256

_SPEEDS = (0, 100)  # MB per second; 0 is no limit
_SETTLING_SECONDS = 8.0
_IDLE_SECONDS = 5.0
_IDLE = "nothing"


def main() -> None:
    """Print a line for each speed, and one for a window that does nothing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication([])
    for speed in _SPEEDS:
        with tempfile.TemporaryDirectory(dir=parser.parse_args().folder) as folder, server() as endpoint:
            os.environ["HF_ENDPOINT"] = endpoint
            _measure(application, Path(folder), speed)


def _measure(qt: QApplication, folder: Path, speed: int) -> None:
    made = assemble(Options(profile=folder, fake_engine=False))
    settings = made.settings.load()
    made.settings.save(type(settings)(first_run_done=True, download_limit_megabytes=speed))
    window = MainWindow(window_services(made))
    window.show()
    window.navigation.show_library(LibraryPlace.DOWNLOADS)
    _live(qt, _SETTLING_SECONDS)
    heart, name = Heartbeat(), f"{speed} MB/s" if speed else "full speed"
    for during in (_IDLE, name):
        heart.due[during], heart.late[during], heart.worst[during] = 0, 0, 0.0
    heart.begin(_IDLE)
    _live(qt, _IDLE_SECONDS)
    heart.end()
    done: list[object] = []
    window.downloads.runner.done.connect(done.append)
    started = time.perf_counter()
    heart.begin(name)
    window.downloads.runner.add(AddRequest(ID, ModelFile(NAME, "Q4_K_M", LARGE_BYTES, sha256=LARGE_SHA256), "Large"))
    while not done and time.perf_counter() - started < 120:
        qt.processEvents()
        time.sleep(0.0002)
    heart.end()
    seconds = time.perf_counter() - started
    for during in (_IDLE, name):
        share = 100 * heart.late[during] / max(heart.due[during], 1)
        print(f"{during}: {heart.due[during]} beats, {share:.2f} % late by more than 16 ms, ", end="")
        print(f"worst {heart.worst[during]:.0f} ms")
    print(f"2 GB in {seconds:.1f} s, done: {bool(done)}")
    window.shutdown()
    window.close()
    destroy(window)
    made.close()


def _live(qt: QApplication, seconds: float) -> None:
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        qt.processEvents()
        time.sleep(0.0002)


if __name__ == "__main__":
    main()
