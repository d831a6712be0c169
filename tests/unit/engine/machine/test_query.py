"""This computer is asked in a process of its own: whatever becomes of that process, there is a machine."""

import json
import logging
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from app.bootstrap import machine_command
from app.core.machine import Device, DeviceKind, Machine
from app.core.machine_json import machine_values
from app.engine.fake import FAKE_MACHINE
from app.engine.machine.evidence import Evidence, GpuFacts
from app.engine.machine.query import MachineAnswer, MachineQuery, free_by_address, query_machine
from app.engine.machine.query_process import ending

COMMAND, FOLDER = machine_command()


def run_script(script: str, seconds: float = 60.0) -> MachineAnswer:
    """Run Python code in place of the query."""
    return query_machine([sys.executable, "-c", script], seconds)


def test_this_computer_is_described(tmp_path: Path) -> None:
    answer = query_machine(COMMAND, 60.0, FOLDER, tmp_path)
    machine = answer.machine
    assert answer.engine_version.startswith("llama-cpp-python 0.3.36, ggml ")
    assert machine.cpu is not None
    assert machine.cpu.total_bytes == machine.ram_bytes <= psutil.virtual_memory().total
    assert 0 < machine.ram_free_bytes < machine.ram_bytes
    assert machine.cpu.bandwidth > 0
    assert machine.cpu.bandwidth_source.startswith("measured")
    assert machine.disk_free_bytes is not None
    assert machine.cores >= 1
    assert machine.processor


@pytest.mark.expects_log_records
@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("import os; os.abort()", "ended with SIGABRT"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "ended with SIGSEGV"),
        ("raise SystemExit(3)", "ended with exit code 3"),
        ("raise ValueError('a bug')", "ended with exit code 1"),
        ("import time; time.sleep(60)", "did not answer within 0.5 seconds"),
        ("print('no JSON')", "cannot be read"),
        ("print('[]')", "cannot be read"),
        ("print('{}')", "cannot be read"),
        ('print(\'{"machine": {}, "engine": ""}\')', "makes no sense: The description of a machine cannot be used"),
        ("print('[' * 100000)", "cannot be read"),
    ],
)
def test_a_query_that_fails_leaves_the_processor_and_says_why(
    script: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = run_script(script, seconds=0.5 if "sleep" in script else 60.0)
    assert [device.kind for device in answer.machine.devices] == [DeviceKind.CPU]
    assert answer.machine.ram_free_bytes > 0
    (doubt,) = answer.machine.doubts
    assert doubt.startswith("The GPU drivers could not be asked")
    assert reason in doubt
    assert answer.engine_version == "llama-cpp-python 0.3.36"
    assert any(record.levelno == logging.WARNING for record in caplog.records)


@pytest.mark.expects_log_records
def test_a_command_that_is_not_there_leaves_the_processor(tmp_path: Path) -> None:
    answer = query_machine([str(tmp_path / "missing")], 5.0)
    assert "could not be started" in answer.machine.doubts[0]


def test_what_a_driver_prints_is_no_part_of_the_answer() -> None:
    values = json.dumps({"machine": machine_values(FAKE_MACHINE), "engine": "e", "addresses": {}})
    script = (
        "import os; from app.engine.guards.quiet_child import claim_stdout; answer = claim_stdout(); "
        f"os.write(1, b'a driver talks'); os.write(answer, {values.encode()!r})"
    )
    answer = query_machine([sys.executable, "-c", script], 60.0, FOLDER)
    assert answer.machine == FAKE_MACHINE


def test_refreshing_changes_what_is_free_and_nothing_else(tmp_path: Path) -> None:
    query = MachineQuery(COMMAND, FOLDER)
    before = replace(FAKE_MACHINE, ram_free_bytes=1, swap_free_bytes=1)
    after = query.refresh(before, tmp_path)
    assert after.ram_free_bytes > 1
    assert after.cpu is not None
    assert after.cpu.free_bytes == after.ram_free_bytes
    assert (after.processor, after.cores) == (before.processor, before.cores)


def test_a_gpu_is_refreshed_by_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = Device("CUDA0", "NVIDIA GeForce RTX 4090", "CUDA", DeviceKind.GPU, 24_000, 23_000)
    machine = Machine("Linux", "p", 1, 8_000, 4_000, (replace(FAKE_MACHINE.devices[0]), gpu))
    values = json.dumps({"machine": machine_values(machine), "engine": "e", "addresses": {"CUDA0": "0000:01:00.0"}})
    query = MachineQuery([sys.executable, "-c", f"print({values!r})"], FOLDER)
    asked = query.ask(None)
    told = Evidence((GpuFacts("", "0000:01:00.0", free_bytes=9_000), GpuFacts("", "0000:02:00.0", free_bytes=1)))
    monkeypatch.setattr("app.engine.machine.query.ask_nvidia", lambda _own: told)
    assert query.refresh(asked, None).devices[1].free_bytes == 9_000


def test_the_least_that_is_free_counts() -> None:
    facts = [
        GpuFacts("a", "0000:01:00.0", free_bytes=5),
        GpuFacts("b", "0000:01:00.0", free_bytes=3),
        GpuFacts("b", "", free_bytes=1),
        GpuFacts("b", "0000:02:00.0"),
    ]
    assert free_by_address(facts) == {"0000:01:00.0": 3}


def test_how_a_process_ended() -> None:
    assert ending(-11) == "SIGSEGV"
    assert ending(-250) == "signal 250"
    assert ending(0xC0000005) == "exit code 0xc0000005"
