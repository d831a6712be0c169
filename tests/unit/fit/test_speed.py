"""How fast a model will be, against what was published, and what a measurement here changes."""

import pytest

from app.core.machine import Device, DeviceKind
from app.core.model import KvCacheType
from app.core.plan import ContextPlan, Placement, SpeedRange
from app.fit.speed import Factors, Measurements, devices_of, reading_speed, writing_speed
from app.fit.work import active_bytes
from tests.fitting import apple, computer, dense, experts, rtx_4090

MISTRAL = dense(14_333_908_672)
LLAMA_8B = dense(4_920_739_232, layers=32, width=4096, vocabulary=128_256, trained=131_072, feed_forward=14_336)
LLAMA_70B = dense(42_520_398_752, layers=80, width=8192, vocabulary=128_256, trained=131_072, feed_forward=28_672)
CONTEXT = ContextPlan(8192)


def on_gpu(layers: int, name: str = "CUDA0") -> Placement:
    return Placement(layers + 1, ((name, 1.0),))


def rate(found: SpeedRange | None) -> SpeedRange:
    assert found is not None
    assert 0 < found.low <= found.high
    return found


def test_the_reference_models_on_an_rtx_4090() -> None:
    pc = computer(rtx_4090())
    mistral = rate(writing_speed(MISTRAL, CONTEXT, on_gpu(40), pc))
    assert 45 <= mistral.low < mistral.high <= 70
    llama = rate(writing_speed(LLAMA_8B, CONTEXT, on_gpu(32), pc))
    assert 110 <= llama.low < llama.high <= 160


@pytest.mark.parametrize(
    ("chip", "bandwidth", "shape", "layers", "published"),
    [
        ("M1 Max", 400, LLAMA_8B, 32, 35.73),
        ("M2 Ultra", 800, LLAMA_8B, 32, 78.81),
        ("M2 Ultra", 800, LLAMA_70B, 80, 12.13),
        ("M3 Max", 400, LLAMA_8B, 32, 50.74),
        ("M1 Max", 400, LLAMA_70B, 80, 4.34),
    ],
)
def test_what_was_published_for_apple_lies_in_the_range(
    chip: str, bandwidth: int, shape: object, layers: int, published: float
) -> None:
    mac = computer(apple(chip, bandwidth=bandwidth * 10**9), system="macOS")
    assert isinstance(shape, type(MISTRAL))
    found = rate(writing_speed(shape, CONTEXT, on_gpu(layers, "MTL0"), mac))
    assert found.low <= published <= found.high


def test_layers_on_the_processor_cost_speed() -> None:
    pc = computer(rtx_4090())
    rates = [rate(writing_speed(MISTRAL, CONTEXT, on_gpu(n), pc)).low for n in (40, 30, 10)]
    rates.append(rate(writing_speed(MISTRAL, CONTEXT, Placement(), pc)).low)
    assert rates == sorted(rates, reverse=True)
    assert rates[1] < rates[0] / 2


def test_of_experts_only_those_in_use_are_read() -> None:
    pc = computer(rtx_4090())
    shape = experts(18_556_689_568)
    assert active_bytes(shape) < shape.weights_bytes / 5
    whole = rate(writing_speed(shape, CONTEXT, on_gpu(48), pc))
    assert whole.low > rate(writing_speed(dense(18_556_689_568), CONTEXT, on_gpu(40), pc)).high
    some = rate(writing_speed(shape, CONTEXT, Placement(49, (("CUDA0", 1.0),), expert_layers_on_cpu=20), pc))
    assert some.high < whole.low


def test_a_long_conversation_is_slower_and_less_so_with_a_smaller_cache() -> None:
    pc = computer(rtx_4090())
    short = rate(writing_speed(MISTRAL, CONTEXT, on_gpu(40), pc))
    long = rate(writing_speed(MISTRAL, CONTEXT, on_gpu(40), pc, depth=8000))
    small = rate(writing_speed(MISTRAL, ContextPlan(8192, KvCacheType.Q8_0), on_gpu(40), pc, depth=8000))
    assert long.high < small.high < short.high


def test_two_gpus_work_one_after_the_other() -> None:
    two = computer(rtx_4090(), rtx_4090("CUDA1"))
    halves = Placement(41, (("CUDA0", 0.5), ("CUDA1", 0.5)))
    one = rate(writing_speed(MISTRAL, CONTEXT, on_gpu(40), two))
    assert rate(writing_speed(MISTRAL, CONTEXT, halves, two)).high <= one.high


def test_an_unknown_bandwidth_gives_no_figure() -> None:
    unknown = Device("Vulkan0", "Some GPU", "Vulkan", DeviceKind.GPU, 8 << 30, 8 << 30)
    pc = computer(unknown)
    assert writing_speed(LLAMA_8B, CONTEXT, on_gpu(32, "Vulkan0"), pc) is None
    assert writing_speed(LLAMA_8B, CONTEXT, on_gpu(32, "CUDA9"), pc) is None


def test_a_measurement_takes_the_place_of_the_table() -> None:
    pc = computer(rtx_4090())
    table = rate(writing_speed(MISTRAL, CONTEXT, on_gpu(40), pc))
    key = devices_of(on_gpu(40), MISTRAL)
    assert key == ("CUDA0",)
    slower = Measurements(writing=Factors(devices={key: 0.7}))
    found = rate(writing_speed(MISTRAL, CONTEXT, on_gpu(40), pc, slower))
    assert found.measured
    assert (found.low * found.high) ** 0.5 == pytest.approx(0.7 * (table.low * table.high) ** 0.5, rel=0.01)
    assert found.high / found.low < table.high / table.low
    own = Measurements(writing=Factors({(key, active_bytes(MISTRAL)): 1.1}, {key: 0.7}))
    assert rate(writing_speed(MISTRAL, CONTEXT, on_gpu(40), pc, own)).low > found.high
    assert not rate(writing_speed(MISTRAL, CONTEXT, Placement(), pc, own)).measured


def test_prompts_are_told_where_the_card_was_measured() -> None:
    pc = computer(rtx_4090())
    found = rate(reading_speed(LLAMA_8B, on_gpu(32), pc))
    assert found.low < 7139 < found.high
    assert rate(reading_speed(MISTRAL, on_gpu(40), pc)).high < found.low
    laptop = Device("CUDA0", "NVIDIA GeForce RTX 4090 Laptop GPU", "CUDA", DeviceKind.GPU, 16 << 30, 15 << 30)
    assert reading_speed(LLAMA_8B, on_gpu(32), computer(laptop)) is None
    super_card = Device("CUDA0", "NVIDIA GeForce RTX 4080 SUPER", "CUDA", DeviceKind.GPU, 16 << 30, 15 << 30)
    assert reading_speed(LLAMA_8B, on_gpu(32), computer(super_card)) is None
    assert rate(reading_speed(LLAMA_8B, Placement(), pc)).high < found.low / 10
