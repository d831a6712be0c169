"""Which GPUs a model is put on: the backend's that was chosen for it, or each by the first backend that reaches it."""

import ctypes
from collections.abc import Sequence
from typing import Any

from app.core.errors import ModelLoadError
from app.core.machine import Device, DeviceKind
from app.core.model import Backend, LoadParameters
from app.engine import bindings
from app.engine.devices import AddressedDevice, list_addressed
from app.engine.machine.joined import without_repeats
from app.engine.modules import TITLES


class NoGpuError(ModelLoadError):
    """The backend that was named has no GPU here."""


_GPUS = (DeviceKind.GPU, DeviceKind.INTEGRATED_GPU)


def gpus_of(backend: Backend) -> tuple[AddressedDevice, ...]:
    """The GPUs that a model with this backend is put on, in order; none for the processor.

    Raises NoGpuError where the backend was named and has no GPU here.
    """
    bindings.add_backend(backend)
    found = chosen_gpus(backend, list_addressed())
    if not found and backend not in (Backend.AUTO, Backend.CPU):
        title = TITLES[backend.value]
        raise NoGpuError(
            f"{title} was chosen as the backend, and it reaches no GPU here (“inglenook devices” says why)."
        )
    return found


def chosen_gpus(backend: Backend, found: Sequence[AddressedDevice]) -> tuple[AddressedDevice, ...]:
    """Those of `found`; for AUTO integrated GPUs only where there is no other, which is llama.cpp's own rule."""
    if backend is Backend.CPU:
        return ()
    if backend is not Backend.AUTO:
        return _gpus(other for other in found if other.device.backend == TITLES[backend.value])
    once = _gpus(without_repeats(found))
    return tuple(other for other in once if other.device.kind is DeviceKind.GPU) or once


def use_only(wanted: Any, gpus: Sequence[AddressedDevice]) -> None:
    """Let llama_model_params use these GPUs and no other; with none, the processor does everything."""
    # A null pointer ends the list.
    handles = (ctypes.c_void_p * (len(gpus) + 1))(*(gpu.handle for gpu in gpus), None)
    wanted.devices = ctypes.cast(handles, ctypes.c_void_p)
    wanted.devices_kept = handles  # they must live until the model is loaded


def plain(gpus: Sequence[AddressedDevice]) -> tuple[Device, ...]:
    """The devices alone."""
    return tuple(gpu.device for gpu in gpus)


def wants_gpu(parameters: LoadParameters) -> bool:
    """Whether a GPU would take part in it, if there is one."""
    return parameters.backend is not Backend.CPU and parameters.gpu_layers != 0


def _gpus(devices: Any) -> tuple[AddressedDevice, ...]:
    return tuple(found for found in devices if found.device.kind in _GPUS)
