"""How much of a device's memory a model may take, whatever the device reports."""

from dataclasses import replace

import pytest

from app.core.memory import PROCESSOR, DeviceMemory, MemoryPlan
from app.fit.budgets import budgets_of, short_title
from tests.fitting import GIB, apple, computer, rtx_4090


def test_windows_with_a_display_keeps_two_gib_and_a_headless_card_half_a_one() -> None:
    free = 23 * 10**9
    usable = [
        budgets_of(computer(rtx_4090(free=free, display=display), system=system))[1].usable_bytes
        for system, display in (("Windows", True), ("Windows", None), ("Linux", True), ("Windows", False))
    ]
    assert usable == [free - 2 * GIB, free - 2 * GIB, free - GIB, free - GIB // 2]


def test_the_processor_comes_first_and_keeps_a_margin() -> None:
    first = budgets_of(computer(ram=16 * GIB, free=10 * GIB))[0]
    assert (first.device, first.usable_bytes) == (PROCESSOR, 9 * GIB)
    large = budgets_of(computer(ram=128 * GIB, free=100 * GIB))[0]
    assert large.usable_bytes == 100 * GIB - 128 * GIB // 20


def test_an_apple_gpu_gets_no_more_than_the_ram_has() -> None:
    roomy = budgets_of(computer(apple(), ram=32 * GIB, free=30 * GIB))[1]
    assert roomy.unified
    assert roomy.usable_bytes == 22_906_000_000 - GIB
    full = budgets_of(computer(apple(), ram=32 * GIB, free=12 * GIB))
    assert full[1].usable_bytes == full[0].usable_bytes < 11 * GIB


def test_the_model_in_use_gives_its_memory_back() -> None:
    pc = computer(rtx_4090(free=5 * 10**9), ram=64 * GIB, free=20 * GIB)
    loaded = MemoryPlan((DeviceMemory("CPU", 10**9, 0, 0), DeviceMemory("CUDA0", 14 * 10**9, 3 * 10**9, 10**9)))
    before, after = budgets_of(pc), budgets_of(pc, loaded)
    assert after[1].usable_bytes - before[1].usable_bytes == 18 * 10**9
    assert after[0].usable_bytes - before[0].usable_bytes == 10**9
    mac = computer(apple(working_set=22 * 10**9), ram=32 * GIB, free=8 * GIB)
    held = MemoryPlan((DeviceMemory("CPU", 0, 0, 0), DeviceMemory("MTL0", 10**10, 0, 0)))
    assert budgets_of(mac, held)[0].usable_bytes - budgets_of(mac)[0].usable_bytes == 10**10


@pytest.mark.parametrize(("total", "free"), [(0, 0), (0, 10**10), (-1, -1), (10**10, -5), (10**10, 0)])
def test_a_device_that_reports_nonsense_gets_nothing(total: int, free: int) -> None:
    strange = replace(rtx_4090(), total_bytes=total, free_bytes=free)
    assert budgets_of(computer(strange))[1].usable_bytes == 0


def test_more_free_than_there_is_counts_as_all_of_it() -> None:
    strange = replace(rtx_4090(display=False), total_bytes=8 * GIB, free_bytes=900 * GIB)
    assert budgets_of(computer(strange))[1].usable_bytes == 8 * GIB - GIB // 2


@pytest.mark.parametrize(
    ("description", "title"),
    [
        ("NVIDIA GeForce RTX 4090", "RTX 4090"),
        ("AMD Radeon RX 7900 XTX", "RX 7900 XTX"),
        ("Apple M2 Max", "Apple M2 Max"),
        ("", "CUDA0"),
    ],
)
def test_cards_are_called_as_people_call_them(description: str, title: str) -> None:
    assert short_title(replace(rtx_4090(), description=description)) == title
