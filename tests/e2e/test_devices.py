"""`inglenook devices`, as a process."""

import json
from pathlib import Path

import psutil

from tests.e2e.process import inglenook


def test_it_lists_the_processor_with_its_memory_and_makes_no_profile(tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    done = inglenook("--profile", profile, "devices", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert report["engine"].startswith("llama-cpp-python 0.3.36")
    processor = next(device for device in report["devices"] if device["kind"] == "cpu")
    assert processor["backend"] == "CPU"
    assert processor["description"]
    assert processor["total_bytes"] == psutil.virtual_memory().total
    assert 0 < processor["free_bytes"] < processor["total_bytes"]
    assert not profile.exists()


def test_the_table_says_it_in_gigabytes() -> None:
    done = inglenook("devices")
    head, *rows, engine = done.stdout.splitlines()
    assert head.split() == ["NAME", "BACKEND", "TYPE", "MEMORY", "FREE", "DESCRIPTION"]
    assert any(f"{psutil.virtual_memory().total / 1e9:.1f} GB" in row and "processor" in row for row in rows)
    assert "llama-cpp-python" in engine


def test_the_fake_engine_has_devices_too() -> None:
    assert json.loads(inglenook("--fake-engine", "devices", "--json").stdout)["engine"] == "fake"
