"""What a machine reports and cannot be true never promises memory."""

from dataclasses import replace

import pytest

from app.core.machine import Device, DeviceKind, Machine
from app.core.machine_doubts import doubted

GIB = 2**30
CPU = Device("CPU", "A processor", "CPU", DeviceKind.CPU, 16 * GIB, 8 * GIB)
GPU = Device("CUDA0", "A GPU", "CUDA", DeviceKind.GPU, 8 * GIB, 7 * GIB)


def machine(*devices: Device) -> Machine:
    return Machine("Linux", "A processor", 4, 16 * GIB, 8 * GIB, devices)


def test_a_sound_machine_is_left_as_it_is() -> None:
    sound = machine(CPU, GPU)
    assert doubted(sound) == sound


@pytest.mark.parametrize(
    ("total", "free", "kept_total"),
    [
        (0, 0, 0),
        (0, 5 * GIB, 0),
        (2**64 - 1, 4 * GIB, 0),
        (-1, 0, 0),
        (8 * GIB, 9 * GIB, 8 * GIB),
        (8 * GIB, 2**64 - 4096, 8 * GIB),
        (8 * GIB, -5, 8 * GIB),
    ],
)
@pytest.mark.parametrize("unified", [False, True])
def test_nonsense_leaves_no_free_memory_and_one_sentence(total: int, free: int, kept_total: int, unified: bool) -> None:
    found = doubted(machine(CPU, replace(GPU, total_bytes=total, free_bytes=free, unified=unified)))
    assert (found.devices[1].total_bytes, found.devices[1].free_bytes) == (kept_total, 0)
    assert len(found.doubts) == 1
    assert "CUDA0 (A GPU)" in found.doubts[0]
    assert doubted(found) == found


def test_vulkan_budgets_above_the_total_are_cut_without_a_word() -> None:
    found = doubted(machine(CPU, replace(GPU, name="Vulkan0", backend="Vulkan", free_bytes=9 * GIB)))
    assert found.devices[1].free_bytes == 8 * GIB
    assert found.doubts == ()


def test_a_vulkan_budget_below_zero_is_doubted() -> None:
    found = doubted(machine(CPU, replace(GPU, backend="Vulkan", free_bytes=2**64 - 1)))
    assert found.devices[1].free_bytes == 0
    assert len(found.doubts) == 1


def test_a_difference_of_rounding_is_no_doubt() -> None:
    found = doubted(machine(CPU, replace(GPU, free_bytes=8 * GIB + 4096)))
    assert found.devices[1].free_bytes == 8 * GIB
    assert found.doubts == ()


def test_what_shares_the_ram_has_no_more_than_there_is() -> None:
    found = doubted(machine(CPU, replace(GPU, unified=True, total_bytes=64 * GIB, free_bytes=60 * GIB)))
    assert found.devices[1].total_bytes == 16 * GIB
    assert found.devices[1].free_bytes <= 16 * GIB
    assert "shares the system's memory" in found.doubts[0]


@pytest.mark.parametrize(("total", "free"), [(0, 0), (2**60, 1), (8 * GIB, 16 * GIB)])
def test_ram_that_cannot_be_true_is_not_free(total: int, free: int) -> None:
    found = doubted(replace(machine(), ram_bytes=total, ram_free_bytes=free))
    assert found.ram_free_bytes == 0
    assert "RAM" in found.doubts[0]


def test_swap_and_bandwidth_that_cannot_be_true_are_not_known() -> None:
    found = doubted(replace(machine(replace(GPU, bandwidth=2**63)), swap_bytes=2 * GIB, swap_free_bytes=2**63))
    assert found.devices[0].bandwidth == 0
    assert (found.swap_bytes, found.swap_free_bytes) == (2 * GIB, 0)


def test_an_accelerator_has_no_memory_of_its_own() -> None:
    blas = Device("BLAS", "Accelerate", "BLAS", DeviceKind.ACCELERATOR, 0, 0)
    assert doubted(machine(CPU, blas)).doubts == ()
