"""RAM below a container's limit, and who shares it."""

from pathlib import Path

import psutil
import pytest

from app.core.machine import Device, DeviceKind, Machine
from app.engine.machine.control_groups import GroupMemory
from app.engine.machine.memory import (
    SystemMemory,
    limited,
    name_in_cpuinfo,
    processor_alone,
    system_memory,
    with_memory,
)

NOW = SystemMemory(16_000, 9_000, "", 100, 50, 7)


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        (None, (16_000, 9_000, "")),
        (GroupMemory(20_000, 1_000, "memory.max"), (16_000, 9_000, "")),
        (GroupMemory(4_000, 3_000, "memory.max"), (4_000, 3_000, "a container's limit (memory.max)")),
        (GroupMemory(12_000, 11_000, "memory.high"), (12_000, 9_000, "a container's limit (memory.high)")),
    ],
)
def test_a_containers_limit(group: GroupMemory | None, expected: tuple[int, int, str]) -> None:
    assert limited(16_000, 9_000, group) == expected


def test_the_processor_and_what_shares_the_ram_follow_it() -> None:
    devices = (
        Device("CPU", "", "CPU", DeviceKind.CPU, 1, 1),
        Device("MTL0", "Apple M4", "Metal", DeviceKind.GPU, 11_000, 11_000, unified=True),
        Device("Vulkan0", "Iris", "Vulkan", DeviceKind.INTEGRATED_GPU, 30_000, 30_000, unified=True),
        Device("CUDA0", "RTX", "CUDA", DeviceKind.GPU, 24_000, 20_000),
    )
    machine = with_memory(Machine("Linux", "", 1, 0, 0, devices), NOW)
    memory = [(device.total_bytes, device.free_bytes) for device in machine.devices]
    assert memory == [(16_000, 9_000), (11_000, 9_000), (16_000, 9_000), (24_000, 20_000)]
    assert (machine.ram_bytes, machine.ram_free_bytes, machine.swap_free_bytes, machine.disk_free_bytes) == (
        16_000,
        9_000,
        50,
        7,
    )


def test_the_disk_is_asked_where_the_folder_will_be(tmp_path: Path) -> None:
    free = system_memory(tmp_path / "not" / "yet").disk_free_bytes
    assert free is not None
    assert 0 < free <= psutil.disk_usage(str(tmp_path)).total
    assert system_memory(None).disk_free_bytes is None


def test_a_folder_that_may_not_be_looked_into_has_no_known_room(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_dir", refuse)
    assert system_memory(Path("/closed/models")).disk_free_bytes is None


def test_the_processor_alone_says_why() -> None:
    machine = processor_alone(None, "The drivers crashed.")
    assert [device.kind for device in machine.devices] == [DeviceKind.CPU]
    assert machine.doubts == ("The drivers crashed.",)
    assert 0 < machine.ram_free_bytes <= machine.ram_bytes <= psutil.virtual_memory().total
    assert machine.processor == machine.devices[0].description != ""


def test_the_processors_name() -> None:
    text = "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Core(TM) i5\nmodel name\t: other\n"
    assert name_in_cpuinfo(text) == "Intel(R) Core(TM) i5"
    assert name_in_cpuinfo("processor\t: 0\nBogoMIPS\t: 50.00\n") == ""
