"""What a model takes of each device's memory, and how much of it a model may take."""

from dataclasses import dataclass

PROCESSOR = "CPU"
"""What the processor is called as a device; its memory is the RAM."""


@dataclass(frozen=True, slots=True)
class DeviceMemory:
    """What a model takes of one device's memory, in bytes; `device` is its name."""

    device: str
    weights_bytes: int
    kv_cache_bytes: int
    compute_bytes: int

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return self.weights_bytes + self.kv_cache_bytes + self.compute_bytes


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """What a model takes of each device that it is on; the processor ("CPU") comes first."""

    devices: tuple[DeviceMemory, ...]

    @property
    def weights_bytes(self) -> int:
        """On all devices."""
        return sum(device.weights_bytes for device in self.devices)

    @property
    def kv_cache_bytes(self) -> int:
        """On all devices."""
        return sum(device.kv_cache_bytes for device in self.devices)

    @property
    def compute_bytes(self) -> int:
        """On all devices."""
        return sum(device.compute_bytes for device in self.devices)

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return sum(device.total_bytes for device in self.devices)

    def of(self, device: str) -> DeviceMemory:
        """What it takes of the device of this name."""
        return next((one for one in self.devices if one.device == device), DeviceMemory(device, 0, 0, 0))


@dataclass(frozen=True, slots=True)
class MemoryBudget:
    """How much of a device a model may take: what is free, and back what the model in use holds, but for a margin.

    `usable_bytes` is never below 0. `title` is what people call the device. `unified`: it is a part of the RAM, which
    is the processor's budget too.
    """

    device: str
    title: str
    total_bytes: int
    free_bytes: int
    usable_bytes: int
    unified: bool = False
