"""`inglenook devices`, as a process."""

import json
from pathlib import Path

import psutil

from app.core.machine_json import machine_from
from tests.e2e.process import inglenook


def test_it_describes_this_computer_and_makes_no_profile(tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    done = inglenook("--profile", profile, "devices", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert report["engine"].startswith("llama-cpp-python 0.3.36")
    processor = next(device for device in report["devices"] if device["kind"] == "cpu")
    assert processor["backend"] == "CPU"
    assert processor["description"]
    assert processor["total_bytes"] == report["ram_bytes"] <= psutil.virtual_memory().total
    assert 0 < processor["free_bytes"] < processor["total_bytes"]
    assert processor["bandwidth"] > 0
    assert report["disk_free_bytes"] > 0
    assert not profile.exists()


def test_what_it_prints_is_a_machine_that_can_be_read_again() -> None:
    report = json.loads(inglenook("--fake-engine", "devices", "--json").stdout)
    machine = machine_from(report)
    assert machine.cpu is not None
    assert machine.cpu.total_bytes == machine.ram_bytes == 8_000_000_000
    assert report["engine"] == "fake"


def test_the_table_says_it_in_gigabytes() -> None:
    done = inglenook("--fake-engine", "devices")
    assert done.stdout.splitlines() == [
        "NAME  BACKEND  TYPE       MEMORY    FREE  BANDWIDTH  DESCRIPTION",
        "CPU   CPU      processor  8.0 GB  4.0 GB  20.0 GB/s  A pretended processor",
        "RAM: 8.0 GB, 4.0 GB free",
        "Swap: none",
        "Disk: 100.0 GB free",
        "Bandwidth: CPU pretended",
        "fake",
    ]
