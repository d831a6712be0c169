"""Shows that the two commands explain themselves, and that a Python that is too old is told so in a sentence."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from dev import too_old_sentence
from dev_steps import main as dev_main
from dev_steps.failure import SetupError
from dev_steps.locking import clean_environment
from dev_steps.places import cache_folder

ROOT = Path(__file__).resolve().parents[3]
DEV = ROOT / "packaging" / "dev.py"
AS_OLD_PYTHON = f"""
import runpy, sys
sys.version_info = (3, 8, 10)
try:
    runpy.run_path({str(DEV)!r}, run_name="__main__")
finally:
    print([name for name in sys.modules if name.startswith("dev_steps")])
"""


def dev(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """packaging/dev.py with `arguments`, to its end."""
    return subprocess.run([sys.executable, str(DEV), *arguments], capture_output=True, text=True, check=False)


def test_an_old_python_can_read_the_file() -> None:
    tree = ast.parse(DEV.read_text(encoding="utf-8"), feature_version=(3, 5))
    newer = (ast.JoinedStr, ast.NamedExpr, ast.Match, ast.AnnAssign)
    assert [node for node in ast.walk(tree) if isinstance(node, newer)] == []


def test_an_old_python_is_told_so_before_anything_newer_is_read() -> None:
    done = subprocess.run([sys.executable, "-c", AS_OLD_PYTHON], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == "[]\n"
    assert done.stderr.startswith("Inglenook needs Python 3.11 or newer, and this is 3.8. ")
    assert len(done.stderr.splitlines()) == 1


def test_a_newer_python_that_is_here_is_named() -> None:
    assert "python3.12 packaging/dev.py" in too_old_sentence((3, 9), {"python3.12": "/usr/bin/python3.12"}.get)
    assert "Install a newer Python" in too_old_sentence((3, 9), lambda _: None)


@pytest.mark.parametrize("arguments", [["--help"], [], ["setup", "--help"]])
def test_it_explains_itself(arguments: list[str]) -> None:
    done = dev(*arguments)
    assert done.returncode == 0
    for command in ("run", "test", "setup", "check", "lock"):
        assert f"\n  {command} " in done.stdout


@pytest.mark.parametrize("arguments", [["rnu"], ["setup", "twice"], ["check", "this"]])
def test_what_it_does_not_understand(arguments: list[str]) -> None:
    done = dev(*arguments)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (SetupError("There is no compiler."), 1, "There is no compiler."),
        (PermissionError(13, "Permission denied", "/cache"), 1, "Permission denied (/cache)"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_failures_are_sentences(
    error: BaseException, code: int, said: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> int:
        raise error

    monkeypatch.setattr(dev_main, "_carry_out", fail)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert dev_main.main(["setup"]) == code
    err = capfd.readouterr().err
    assert said in err
    assert "Traceback" not in err


def test_the_lock_is_resolved_without_this_machines_indexes() -> None:
    env = {
        "UV_FIND_LINKS": "a",
        "UV_EXTRA_INDEX_URL": "b",
        "UV_DEFAULT_INDEX": "c",
        "UV_CONFIG_FILE": "d",
        "UV_HTTP_TIMEOUT": "60",
        "PATH": "p",
    }
    assert clean_environment(env) == {"UV_HTTP_TIMEOUT": "60", "PATH": "p"}


def test_the_cache_can_be_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("INGLENOOK_DEV_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("INGLENOOK_DEV_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    assert cache_folder() == tmp_path / "inglenook-dev"


def test_ci_calls_the_tests_and_makes_the_packages_and_nothing_else() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    begin = ["#!/usr/bin/env bash", "set -e", 'cd "$(dirname "$0")/.."']
    assert lines == [*begin, "python3 packaging/dev.py test", "python3 packaging/dev.py packages"]
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111 or sys.platform == "win32"
