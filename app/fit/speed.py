"""How fast a model will write and read on a computer: bytes read for a token over the bandwidth, backend by backend.

The time of a token is the sum over the devices, because they work one after the other. It is told as a range between
the slow and the fast end of what was published, until a measurement on this computer takes its place.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.core.machine import Device, DeviceKind, Machine
from app.core.memory import PROCESSOR
from app.core.plan import ContextPlan, Placement, SpeedRange
from app.core.shape import LayerShape, ModelShape
from app.fit import speed_figures as figures
from app.fit.memory import row_bytes
from app.fit.work import active_bytes, active_weights, expert_bytes, layer_bytes, reading_weights

_MEASURED_SPREAD = 0.05


@dataclass(frozen=True, slots=True)
class Factors:
    """Measured over predicted rates: of the very models that were measured, by active_bytes, and of devices by name."""

    models: Mapping[tuple[tuple[str, ...], int], float] = field(default_factory=dict)
    devices: Mapping[tuple[str, ...], float] = field(default_factory=dict)

    def of(self, devices: tuple[str, ...], active: int) -> float | None:
        """The factor for a model on these devices; None where nothing was measured on them."""
        return self.models.get((devices, active), self.devices.get(devices))


@dataclass(frozen=True, slots=True)
class Measurements:
    """What was measured on this computer."""

    writing: Factors = Factors()
    reading: Factors = Factors()


NO_MEASUREMENTS = Measurements()


def writing_speed(
    shape: ModelShape,
    context: ContextPlan,
    placement: Placement,
    machine: Machine,
    measured: Measurements = NO_MEASUREMENTS,
    depth: int = 0,
) -> SpeedRange | None:
    """The rate of writing after `depth` tokens; None where a device's bandwidth is not known."""
    parts = _parts(shape, context, placement, machine, depth)
    if parts is None:
        return None
    slow = sum(_seconds(part, machine, is_fast=False) for part in parts)
    fast = sum(_seconds(part, machine, is_fast=True) for part in parts)
    return _corrected(1 / slow, 1 / fast, measured.writing.of(devices_of(placement, shape), active_bytes(shape)))


def predicted_writing(
    read_bytes: float, weights: float, layers: int, devices: tuple[str, ...], machine: Machine
) -> float | None:
    """The middle of the range for a model that lies wholly on these devices, in equal parts; None as writing_speed."""
    count = len(devices)
    found = [device for name in devices if (device := _device(name, machine)) is not None and device.bandwidth]
    if not found or len(found) < count:
        return None
    parts = [_Part(device, read_bytes / count, weights / count, layers) for device in found]
    slow = sum(_seconds(part, machine, is_fast=False) for part in parts)
    fast = sum(_seconds(part, machine, is_fast=True) for part in parts)
    return 1 / math.sqrt(slow * fast)


def predicted_reading(weights: float, devices: tuple[str, ...], machine: Machine) -> float | None:
    """The same for prompts, in tokens per second; None as reading_speed."""
    rates = [_reading_rate(_device(name, machine), machine) for name in devices]
    known = [rate for rate in rates if rate]
    if not known or len(known) < len(rates) or weights <= 0:
        return None
    middle = math.sqrt((1 - figures.READING_SPREAD) * (1 + figures.READING_SPREAD))
    return middle / sum(weights / len(devices) / rate for rate in known)


def reading_speed(
    shape: ModelShape, placement: Placement, machine: Machine, measured: Measurements = NO_MEASUREMENTS
) -> SpeedRange | None:
    """The rate of reading a prompt in batches of 512; None where nothing was measured for one of the devices.

    The output is left out: it is computed for a prompt's last token alone.
    """
    weights = reading_weights(shape)
    seconds = 0.0
    for device, share in _shares(shape, placement, machine):
        rate = _reading_rate(device, machine)
        if not rate:
            return None
        seconds += share * weights / rate
    if seconds <= 0:
        return None
    low, high = (1 - figures.READING_SPREAD) / seconds, (1 + figures.READING_SPREAD) / seconds
    return _corrected(low, high, measured.reading.of(devices_of(placement, shape), active_bytes(shape)))


def devices_of(placement: Placement, shape: ModelShape) -> tuple[str, ...]:
    """The names of the devices that hold layers, the processor first where it holds some."""
    gpus = tuple(name for name, share in placement.shares if share > 0) if placement.gpu_layers else ()
    is_whole = placement.first_gpu_layer(len(shape.layers)) == 0 and not placement.expert_layers_on_cpu
    return gpus if gpus and is_whole else (PROCESSOR, *gpus)


@dataclass(frozen=True, slots=True)
class _Part:
    """What one device does for a token."""

    device: Device
    read_bytes: float
    weights: float
    layers: int


def _parts(
    shape: ModelShape, context: ContextPlan, placement: Placement, machine: Machine, depth: int
) -> list[_Part] | None:
    """The work of each device; None where a device is not there or its bandwidth is not known."""
    on_gpu, on_cpu = _divided(shape, placement)
    per_weight = max(active_bytes(shape), 1) / max(active_weights(shape), 1.0)
    kv = [_kv_bytes(layer, context, depth) for layer in shape.layers]
    first = placement.first_gpu_layer(len(shape.layers))
    parts = []
    cpu_bytes = on_cpu + sum(kv[:first])
    if cpu_bytes:
        if machine.cpu is None or not machine.cpu.bandwidth:
            return None
        parts.append(_Part(machine.cpu, cpu_bytes, on_cpu / per_weight, first + placement.expert_layers_on_cpu))
    gpu_bytes = on_gpu + sum(kv[first:])
    for name, share in placement.shares if placement.gpu_layers else ():
        device = _device(name, machine)
        if device is None or not device.bandwidth:
            return None
        parts.append(_Part(device, gpu_bytes * share, on_gpu * share / per_weight, len(shape.layers) - first))
    return parts or None


def _divided(shape: ModelShape, placement: Placement) -> tuple[float, float]:
    """The bytes of weights that are read for a token, on all GPUs and on the processor."""
    first = placement.first_gpu_layer(len(shape.layers))
    on_gpu = on_cpu = 0.0
    for number, layer in enumerate(shape.layers):
        active = layer_bytes(layer, shape)
        if number < first:
            on_cpu += active
            continue
        experts = expert_bytes(layer, shape) if number - first < placement.expert_layers_on_cpu else 0.0
        on_gpu += active - experts
        on_cpu += experts
    if placement.gpu_layers:
        return on_gpu + shape.output_bytes, on_cpu
    return on_gpu, on_cpu + shape.output_bytes


def _kv_bytes(layer: LayerShape, context: ContextPlan, depth: int) -> float:
    tokens = min(depth, layer.window) if layer.window else depth
    numbers = layer.kv_heads * (layer.key_length + layer.value_length)
    return tokens * row_bytes(numbers, context.kv_cache_type) + layer.state_bytes


def _seconds(part: _Part, machine: Machine, *, is_fast: bool) -> float:
    device = part.device
    if device.kind is DeviceKind.CPU:
        end = figures.CPU_FAST if is_fast else figures.CPU_SLOW
        multiplying = part.weights / (_multiply_rate(machine) * max(machine.cores, 1))
        return (part.read_bytes / device.bandwidth + multiplying) / end.share + part.layers * end.overhead
    found = _backend(device)
    end = found.fast if is_fast else found.slow
    return part.read_bytes / (device.bandwidth * end.share) + end.overhead


def _device(name: str, machine: Machine) -> Device | None:
    """The processor or GPU of this name."""
    return machine.cpu if name == PROCESSOR else next((gpu for gpu in machine.gpus if gpu.name == name), None)


def _multiply_rate(machine: Machine) -> float:
    return machine.multiply_rate or figures.CPU_MULTIPLY_RATE


def _backend(device: Device) -> figures.BackendFigures:
    """The figures for a device's backend; those of Vulkan, the most cautious, for one that is not known."""
    words = device.description.lower()
    fitting = [one for one in figures.BACKENDS if one.backend.lower() == device.backend.lower() and one.maker in words]
    return fitting[0] if fitting else figures.BACKENDS[-1]


def _reading_rate(device: Device | None, machine: Machine) -> float | None:
    """Weights per second while a prompt is read."""
    if device is None:
        return None
    if device.kind is DeviceKind.CPU:
        return _multiply_rate(machine) * max(machine.cores, 1) * figures.CPU_READING_SHARE
    words = device.description.lower()
    if "laptop" in words or "mobile" in words:
        return None
    for name, rate in figures.READING_8B:
        if name in words and not words.split(name, 1)[1].strip().startswith(("ti", "super")):
            return rate * figures.READING_REFERENCE_WEIGHTS
    return None


def _shares(shape: ModelShape, placement: Placement, machine: Machine) -> list[tuple[Device | None, float]]:
    """Each device's part of the layers; None is one that is not there."""
    count = max(len(shape.layers), 1)
    on_gpu = (count - placement.first_gpu_layer(count) - placement.expert_layers_on_cpu) / count
    found = [(machine.cpu, 1 - on_gpu)] if on_gpu < 1 else []
    return found + [(_device(name, machine), on_gpu * share) for name, share in placement.shares if on_gpu > 0]


def _corrected(low: float, high: float, factor: float | None) -> SpeedRange:
    """The range, or a narrower one about its middle times what was measured here."""
    if factor is None:
        return SpeedRange(low, high)
    middle = math.sqrt(low * high) * factor
    return SpeedRange(middle * (1 - _MEASURED_SPREAD), middle * (1 + _MEASURED_SPREAD), measured=True)
