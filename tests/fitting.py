"""Shapes and machines for tests of what fits: made from plain numbers, as model cards have them."""

from dataclasses import replace

from app.core.machine import Device, DeviceKind, Machine
from app.core.shape import LayerShape, ModelShape

GIB = 1 << 30


def dense(
    size_bytes: int,
    layers: int = 40,
    width: int = 5120,
    kv_heads: int = 8,
    vocabulary: int = 131_072,
    trained: int = 32_768,
    feed_forward: int = 32_768,
) -> ModelShape:
    """A model without experts, shaped as Mistral Small 3 unless told otherwise, whose weights take `size_bytes`."""
    output = int(vocabulary * width * 6.5625 / 8)
    inputs = int(vocabulary * width * 4.5 / 8)
    each = (size_bytes - output - inputs) // layers
    layer = LayerShape(each, kv_heads=kv_heads, key_length=128, value_length=128)
    first = replace(layer, weights_bytes=size_bytes - output - inputs - each * (layers - 1))
    stack = (first, *[layer] * (layers - 1))
    return ModelShape("llama", stack, width, feed_forward, width // 128, vocabulary, trained, inputs, output)


def experts(size_bytes: int, layers: int = 48, count: int = 128, used: int = 8) -> ModelShape:
    """A model of experts: nine tenths of each layer are theirs."""
    plain = dense(size_bytes, layers=layers, width=2048, kv_heads=4, vocabulary=151_936, trained=262_144)
    split = tuple(replace(layer, expert_bytes=layer.weights_bytes * 9 // 10) for layer in plain.layers)
    return replace(plain, architecture="qwen3moe", layers=split, expert_count=count, expert_used_count=used)


def computer(
    *gpus: Device, ram: int = 64 * GIB, free: int | None = None, cores: int = 8, system: str = "Linux"
) -> Machine:
    """A computer with these GPUs; its RAM is read with 51.2 GB/s, as two channels of DDR4-3200 are."""
    available = ram - 6 * GIB if free is None else free
    cpu = Device("CPU", "A processor", "CPU", DeviceKind.CPU, ram, available, bandwidth=51_200_000_000)
    return Machine(system, "A processor", cores, ram, available, (cpu, *gpus))


def rtx_4090(name: str = "CUDA0", free: int = 23_200_000_000, *, display: bool | None = True) -> Device:
    """NVIDIA's card of 24 GB."""
    total = 24_564 << 20
    return Device(
        name,
        "NVIDIA GeForce RTX 4090",
        "CUDA",
        DeviceKind.GPU,
        total,
        free,
        has_display=display,
        bandwidth=1_008_000_000_000,
    )


def apple(name: str = "M2 Max", working_set: int = 22_906_000_000, bandwidth: int = 400_000_000_000) -> Device:
    """The GPU of an Apple chip, which shares the RAM."""
    return Device(
        "MTL0",
        f"Apple {name}",
        "Metal",
        DeviceKind.GPU,
        working_set,
        working_set,
        unified=True,
        has_display=True,
        bandwidth=bandwidth,
    )
