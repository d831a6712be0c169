"""What this computer is made of, as far as a model runs on it."""

from dataclasses import dataclass
from enum import StrEnum


class DeviceKind(StrEnum):
    """What a device is to llama.cpp."""

    CPU = "cpu"
    GPU = "gpu"
    INTEGRATED_GPU = "integrated_gpu"
    ACCELERATOR = "accelerator"


@dataclass(frozen=True, slots=True)
class Device:
    """One device of a backend (CPU, CUDA, Metal, Vulkan, …). Memory is in bytes; a processor's is the system's RAM."""

    name: str
    description: str
    backend: str
    kind: DeviceKind
    total_bytes: int
    free_bytes: int
