"""Shows that long steps are seen to move, that their output is kept, and that an end of set-up ends them too."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from dev_steps import progress
from dev_steps.progress import ninja_percent, run_step

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"


@pytest.mark.parametrize(
    ("line", "percent"),
    [
        ("[12/345] Building CXX object ggml.cpp.o", 3),
        ("  [345/345] Linking", 100),
        ("[0/0] nothing", None),
        ("-- Found Threads", None),
    ],
)
def test_the_percentage_comes_from_ninja(line: str, percent: int | None) -> None:
    assert ninja_percent(line) == percent


def test_a_step_that_succeeds(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run_step("Doing", [sys.executable, "-c", "print('out')"], tmp_path / "logs" / "a.log") is None
    assert (tmp_path / "logs" / "a.log").read_text(encoding="utf-8") == "out\n"
    said = capfd.readouterr()
    assert said.out == ""
    assert "Doing …" in said.err
    assert "Doing: done" in said.err


def test_a_step_that_fails_gives_its_last_lines(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-c", "import sys; print('why', file=sys.stderr); sys.exit(3)"]
    assert run_step("Doing", command, tmp_path / "a.log") == "why\n"
    assert "Doing: failed" in capfd.readouterr().err


def test_nobody_watching_gets_a_line_now_and_then(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "QUIET_SECONDS", 0.3)
    run_step(
        "Doing", [sys.executable, "-c", "import time; print('[1/4]', flush=True); time.sleep(1)"], tmp_path / "log"
    )
    assert "Doing … 25 %, " in capfd.readouterr().err


def test_a_log_that_cannot_be_written_does_not_hang_the_command(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    command = [sys.executable, "-c", "print('x' * 1_000_000); raise SystemExit(1)"]
    assert "the log could not be written" in str(run_step("Doing", command, tmp_path / "taken"))


def is_running(pid: int) -> bool:
    """Whether a process does anything yet: one that ended may wait for the system to clear it away."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_ends_all_of_it_quietly(number: signal.Signals, code: int, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    grandchild = (
        f"import os, pathlib, time; pathlib.Path({str(pid_file)!r}).write_text(str(os.getpid())); time.sleep(60)"
    )
    program = (
        # The tests may run in a shell's background, where SIGINT is ignored from the start.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import dev_steps.main as m, pathlib, sys; from dev_steps.progress import run_step\n"
        f"command = ['sh', '-c', '\"$0\" -c \"$1\"; true', sys.executable, {grandchild!r}]\n"
        f"m._carry_out = lambda *_: run_step('Doing', command, pathlib.Path({str(tmp_path / 'log')!r}))\n"
        "sys.exit(m.main([]))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program], cwd=PACKAGING, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 20
    while not (pid_file.exists() and pid_file.read_text(encoding="utf-8")) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(process.pid, number)
    _, said = process.communicate(timeout=20)
    assert process.returncode == code
    assert "Traceback" not in said
    deadline = time.monotonic() + 5
    while is_running(int(pid_file.read_text(encoding="utf-8"))):
        assert time.monotonic() < deadline, "the command below was left running"
        time.sleep(0.05)
