"""The verdict on a file, the context, and the sentence why."""

from dataclasses import replace

import pytest

from app.core.machine import Machine, MemoryUse
from app.core.model import KvCacheType
from app.core.plan import FilePlan, ModelFile, RemedyKind, Verdict
from app.core.shape import ModelShape
from app.fit.budgets import budgets_of
from app.fit.recommendation import Site, Wish, plan_file
from tests.fitting import GIB, apple, computer, dense, experts, rtx_4090

Q4, Q5, Q6, Q8 = 14_333_908_672, 16_763_983_552, 19_345_938_112, 25_054_779_072
WINDOWS = computer(rtx_4090(), system="Windows")
ANY = Wish()
MAC = computer(apple(), ram=32 * GIB, free=24 * GIB, system="macOS")


def planned(size: int, machine: Machine, wish: Wish = ANY, shape: ModelShape | None = None) -> FilePlan:
    file = ModelFile("model-Q4_K_M.gguf", "Q4_K_M", size)
    found = plan_file(file, shape or dense(size), Site(machine, budgets_of(machine)), wish)
    if found.memory is not None and found.verdict not in (Verdict.TOO_LARGE, Verdict.UNKNOWN):
        for budget in budgets_of(machine):
            assert found.memory.of(budget.device).total_bytes <= budget.usable_bytes
    return found


def test_the_reference_model_on_an_rtx_4090() -> None:
    q4 = planned(Q4, WINDOWS)
    assert (q4.verdict, q4.context_length, q4.kv_cache_type) == (Verdict.ALL_ON_GPU, 32_768, KvCacheType.F16)
    assert (q4.gpu_layers, q4.layer_count) == (40, 40)
    assert "32k context fit on the RTX 4090" in q4.reason
    q5 = planned(Q5, WINDOWS)
    assert (q5.verdict, q5.context_length, q5.kv_cache_type) == (Verdict.ALL_ON_GPU, 32_768, KvCacheType.Q8_0)
    assert "q8_0 KV cache" in q5.reason
    q8 = planned(Q8, WINDOWS)
    assert q8.verdict is Verdict.PARTLY_ON_GPU
    assert 25 < q8.gpu_layers < 40
    assert "weights (25.1 GB) are too big for the RTX 4090" in q8.reason


def test_the_reference_model_on_a_mac_of_32_gb() -> None:
    q4 = planned(Q4, MAC)
    assert q4.verdict is Verdict.ALL_ON_GPU
    assert q4.context_length >= 16_384
    assert planned(42_520_398_752, MAC, shape=dense(42_520_398_752, 80, 8192)).verdict is Verdict.TOO_LARGE


def test_a_context_that_is_too_long_is_told_apart_from_a_model_that_is_too_big() -> None:
    found = planned(Q6, WINDOWS)
    assert found.verdict is Verdict.SHORTER_CONTEXT
    assert 4096 <= found.context_length < 32_768
    assert found.reason.startswith("The context is too long, not the model too big")
    (remedy,) = found.remedies
    assert remedy.kind is RemedyKind.QUANTIZED_CACHE
    assert remedy.context_length > found.context_length
    pressed = planned(Q6, WINDOWS, Wish(remedy.context_length, remedy.kv_cache_type))
    assert (pressed.verdict, pressed.context_length) == (Verdict.ALL_ON_GPU, remedy.context_length)


def test_what_is_asked_for_is_what_is_planned() -> None:
    found = planned(Q4, WINDOWS, Wish(context_length=8192))
    assert (found.verdict, found.context_length) == (Verdict.ALL_ON_GPU, 8192)
    longer = planned(Q4, WINDOWS, Wish(context_length=1_000_000))
    assert longer.context_length == 32_768  # what it was trained on
    exact = planned(Q5, WINDOWS, Wish(32_768, KvCacheType.F16))
    assert (exact.verdict, exact.kv_cache_type) == (Verdict.SHORTER_CONTEXT, KvCacheType.F16)


def test_without_a_gpu_it_runs_on_the_processor_with_what_fits() -> None:
    found = planned(Q4, computer(ram=32 * GIB, free=26 * GIB))
    assert (found.verdict, found.gpu_layers) == (Verdict.PROCESSOR, 0)
    assert found.context_length == 32_768
    assert "No GPU was found" in found.reason
    short = planned(Q4, computer(ram=32 * GIB, free=17 * GIB))
    assert short.verdict is Verdict.PROCESSOR
    assert 4096 <= short.context_length < 32_768
    assert planned(Q4, computer(ram=16 * GIB, free=10 * GIB)).verdict is Verdict.TOO_LARGE


def test_of_a_model_of_experts_these_go_to_the_processor_first() -> None:
    size = 18_556_689_568
    card = replace(rtx_4090(free=8 * 10**9), total_bytes=8 * GIB, description="NVIDIA GeForce RTX 4060")
    found = planned(size, computer(card), shape=experts(size))
    assert found.verdict is Verdict.PARTLY_ON_GPU
    assert found.gpu_layers == 48
    assert 0 < found.placement.expert_layers_on_cpu < 48
    assert "experts of" in found.reason


def test_two_cards_share_what_one_cannot_hold() -> None:
    two = computer(rtx_4090(), rtx_4090("CUDA1"))
    found = planned(Q8, two)
    assert found.verdict is Verdict.ALL_ON_GPU
    assert {name for name, _ in found.placement.shares} == {"CUDA0", "CUDA1"}
    assert "2 GPUs" in found.reason


def test_another_program_that_holds_the_memory_is_named() -> None:
    busy = replace(MAC, ram_free_bytes=14 * GIB, uses=(MemoryUse("CPU", "Chrome", 1_900_000_000),))
    found = planned(Q4, busy)
    assert found.verdict is not Verdict.ALL_ON_GPU
    assert "Chrome holds 1.9 GB" in found.reason
    crowded = replace(
        computer(rtx_4090(free=12 * 10**9)), uses=(MemoryUse("CUDA0", "A game", 10**10), MemoryUse("CPU", "x", 10**10))
    )
    assert "A game holds 10.0 GB" in planned(Q4, crowded).reason


def test_a_doubtful_header_never_gives_a_green_light() -> None:
    doubtful = replace(dense(Q4), doubts=("The architecture “new” is not known here.",))
    found = planned(Q4, WINDOWS, shape=doubtful)
    assert found.verdict is Verdict.UNKNOWN
    assert found.writing is None
    assert "“new” is not known" in found.reason
    assert found.memory is not None  # a cautious plan all the same
    assert planned(10**12, WINDOWS, shape=replace(dense(10**12), doubts=("Who knows.",))).verdict is Verdict.TOO_LARGE


def test_without_a_shape_only_the_size_counts() -> None:
    site = Site(WINDOWS, budgets_of(WINDOWS))
    unknown = plan_file(ModelFile("a.gguf", "Q4_K_M", Q4), None, site, Wish())
    assert (unknown.verdict, unknown.memory, unknown.writing) == (Verdict.UNKNOWN, None, None)
    assert plan_file(ModelFile("a.gguf", "F16", 10**12), None, site, Wish()).verdict is Verdict.TOO_LARGE


@pytest.mark.parametrize("total", [0, -1])
def test_a_gpu_that_reports_nothing_is_not_counted_on(total: int) -> None:
    strange = replace(rtx_4090(), total_bytes=total, free_bytes=10**12)
    found = planned(Q4, computer(strange))
    assert found.verdict is Verdict.PROCESSOR
    assert found.gpu_layers == 0
