"""Holds what llama.cpp says of its devices against what system and drivers say, and keeps the cautious figure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.core.machine import Device, DeviceKind, MemoryUse
from app.core.quantities import gigabytes
from app.engine.devices import AddressedDevice
from app.engine.machine.bandwidths import known_bandwidth, plain_name
from app.engine.machine.evidence import GpuFacts

_GPUS = (DeviceKind.GPU, DeviceKind.INTEGRATED_GPU)
_AGREES = 0.1  # what a driver keeps for itself is counted by one and not by another
_ABSURD = 2**50


@dataclass(frozen=True, slots=True)
class JoinedDevices:
    """The devices with all that is known of them, what other programs hold of each, and what does not agree."""

    devices: tuple[Device, ...]
    uses: tuple[MemoryUse, ...]
    doubts: tuple[str, ...]


def without_repeats(found: Sequence[AddressedDevice]) -> list[AddressedDevice]:
    """The devices that llama.cpp puts a model on: a GPU that two backends know counts once, for the first of them.

    Integrated GPUs, whose place not every backend tells, are those of one backend (llama.cpp's own rule, in its
    src/llama.cpp).
    """
    kept: list[AddressedDevice] = []
    for candidate in found:
        device = candidate.device
        if device.kind is DeviceKind.GPU and candidate.address:
            repeats = any(other.address == candidate.address for other in kept if other.device.kind is DeviceKind.GPU)
        elif device.kind is DeviceKind.INTEGRATED_GPU:
            integrated = [other.device for other in kept if other.device.kind is DeviceKind.INTEGRATED_GPU]
            repeats = any(other.backend != device.backend for other in integrated)
        else:
            repeats = False
        if not repeats:
            kept.append(candidate)
    return kept


def join(found: Sequence[AddressedDevice], facts: Sequence[GpuFacts], ram_bytes: int) -> JoinedDevices:
    """Every GPU of `found` with the `facts` of the same GPU; other devices as they are."""
    devices: list[Device] = []
    uses: list[MemoryUse] = []
    doubts: list[str] = []
    for number, candidate in enumerate(found):
        device = candidate.device
        if device.kind in _GPUS:
            own = _facts_of(number, found, facts)
            device = _cautious(device, own, doubts)
            device = replace(device, has_display=_any_display(own))
            device = _with_bandwidth(device, own, ram_bytes)
            _doubt_free(device, doubts)
            uses += _uses_of(device, own)
        devices.append(device)
    return JoinedDevices(tuple(devices), tuple(uses), tuple(doubts))


def _facts_of(number: int, found: Sequence[AddressedDevice], facts: Sequence[GpuFacts]) -> list[GpuFacts]:
    """The facts about one device: by its address, else by its name, where namesakes keep their order."""
    device, address = found[number].device, found[number].address
    own = [fact for fact in facts if address and fact.address == address]
    for source in {fact.source: None for fact in facts}:
        if any(fact.source == source for fact in own):
            continue
        unplaced = [fact for fact in facts if fact.source == source and not (address and fact.address)]
        named = [fact for fact in unplaced if _same_name(device.description, fact.name)]
        namesakes = [other for other in found[:number] if other.device.description == device.description]
        if len(namesakes) < len(named):
            own.append(named[len(namesakes)])
    return own


def _same_name(description: str, name: str) -> bool:
    return bool(name) and (plain_name(description) == plain_name(name) or (name == "Apple" in description))


def _cautious(device: Device, facts: Sequence[GpuFacts], doubts: list[str]) -> Device:
    """The smaller of what is said. An amount of llama.cpp's that cannot be true is left to stand, and doubted later."""
    totals = [fact for fact in facts if fact.total_bytes]
    for fact in totals:
        said = fact.total_bytes or 0
        if device.unified:
            if fact.source == "macOS":  # the user's own limit
                device = replace(device, total_bytes=min(device.total_bytes, said))
            continue
        if 0 < device.total_bytes < _ABSURD and abs(device.total_bytes - said) > _AGREES * device.total_bytes:
            doubts.append(
                f"llama.cpp finds {gigabytes(device.total_bytes)} of memory on {device.name} ({device.description}), "
                f"and {fact.source} {gigabytes(said)}: the smaller is taken."
            )
            device = replace(device, total_bytes=min(device.total_bytes, said))
    frees = [fact.free_bytes for fact in facts if fact.free_bytes is not None]
    if frees and not device.unified:
        device = replace(device, free_bytes=min(device.free_bytes, device.total_bytes, *frees))
    return device


def _any_display(facts: Sequence[GpuFacts]) -> bool | None:
    known = [fact.has_display for fact in facts if fact.has_display is not None]
    return any(known) if known else None


def _with_bandwidth(device: Device, facts: Sequence[GpuFacts], ram_bytes: int) -> Device:
    published = known_bandwidth(device.description, device.total_bytes, ram_bytes)
    if published.bytes_per_second:
        return replace(device, bandwidth=published.bytes_per_second, bandwidth_source=published.source)
    told = next((fact for fact in facts if fact.bandwidth), None)
    if told is None:
        return device
    return replace(device, bandwidth=told.bandwidth, bandwidth_source=told.bandwidth_source)


def _doubt_free(device: Device, doubts: list[str]) -> None:
    """Say it where a driver without budgets calls all memory free, though a display takes some."""
    if device.has_display and not device.unified and 0 < device.total_bytes == device.free_bytes:
        doubts.append(
            f"{device.name} ({device.description}) reports all its memory as free though a display is attached: "
            "its driver does not tell what other programs hold."
        )


def _uses_of(device: Device, facts: Sequence[GpuFacts]) -> list[MemoryUse]:
    told = next((fact.uses for fact in facts if fact.uses is not None), ())
    return [MemoryUse(device.name, program, size) for program, size in told]
