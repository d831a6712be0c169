"""Planned against actual: how far off, and in which words."""

import math
from pathlib import Path

import pytest

from app.core.fitting import Fitting, deviation, fitting_words
from app.core.memory import DeviceMemory, MemoryPlan
from app.core.model import LoadParameters
from app.core.plan import LoadPlan
from tests.planning import PretendedPlanner


def plan(context_length: int = 16384) -> LoadPlan:
    return PretendedPlanner(Path("m.gguf")).plan(LoadParameters(Path("m.gguf"), context_length=context_length))


def memory(*sizes: int) -> MemoryPlan:
    return MemoryPlan(tuple(DeviceMemory(f"CUDA{n}", size, 0, 0) for n, size in enumerate(sizes)))


@pytest.mark.parametrize(
    ("planned", "actual", "off"), [(100, 101, 0.01), (100, 95, -0.05), (100, 100, 0), (0, 0, 0), (0, 5, math.inf)]
)
def test_the_deviation_is_a_part_of_what_was_planned(planned: int, actual: int, off: float) -> None:
    assert deviation(memory(planned), memory(actual)) == pytest.approx(off)


def test_all_devices_count_together() -> None:
    assert deviation(memory(60, 40), memory(50, 60)) == pytest.approx(0.1)


def test_the_line_says_both_and_by_how_much_they_differ() -> None:
    planned = plan()
    total = planned.memory.total_bytes
    assert fitting_words(Fitting(planned, memory(round(total * 1.011)))) == "Planned 18.3 GB, took 18.5 GB (+1.1 %)"
    assert fitting_words(Fitting(planned, memory(round(total * 0.98)))).endswith("(-2.0 %)")


def test_what_is_not_known_is_said() -> None:
    planned = plan()
    assert fitting_words(Fitting(planned, None)) == "Planned 18.3 GB; what it took is not known"
    assert fitting_words(Fitting(None, memory(98_400_000))) == "Took 98.4 MB; nothing was planned"
    assert fitting_words(Fitting(None, None)) == ""
