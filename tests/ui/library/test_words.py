"""The library's words for plans and machines, where a figure is missing or of another size."""

from dataclasses import replace

import pytest

from app.core.machine import DeviceKind
from app.core.memory import MemoryBudget
from app.core.offer import OfferedModel
from app.core.plan import SpeedRange, Verdict
from app.core.plan_wording import context_words
from app.ui.library.ranking import ListedModel
from app.ui.library.words import (
    device_facts,
    headline,
    licence_words,
    model_facts,
    speed_details,
    speed_words,
    verdict_tone,
    verdict_words,
)
from tests.ui.library.fake_plans import CPU, GB, GPU, MACHINE, file_plan, model_plan

TOO_LARGE = file_plan("a", "Q4_K_M", 30, Verdict.TOO_LARGE, memory=None)
MAC = replace(GPU, name="MTL0", backend="Metal", kind=DeviceKind.INTEGRATED_GPU, unified=True, bandwidth=400 * GB)


@pytest.mark.parametrize(
    ("tokens", "words"), [(4096, "4k"), (131072, "128k"), (32000, "32,000"), (512, "512"), (0, "0")]
)
def test_a_context(tokens: int, words: str) -> None:
    assert context_words(tokens) == words


@pytest.mark.parametrize(
    ("speed", "words"),
    [
        (SpeedRange(1.62, 2.24), "≈ 1.6–2.2 tok/s"),
        (SpeedRange(9.6, 12.2), "≈ 10–12 tok/s"),
        (SpeedRange(1204, 1490.4), "≈ 1,204–1,490 tok/s"),
        (SpeedRange(14.1, 14.3), "≈ 14 tok/s"),
        (None, "not known"),
    ],
)
def test_a_speed(speed: SpeedRange | None, words: str) -> None:
    assert speed_words(speed) == words


def test_where_a_speed_is_from() -> None:
    file = file_plan("a", "Q4_K_M", 3, Verdict.ALL_ON_GPU, speed=(40, 50))
    assert "Worked out from the memory's bandwidth" in speed_details(file)
    assert "A measurement on this computer" in speed_details(replace(file, writing=SpeedRange(40, 50, measured=True)))
    assert speed_details(replace(file, writing=None, reading=None)).splitlines() == [
        "Writing: not known",
        "Prompt processing: not known",
    ]


def test_memory_that_the_gpu_shares_is_counted_once() -> None:
    budgets = (MemoryBudget("CPU", "", 32 * GB, 30 * GB, 28 * GB), MemoryBudget("MTL0", "", 23 * GB, 22 * GB, 21 * GB))
    mac = replace(
        model_plan("a", "A", (TOO_LARGE,), None), machine=replace(MACHINE, devices=(MAC, CPU)), budgets=budgets
    )
    assert verdict_words(TOO_LARGE, mac) == "too large: needs 30.0 GB, you have 21.0 GB"
    assert verdict_words(TOO_LARGE, replace(mac, budgets=())) == "too large: needs 30.0 GB"


def test_the_processor_is_no_second_choice_where_it_is_the_only_one() -> None:
    file = file_plan("a", "Q4_K_M", 3, Verdict.PROCESSOR, context=8192)
    assert verdict_words(file, model_plan("a", "A", (file,), 0)) == "runs on the processor · 8k context"
    assert verdict_tone(file, MACHINE) == "warn"
    assert verdict_tone(file, replace(MACHINE, devices=(CPU,))) == "good"


def test_what_is_not_known_of_a_device_is_left_out() -> None:
    assert device_facts(MAC, MACHINE) == "Metal · 400 GB/s · 64.0 GB unified memory"
    assert device_facts(replace(GPU, bandwidth=0), MACHINE) == "CUDA · 64.0 GB system memory"
    assert device_facts(replace(CPU, bandwidth=0), replace(MACHINE, cores=0)) == "64.0 GB memory"


def test_what_is_known_of_a_model() -> None:
    plan = model_plan("a", "A", (TOO_LARGE,), None)
    offer = OfferedModel("a", "A", "", "", "mit", (), None, 30_500_000_000, 3_300_000_000, 40960, gated=True)
    assert model_facts(plan, offer) == "30.5 B, 3.3 B active · MIT · needs an account at the hub · 40k context"
    assert model_facts(plan, replace(offer, parameter_count=0, license="", gated=None, context_length=0)) == ""
    assert licence_words("Apache-2.0") == "Apache-2.0"
    assert licence_words("gemma") == "gemma licence"
    assert licence_words("Llama 3.3 Community License") == "Llama 3.3 Community License"


def test_the_smallest_file_stands_for_a_model_of_which_none_is_advised() -> None:
    small = file_plan("a", "Q2_K", 20, Verdict.TOO_LARGE)
    assert headline(model_plan("a", "A", (TOO_LARGE, small), None)) is small
    assert headline(model_plan("a", "A", (TOO_LARGE, small), 0)) is TOO_LARGE
    assert headline(model_plan("a", "A", (), None)) is None


@pytest.mark.parametrize(
    ("verdict", "speed", "fits"),
    [
        (Verdict.ALL_ON_GPU, (40, 50), True),
        (Verdict.ALL_ON_GPU, (4, 5), False),
        (Verdict.ALL_ON_GPU, None, True),
        (Verdict.PARTLY_ON_GPU, (8, 12), True),
        (Verdict.PARTLY_ON_GPU, (2, 3), False),
        (Verdict.PARTLY_ON_GPU, None, False),
        (Verdict.PROCESSOR, (11, 12), True),
        (Verdict.TOO_LARGE, (40, 50), False),
        (Verdict.UNKNOWN, None, False),
    ],
)
def test_what_fits(verdict: Verdict, speed: tuple[float, float] | None, fits: bool) -> None:
    file = file_plan("a", "Q4_K_M", 3, verdict, speed=speed)
    assert ListedModel(model_plan("a", "A", (file,), None), None).fits(10) is fits
