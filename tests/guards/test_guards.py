"""Shows that every guard bites: each mess, made on purpose in a copy of our set-up, fails; clean work passes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Text, because these tests must fail: they run in a process of their own.
TESTS = """
import logging, os, socket, threading, time, warnings
import pytest
from PySide6.QtCore import qWarning

def test_bad_warning_logged():
    logging.getLogger("app.any").warning("unexpected")

def test_bad_warning_logged_without_propagation():
    logger = logging.getLogger("app.alone")
    logger.propagate = False
    logger.error("unexpected")

def test_good_info_logged():
    logging.getLogger("app.any").info("expected")

@pytest.mark.expects_log_records
def test_good_warning_expected(caplog):
    logging.getLogger("app.any").warning("wanted")
    assert "wanted" in caplog.text

def test_bad_python_warning():
    warnings.warn("old", DeprecationWarning)

def test_bad_qt_message(qtbot):
    qWarning("QObject: something is wrong")

def test_bad_thread_left():
    threading.Thread(target=time.sleep, args=(6,), daemon=True).start()

def test_good_thread_about_to_end():
    threading.Thread(target=time.sleep, args=(0.2,)).start()

def test_bad_exception_in_thread():
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()

def test_bad_connection_swallowed():
    try:
        socket.create_connection(("192.0.2.1", 9), timeout=0.1)
    except Exception:
        pass

def test_bad_datagram():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plug:
        plug.sendto(b"", ("192.0.2.1", 9))

def test_bad_look_up():
    socket.getaddrinfo("example.invalid", 80)

def test_good_loopback():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1]), timeout=5).close()

def test_bad_variable_left(monkeypatch):
    os.environ["ANY"] = "left"
    monkeypatch.delenv("ANY")  # which puts it back at the end

def test_good_variable_put_back(monkeypatch):
    assert "ANY" not in os.environ
    monkeypatch.setenv("ANY", "for now")

def test_good_screen(qapp):
    assert qapp.platformName() == "offscreen"

def test_good_profile(profile):
    assert not list(profile.iterdir())
"""
NAMES = [line.split("(")[0].removeprefix("def ") for line in TESTS.splitlines() if line.startswith("def ")]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What pytest said of each test, run with the configuration and the guards as they are committed."""
    folder = tmp_path_factory.mktemp("guarded")
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "tests").mkdir()
    for name in ("__init__.py", "conftest.py"):
        shutil.copy(ROOT / "tests" / name, folder / "tests")
    shutil.copytree(ROOT / "tests" / "guards", folder / "tests" / "guards", ignore=shutil.ignore_patterns("test_*"))
    (folder / "tests" / "test_bite.py").write_text(TESTS, encoding="utf-8")
    env = {key: value for key, value in os.environ.items() if key not in ("QT_QPA_PLATFORM", "PYTEST_ADDOPTS")}
    command = [sys.executable, "-m", "pytest", "-rA", "--tb=no", "-p", "no:cacheprovider", "tests/test_bite.py"]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    found: dict[str, set[str]] = {}
    for line in done.stdout.splitlines():
        outcome, _, rest = line.partition(" tests/test_bite.py::")
        if outcome in ("PASSED", "FAILED", "ERROR"):
            found.setdefault(rest.split(" ")[0], set()).add(outcome)
    assert found, done.stdout + done.stderr
    return found


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("test_bad")])
def test_a_mess_fails(name: str, outcomes: dict[str, set[str]]) -> None:
    assert outcomes[name] & {"FAILED", "ERROR"}


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("test_good")])
def test_clean_work_passes(name: str, outcomes: dict[str, set[str]]) -> None:
    assert outcomes[name] == {"PASSED"}
