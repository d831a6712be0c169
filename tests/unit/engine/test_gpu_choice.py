"""Which GPUs a model is put on: each once, and only the backend's that was chosen."""

from pathlib import Path

import pytest

from app.core.machine import Device, DeviceKind
from app.core.model import Backend, LoadParameters
from app.engine.devices import AddressedDevice
from app.engine.gpu_choice import NoGpuError, chosen_gpus, gpus_of, wants_gpu


def device(name: str, backend: str, kind: DeviceKind = DeviceKind.GPU, address: str = "") -> AddressedDevice:
    """A device of a backend."""
    return AddressedDevice(Device(name, name, backend, kind, 10**9, 10**9), address, handle=1)


CUDA = device("CUDA0", "CUDA", address="0000:01:00.0")
VULKAN = device("Vulkan0", "Vulkan", address="0000:01:00.0")
INTEGRATED = device("Vulkan1", "Vulkan", DeviceKind.INTEGRATED_GPU, "0000:00:02.0")
CPU = device("CPU", "CPU", DeviceKind.CPU)
ALL = (CUDA, VULKAN, INTEGRATED, CPU)


@pytest.mark.parametrize(
    ("backend", "found", "names"),
    [
        (Backend.AUTO, ALL, ["CUDA0"]),
        (Backend.AUTO, (INTEGRATED, CPU), ["Vulkan1"]),
        (Backend.AUTO, (VULKAN, INTEGRATED, CPU), ["Vulkan0"]),
        (Backend.AUTO, (CPU,), []),
        (Backend.CPU, ALL, []),
        (Backend.CUDA, ALL, ["CUDA0"]),
        (Backend.VULKAN, ALL, ["Vulkan0", "Vulkan1"]),
        (Backend.METAL, ALL, []),
    ],
)
def test_gpus_are_chosen(backend: Backend, found: tuple[AddressedDevice, ...], names: list[str]) -> None:
    assert [gpu.device.name for gpu in chosen_gpus(backend, found)] == names


def test_a_backend_without_a_gpu_is_refused_by_name() -> None:
    with pytest.raises(NoGpuError, match="CUDA was chosen as the backend, and it reaches no GPU here"):
        gpus_of(Backend.CUDA)
    assert gpus_of(Backend.CPU) == ()


def test_whether_a_gpu_is_wanted() -> None:
    path = Path("m.gguf")
    assert wants_gpu(LoadParameters(path))
    assert wants_gpu(LoadParameters(path, backend=Backend.VULKAN, gpu_layers=3))
    assert not wants_gpu(LoadParameters(path, backend=Backend.CPU))
    assert not wants_gpu(LoadParameters(path, gpu_layers=0))
