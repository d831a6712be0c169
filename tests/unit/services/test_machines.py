"""This computer is asked once; recorded machines are sound, and a file that is none is refused in a sentence."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.errors import InvalidParameterError
from app.core.machine import DeviceKind, Machine
from app.core.machine_json import machine_values
from app.engine.fake import FAKE_MACHINE
from app.paths import paths_for
from app.services.machines import MachineService

RECORDED = paths_for().machines
NAMES = sorted(path.stem for path in RECORDED.glob("*.json"))
GIB = 2**30


class CountingSource:
    """Says each time that less is free."""

    def __init__(self) -> None:
        self.asked = 0
        self.refreshed = 0

    def ask(self, models: Path | None) -> Machine:
        self.asked += 1
        return replace(FAKE_MACHINE, disk_free_bytes=0 if models is None else 5)

    def refresh(self, machine: Machine, models: Path | None) -> Machine:
        del models
        self.refreshed += 1
        return replace(machine, ram_free_bytes=machine.ram_free_bytes - 1)


@pytest.fixture
def source() -> CountingSource:
    return CountingSource()


@pytest.fixture
def machines(source: CountingSource) -> MachineService:
    return MachineService(source, RECORDED, Path("models"))


def test_this_computer_is_asked_once(machines: MachineService, source: CountingSource) -> None:
    assert machines.machine() is machines.machine()
    assert machines.machine().disk_free_bytes == 5
    assert source.asked == 1


def test_refreshing_is_kept_and_asking_again_is_possible(machines: MachineService, source: CountingSource) -> None:
    fresh = machines.refresh()
    assert fresh.ram_free_bytes == FAKE_MACHINE.ram_free_bytes - 1
    assert machines.machine() == fresh
    assert (source.asked, source.refreshed) == (1, 1)
    assert machines.ask_again().ram_free_bytes == FAKE_MACHINE.ram_free_bytes
    assert source.asked == 2


def test_the_machines_that_every_user_may_name_are_there(machines: MachineService) -> None:
    wanted = {
        "rtx4090-windows-64gb",
        "rtx4090-linux-64gb",
        "m1-pro-32gb",
        "m2-max-32gb",
        "m4-32gb",
        "m3-16gb",
        "m3-max-128gb",
        "rtx3060-12gb",
        "rtx4070-ti-super-16gb",
        "rtx3090-x2",
        "rx7900xtx-vulkan",
        "arc-a770-vulkan",
        "laptop-rtx4060-8gb-16gb",
        "cpu-8gb",
        "cpu-16gb",
        "cpu-32gb",
        "cpu-64gb",
        "vm-cgroup-limit",
    }
    assert wanted <= set(machines.recorded_names())


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_machine_is_sound(machines: MachineService, name: str) -> None:
    machine = machines.recorded(name)
    assert machine.name == name
    assert machine.doubts == ()
    assert machine.cpu is not None
    assert machine.cpu.total_bytes == machine.ram_bytes
    assert machine.cpu.free_bytes == machine.ram_free_bytes < machine.ram_bytes
    assert {use.device for use in machine.uses} <= {device.name for device in machine.devices}
    for device in machine.devices:
        assert 0 < device.free_bytes <= device.total_bytes
        assert device.bandwidth > 10**10
        assert device.bandwidth_source
        assert device.has_display is not None or device.kind is DeviceKind.CPU
        assert not device.unified or device.free_bytes <= machine.ram_free_bytes
    assert machines.load_machine(name) == machine


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_machine_says_where_its_figures_are_from(name: str) -> None:
    values = json.loads((RECORDED / f"{name}.json").read_text("utf-8"))
    assert values["sources"]


def test_the_working_sets_of_macs(machines: MachineService) -> None:
    for name in ("m1-pro-32gb", "m2-max-32gb", "m4-32gb"):
        (gpu,) = machines.recorded(name).gpus
        assert gpu.unified
        assert gpu.total_bytes == pytest.approx(22_906_500_000, abs=10_000)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_is_read_as_any_shell_writes_it(machines: MachineService, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({**machine_values(FAKE_MACHINE), "engine": "e"}), encoding=encoding)
    assert machines.load_machine(str(path)) == FAKE_MACHINE


def test_an_unknown_name_lists_those_that_there_are(machines: MachineService) -> None:
    for ask in (machines.recorded, machines.load_machine):
        with pytest.raises(InvalidParameterError) as caught:
            ask("rtx9090")
        assert "“rtx9090”" in caught.value.sentence
        assert "m1-pro-32gb, m2-max-32gb" in caught.value.sentence


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no JSON"),
        (b"{", "is no JSON"),
        (b"\xff\xfe\x00", "is no JSON"),
        (b"\x00" * 100, "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b"1" * 5_000, "is no JSON"),
        (b"[]", "must be an object"),
        (b'{"system": "Linux"}', '"processor" is missing'),
        (b"\n" * 2_000_001, "it is too large"),
    ],
)
def test_a_file_that_describes_no_machine_is_refused(
    machines: MachineService, tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    with pytest.raises(InvalidParameterError) as caught:
        machines.load_machine(str(path))
    assert str(path) in caught.value.sentence
    assert said in caught.value.sentence


@pytest.mark.parametrize("name", ["x" * 5_000, "a\0b", "", "~nobody-here/x", "../cpu-8gb"])
def test_what_could_be_no_file_is_refused_as_well(machines: MachineService, name: str) -> None:
    with pytest.raises(InvalidParameterError, match="neither a file nor a recorded machine"):
        machines.load_machine(name)


def test_a_folder_is_no_machine(machines: MachineService, tmp_path: Path) -> None:
    with pytest.raises(InvalidParameterError, match="is no file that could describe a machine"):
        machines.load_machine(str(tmp_path))
