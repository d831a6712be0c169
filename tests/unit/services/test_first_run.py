"""What a new user is offered: the strongest model that runs well here, and a far faster one."""

from dataclasses import replace

import pytest

from app.core.machine import Machine
from app.core.model import KvCacheType
from app.core.offer import OfferedModel
from app.core.plan import FilePlan, ModelFile, ModelPlan, SpeedRange, Verdict
from app.services.first_run import choose_starts, times_as_fast

GB = 10**9
MACHINE = Machine("Linux", "A processor", 8, 64 * GB, 60 * GB, (), disk_free_bytes=100 * GB)


def plan(name: str, size: float, speed: float | None, verdict: Verdict = Verdict.ALL_ON_GPU) -> ModelPlan:
    file = FilePlan(
        ModelFile(f"{name}.gguf", "Q4_K_M", round(size * GB)),
        verdict,
        16384,
        40,
        40,
        KvCacheType.F16,
        None,
        SpeedRange(speed, speed) if speed else None,
        None,
        "Because.",
    )
    return ModelPlan(name, name, MACHINE, (), (file,), file)


def offer(name: str, gated: bool | None = None) -> OfferedModel:
    return OfferedModel(name, name, "Maker", f"maker/{name}", "mit", (), None, 0, 0, 0, gated=gated)


def test_the_first_that_runs_and_the_first_that_is_twice_as_fast() -> None:
    ranked = [plan("large", 14, 16), plan("near", 12, 30), plan("small", 6, 48), plan("tiny", 1, 200)]
    starts = choose_starts(ranked, offer, 10)
    assert starts.recommended is not None
    assert starts.faster is not None
    assert (starts.recommended.offer.name, starts.recommended.reason) == (
        "large",
        "The strongest that fits with room for a 16k context",
    )
    assert (starts.faster.offer.name, starts.faster.reason) == ("small", "Answers three times as fast, and knows less")


def test_what_cannot_be_had_at_once_is_left_out() -> None:
    ranked = [
        replace(plan("none fits", 40, 20), best=None),
        plan("gated", 20, 20),
        plan("too large for the disk", 101, 20),
        plan("unknown", 15, 20),
        plan("right", 14, 20),
    ]
    offers = {
        name: offer(name, gated=name == "gated") for name in ("none fits", "gated", "too large for the disk", "right")
    }
    starts = choose_starts(ranked, offers.get, 10)
    assert starts.recommended is not None
    assert starts.recommended.offer.name == "right"
    assert starts.faster is None


def test_a_speed_that_is_not_known_is_not_called_faster() -> None:
    assert choose_starts([plan("a", 14, None), plan("b", 5, 90)], offer, 10).faster is None
    assert choose_starts([plan("a", 14, 10), plan("b", 5, None)], offer, 10).faster is None
    assert choose_starts([plan("a", 5, 10), plan("b", 14, 90)], offer, 10).faster is None, "it is no smaller download"


def test_nothing_fits() -> None:
    starts = choose_starts([], offer, 10)
    assert (starts.recommended, starts.faster) == (None, None)


@pytest.mark.parametrize(
    ("speed", "verdict", "reason"),
    [
        (20, Verdict.PROCESSOR, "The strongest that is fast enough here, with room for a 16k context"),
        (20, Verdict.SHORTER_CONTEXT, "The strongest that fits with room for a 16k context"),
        (4, Verdict.PROCESSOR, "The fastest that is good enough with room for a 16k context"),
    ],
)
def test_the_reason_says_where_it_runs(speed: float, verdict: Verdict, reason: str) -> None:
    recommended = choose_starts([plan("a", 4, speed, verdict)], offer, 10).recommended
    assert recommended is not None
    assert recommended.reason == reason


def test_ratios_in_words() -> None:
    assert [times_as_fast(ratio) for ratio in (2.0, 2.9, 3.0, 9.99, 10.0, 400.0)] == [
        "twice",
        "twice",
        "three times",
        "nine times",
        "more than ten times",
        "more than ten times",
    ]
