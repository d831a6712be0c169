"""The window as a process: it closes when it is asked to, and shows what nobody foresaw."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

RUN = """
import sys
from dataclasses import replace
from app.bootstrap import Options
from app.bootstrap.window_door import window_door
from app.ui import app as ui_app
from pathlib import Path
door = window_door(Options(profile=Path(sys.argv[1]), fake_engine=True))
def enter(key):
    opened = door.open(key)
    from PySide6.QtCore import QTimer
    exec(sys.argv[2], {"QTimer": QTimer})
    return opened
code = ui_app.run_window(replace(door, open=enter))
print("ended with", code, flush=True)
"""


Start = Callable[[Path, str], "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts processes with a window, and ends those that a failed test has left."""
    started: list[subprocess.Popen[str]] = []

    def start_one(profile: Path, extra: str) -> "subprocess.Popen[str]":
        started.append(_start(profile, extra))
        return started[-1]

    yield start_one
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _start(profile: Path, extra: str) -> "subprocess.Popen[str]":
    env = dict(os.environ, QT_QPA_PLATFORM="offscreen", PYTHONPATH=str(ROOT))
    command = [sys.executable, "-c", RUN, str(profile), extra]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=env, stdout=pipe, stderr=pipe, text=True, cwd=ROOT)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send these signals to a single process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_window_closes_when_it_is_asked_to(start: Start, profile: Path, number: signal.Signals) -> None:
    process = start(profile, "QTimer.singleShot(300, lambda: print('running', flush=True))")
    assert process.stdout is not None
    assert process.stdout.readline() == "running\n"
    process.send_signal(number)
    out, errors = process.communicate(timeout=20)
    assert out == "ended with 0\n"
    assert "Traceback" not in errors
    assert process.returncode == 0


def test_a_fault_in_a_slot_opens_the_crash_dialog_and_is_logged(start: Start, profile: Path) -> None:
    extra = """
def look():
    from PySide6.QtWidgets import QApplication, QPlainTextEdit
    dialog = QApplication.activeModalWidget()
    print("dialog:", "RuntimeError" in dialog.findChildren(QPlainTextEdit)[0].toPlainText(), flush=True)
    dialog.close()
    QApplication.activeWindow().close() if QApplication.activeWindow() else QApplication.closeAllWindows()
def fault():
    QTimer.singleShot(200, look)
    raise RuntimeError("nobody thought of this")
QTimer.singleShot(300, fault)
"""
    process = start(profile, extra)
    out, _ = process.communicate(timeout=20)
    assert "dialog: True" in out
    assert "ended with 0" in out
    log = (profile / "logs" / "inglenook.log").read_text(encoding="utf-8")
    assert "RuntimeError" in log
    assert "nobody thought of this" not in log, "what an unknown error says may be a user's text"


def test_closing_in_mid_answer_keeps_the_part_and_ends_quickly(start: Start, profile: Path) -> None:
    extra = """
def ask():
    from PySide6.QtWidgets import QApplication
    window = next(w for w in QApplication.topLevelWidgets() if hasattr(w, "page"))
    if window.page.header.dot.state.name != "READY":
        QTimer.singleShot(100, ask)
        return
    window.page.send("word " * 300)
    QTimer.singleShot(1500, window.close)
QTimer.singleShot(500, ask)
"""
    process = start(profile, extra)
    began = time.monotonic()
    out, errors = process.communicate(timeout=20)
    assert "ended with 0" in out, errors
    assert time.monotonic() - began < 10
    from app.storage.conversations import ConversationStore
    from app.storage.database import open_database
    from tests.ui.driving import a_moment

    database = open_database(profile / "conversations.db", a_moment()).database
    store = ConversationStore(database)
    messages = store.messages(store.list()[0].id)
    database.close()
    assert messages[1].text.startswith("You said: word word")
    assert messages[1].stop_reason == "cancelled"
