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
    """One device of a backend (CPU, CUDA, Metal, Vulkan, …). Memory is in bytes; a processor's is the system's RAM.

    `unified`: its memory is the system's RAM, of which `total_bytes` is what it may use. `has_display` is None where
    the system does not tell. `bandwidth` is how fast its memory is read, in bytes per second (0: not known), and
    `bandwidth_source` says where that figure is from.
    """

    name: str
    description: str
    backend: str
    kind: DeviceKind
    total_bytes: int
    free_bytes: int
    unified: bool = False
    has_display: bool | None = None
    bandwidth: int = 0
    bandwidth_source: str = ""


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """What another program holds of a device's memory; `device` is the device's name."""

    device: str
    program: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class BackendNote:
    """A backend of this installation (CPU, CUDA, Metal, Vulkan), whether models are put on it unasked, and why.

    `can_be_chosen`: a model can be put on it where somebody says so.
    """

    name: str
    is_used: bool
    reason: str
    can_be_chosen: bool = True

    @property
    def words(self) -> str:
        """For example "Vulkan is not used: it finds no GPU."."""
        return f"{self.name} is {'used' if self.is_used else 'not used'}: {self.reason[:1].lower()}{self.reason[1:]}"


@dataclass(frozen=True, slots=True)
class Machine:
    """A computer as plain data, so that any can be studied on any other. Amounts are in bytes.

    `system` is "Linux", "Windows" or "macOS"; `cores` are the processor's own. `ram_bytes` is what programs may use:
    a container's limit where there is one (`ram_limit` then says whose). `disk_free_bytes` is at the models' folder;
    None is not known. `uses` are the largest of other programs. `doubts` are sentences about what a device reported and
    cannot be true, or what could not be asked. `name` is that of a recorded machine, else empty. `multiply_rate` is how
    many quantized weights one core multiplies in a second; 0 is not known. `backends` are empty where all are built in.
    """

    system: str
    processor: str
    cores: int
    ram_bytes: int
    ram_free_bytes: int
    devices: tuple[Device, ...]
    name: str = ""
    ram_limit: str = ""
    swap_bytes: int = 0
    swap_free_bytes: int = 0
    disk_free_bytes: int | None = None
    uses: tuple[MemoryUse, ...] = ()
    doubts: tuple[str, ...] = ()
    multiply_rate: int = 0
    backends: tuple[BackendNote, ...] = ()

    @property
    def gpus(self) -> tuple[Device, ...]:
        """The devices that layers can be put on, apart from the processor."""
        return tuple(device for device in self.devices if device.kind in _GPUS)

    @property
    def cpu(self) -> Device | None:
        """The processor as a device; None where it was not listed."""
        return next((device for device in self.devices if device.kind is DeviceKind.CPU), None)


_GPUS = (DeviceKind.GPU, DeviceKind.INTEGRATED_GPU)
