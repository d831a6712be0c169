"""Which file is best: by quality above a speed floor, never by size alone."""

from app.core.machine import Machine
from app.core.plan import FilePlan, ModelFile, Quality, RemedyKind, SpeedRange, Verdict
from app.fit.budgets import budgets_of
from app.fit.ranking import best_file, merit, reaches, with_smaller_remedies
from app.fit.recommendation import Site, Wish, plan_file
from tests.fitting import GIB, apple, computer, dense, rtx_4090

SIZES = {
    "Q8_0": 25_054_779_072,
    "Q6_K": 19_345_938_112,
    "Q5_K_M": 16_763_983_552,
    "Q4_K_M": 14_333_908_672,
    "IQ4_XS": 12_800_000_000,
    "Q3_K_M": 11_474_081_472,
    "Q2_K": 8_890_324_672,
}


def plans(machine: Machine, *names: str) -> list[FilePlan]:
    site = Site(machine, budgets_of(machine))
    return [
        plan_file(ModelFile(f"m-{name}.gguf", name, SIZES[name]), dense(SIZES[name]), site, Wish(), 24 * 10**9)
        for name in names or SIZES
    ]


def best(machine: Machine, floor: float = 10.0, *names: str) -> str:
    found = best_file(plans(machine, *names), floor)
    return found.file.quantization if found else ""


def test_the_reference_precision_is_best_on_an_rtx_4090_and_on_macs_of_32_gb() -> None:
    assert best(computer(rtx_4090(), system="Windows")) == "Q4_K_M"
    for chip, bandwidth in (("M1 Pro", 200), ("M2 Max", 400), ("M4", 120)):
        gpu = apple(chip, bandwidth=bandwidth * 10**9)
        assert best(computer(gpu, ram=32 * GIB, free=24 * GIB, system="macOS")) == "Q4_K_M"


def test_more_room_buys_precision_and_not_more_than_is_noticed() -> None:
    assert best(computer(rtx_4090(free=24_500_000_000, display=False))) == "Q5_K_M"
    two = computer(rtx_4090(), rtx_4090("CUDA1"))
    assert best(two) == "Q8_0"


def test_the_speed_floor_decides() -> None:
    pc = computer(rtx_4090(), system="Windows")
    assert best(pc, 55.0) == "IQ4_XS"
    assert best(pc, 0.0) == "Q4_K_M"
    slow = computer(ram=64 * GIB)
    assert best(slow, 0.0) == "Q8_0"
    assert best(slow, 10.0) in ("Q4_K_M", "IQ4_XS")  # none reaches it: what is fastest of those that are good


def test_a_precision_that_loses_much_is_advised_only_where_nothing_else_runs() -> None:
    assert best(computer(rtx_4090(), system="Windows"), 66.0) == "Q4_K_M"  # Q2_K alone would reach it
    assert best(computer(ram=16 * GIB, free=12 * GIB)) == "Q2_K"
    assert best(computer(ram=8 * GIB, free=4 * GIB)) == ""


def test_what_does_not_fit_names_the_precision_that_does() -> None:
    pc = computer(rtx_4090(), system="Windows")
    files = with_smaller_remedies(plans(pc))
    (remedy,) = [one for one in files[0].remedies if one.kind is RemedyKind.SMALLER_PRECISION]
    assert files[0].verdict is Verdict.PARTLY_ON_GPU
    assert remedy.file_name == "m-Q6_K.gguf"
    assert remedy.words.startswith("Take Q6_K")
    small = with_smaller_remedies(plans(computer(ram=16 * GIB, free=12 * GIB)))
    assert small[0].remedies[-1].file_name == "m-Q2_K.gguf"
    none = with_smaller_remedies(plans(computer(ram=8 * GIB, free=4 * GIB)))
    assert not none[0].remedies


def test_models_are_ranked_by_what_they_can_do_once_they_are_fast_enough() -> None:
    pc = computer(rtx_4090(), system="Windows")
    large = best_file(plans(pc), 10.0)
    slow = best_file(plans(computer(ram=64 * GIB)), 10.0)
    assert large is not None
    assert slow is not None
    assert merit(large, 24.0, 10.0) > merit(large, 8.0, 10.0)
    assert merit(large, 8.0, 10.0) > merit(slow, 70.0, 10.0)


def test_a_speed_that_is_not_known_is_not_held_against_a_model() -> None:
    assert reaches(None, 10.0)
    assert reaches(SpeedRange(8.0, 14.0), 10.0)
    assert not reaches(SpeedRange(4.0, 9.0), 10.0)


def test_quality_is_counted_where_it_is_known() -> None:
    known = plans(computer(rtx_4090(), system="Windows"), "Q4_K_M")[0]
    assert isinstance(known.quality, Quality)
    assert known.quality.word == "very good"


def test_a_precision_without_published_figures_counts_by_its_bits() -> None:
    site_of_pc = computer(rtx_4090(), system="Windows")
    site = Site(site_of_pc, budgets_of(site_of_pc))

    def named(name: str, size: int) -> FilePlan:
        return plan_file(ModelFile(f"m-{name}.gguf", name, size), dense(size), site, Wish())

    two, four, eight = named("UD-Q2_K_XL", 9 * 10**9), named("MXFP4", 12 * 10**9), named("UD-Q8_K_XL", 13 * 10**9)
    assert two.quality is four.quality is None
    assert best_file([two, four], 10.0) is four
    assert best_file([two, four, eight], 10.0) is eight
    assert best_file([two], 10.0) is two
