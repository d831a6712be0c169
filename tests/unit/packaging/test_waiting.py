"""Shows that two set-ups at once wait for one another, and that a killed one is not waited for."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from dev_steps.waiting import alone

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"
HOLDS = """
import pathlib, sys, time
from dev_steps.waiting import alone
with alone(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def holder(lock: Path, seconds: float) -> "subprocess.Popen[str]":
    """A process that has the lock by the time this returns."""
    command = [sys.executable, "-c", HOLDS, str(lock), str(seconds)]
    process = subprocess.Popen(command, cwd=PACKAGING, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_waits_and_says_for_whom(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lock = tmp_path / "cache" / "lock"
    with holder(lock, 1.0) as other, alone(lock):
        assert other.wait(10) == 0
    assert f"process {other.pid}" in capfd.readouterr().err


def test_one_that_was_killed_is_not_waited_for(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with holder(lock, 60) as other:
        other.kill()
        other.wait()
        began = time.monotonic()
        with alone(lock):
            assert time.monotonic() - began < 5
