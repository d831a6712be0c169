"""What llama.cpp can run on: the devices of its backends, with their memory (imports llama_cpp: import late)."""

import ctypes
from dataclasses import dataclass
from importlib.metadata import version

import psutil

from app.core.machine import Device, DeviceKind
from app.engine import bindings

# ggml_backend_dev_type in ggml-backend.h; 4 (a group of devices) is no device of its own.
_KINDS = {
    0: DeviceKind.CPU,
    1: DeviceKind.GPU,
    2: DeviceKind.INTEGRATED_GPU,
    3: DeviceKind.ACCELERATOR,
}
_NAMES = {"MTL": "Metal"}  # what ggml calls a backend, where users know it by another name
_METAL = "Metal"
_APPLE = "Apple"
_SOFTWARE = "llvmpipe"  # Vulkan computed by the processor
_POINTER = ctypes.c_void_p
_SIZE = ctypes.c_size_t


class _Properties(ctypes.Structure):
    """ggml_backend_dev_props in ggml-backend.h, its capabilities (five booleans) included."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("description", ctypes.c_char_p),
        ("memory_free", _SIZE),
        ("memory_total", _SIZE),
        ("type", ctypes.c_int),
        ("device_id", ctypes.c_char_p),
        ("capabilities", ctypes.c_bool * 5),
    )


@dataclass(frozen=True, slots=True)
class AddressedDevice:
    """A device and where it sits on the PCI bus, such as "0000:01:00.0" (empty: not known); `handle` is llama.cpp's."""

    device: Device
    address: str
    handle: int = 0


def list_devices() -> tuple[Device, ...]:
    """Every device of every backend; works without a model. A processor's memory is the system's RAM."""
    return tuple(found.device for found in list_addressed())


def list_addressed() -> tuple[AddressedDevice, ...]:
    """The same with their addresses."""
    bindings.make_ready()
    count = bindings.function("ggml_backend_dev_count", _SIZE)
    get = bindings.function("ggml_backend_dev_get", _POINTER, _SIZE)
    kind = bindings.function("ggml_backend_dev_type", ctypes.c_int, _POINTER)
    handles = [get(index) for index in range(count())]
    return tuple(_describe(handle, _KINDS[kind(handle)]) for handle in handles if kind(handle) in _KINDS)


def engine_version() -> str:
    """For example "llama-cpp-python 0.3.36, ggml 0.25.3 (0c1e570)"."""
    number = bindings.function("ggml_version", ctypes.c_char_p)().decode("utf-8", "replace")
    commit = bindings.function("ggml_commit", ctypes.c_char_p)().decode("utf-8", "replace").removesuffix("-dirty")
    return f"llama-cpp-python {version('llama-cpp-python')}, ggml {number} ({commit})"


def _describe(handle: int, kind: DeviceKind) -> AddressedDevice:
    name = _text("ggml_backend_dev_name", handle)
    description = _text("ggml_backend_dev_description", handle)
    registry = bindings.function("ggml_backend_dev_backend_reg", _POINTER, _POINTER)(handle)
    called = _text("ggml_backend_reg_name", registry)
    backend = _NAMES.get(called, called)
    total, free = _memory(handle, kind)
    device = Device(name, description, backend, kind, total, free, unified=shares_memory(kind, backend, description))
    return AddressedDevice(device, _address(handle), handle)


def shares_memory(kind: DeviceKind, backend: str, description: str) -> bool:
    """Whether a GPU's memory is the system's RAM: an integrated one, Apple's, and one that the processor plays."""
    if kind is not DeviceKind.GPU:
        return kind is DeviceKind.INTEGRATED_GPU
    return (backend == _METAL and description.startswith(_APPLE)) or _SOFTWARE in description


def _address(handle: int) -> str:
    properties = _Properties()  # zeroed: not every backend fills every field
    get = bindings.function("ggml_backend_dev_get_props", None, _POINTER, ctypes.POINTER(_Properties))
    get(handle, ctypes.byref(properties))
    return (properties.device_id or b"").decode("utf-8", "replace").strip().lower()


def _memory(handle: int, kind: DeviceKind) -> tuple[int, int]:
    """Total and free bytes."""
    if kind is DeviceKind.CPU:  # llama.cpp reports all of it as free
        system = psutil.virtual_memory()
        return system.total, system.available
    free, total = _SIZE(), _SIZE()
    pointer = ctypes.POINTER(_SIZE)
    measure = bindings.function("ggml_backend_dev_memory", None, _POINTER, pointer, pointer)
    measure(handle, ctypes.byref(free), ctypes.byref(total))
    return total.value, free.value


def _text(name: str, handle: int) -> str:
    found: bytes | None = bindings.function(name, ctypes.c_char_p, _POINTER)(handle)
    return (found or b"").decode("utf-8", "replace").strip()


def start_once(found: AddressedDevice) -> None:
    """Start a device, and let it go: what its driver cannot do ends the process, or raises RuntimeError."""
    backend = bindings.function("ggml_backend_dev_init", _POINTER, _POINTER, ctypes.c_char_p)(found.handle, None)
    if not backend:
        raise RuntimeError(f"{found.device.name} does not start")
    bindings.function("ggml_backend_free", None, _POINTER)(backend)
