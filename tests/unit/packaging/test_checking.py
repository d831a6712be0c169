"""The tests run without a screen, and each process finds what an earlier one has compiled."""

import subprocess
import sys
from pathlib import Path

import pytest

from dev_steps.checking import environment_for_tests
from dev_steps.places import Places


def test_a_module_is_compiled_once_for_all_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.delenv("QT_QPA_PLATFORM")
    places = Places(tmp_path / "checkout", tmp_path / "cache")
    (tmp_path / "some_module.py").write_text("print('here')\n", encoding="utf-8")
    env = environment_for_tests(places)
    assert env["QT_QPA_PLATFORM"] == "offscreen"
    subprocess.run([sys.executable, "-c", "import some_module"], cwd=tmp_path, env=env, check=True)
    assert len(list(places.venv.rglob("some_module.*.pyc"))) == 1
    assert not list(tmp_path.glob("__pycache__"))
