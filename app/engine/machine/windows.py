"""What Windows says of its GPUs by DXGI: how much memory it lets this process have; written for Windows only."""

import ctypes
import logging
import sys
from typing import Any

from app.engine.machine.evidence import Evidence, GpuFacts

_log = logging.getLogger(__name__)

SOURCE = "Windows"
_FACTORY1 = "770aae78-f26f-4dba-a829-253c83d1b387"
_ADAPTER3 = "645967a4-1392-4310-a798-8053ce3e93fd"
# Places in the tables of functions, as dxgi.h and dxgi1_4.h declare them: each interface goes on where its parent ends.
_QUERY_INTERFACE, _RELEASE = 0, 2
_ENUM_OUTPUTS, _GET_DESC1, _ENUM_ADAPTERS1, _QUERY_VIDEO_MEMORY = 7, 10, 12, 14
_LOCAL_MEMORY = 0  # DXGI_MEMORY_SEGMENT_GROUP_LOCAL
_IS_SOFTWARE = 2  # DXGI_ADAPTER_FLAG_SOFTWARE
_MOST_ADAPTERS = 16
_CALL = getattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE)
_POINTER = ctypes.c_void_p
_RESULT = ctypes.c_int32


class _Guid(ctypes.Structure):
    _fields_ = (("bytes", ctypes.c_ubyte * 16),)


class AdapterDescription(ctypes.Structure):
    """DXGI_ADAPTER_DESC1."""

    _fields_ = (
        ("description", ctypes.c_uint16 * 128),
        ("vendor", ctypes.c_uint32),
        ("device", ctypes.c_uint32),
        ("subsystem", ctypes.c_uint32),
        ("revision", ctypes.c_uint32),
        ("dedicated_video_memory", ctypes.c_size_t),
        ("dedicated_system_memory", ctypes.c_size_t),
        ("shared_system_memory", ctypes.c_size_t),
        ("luid_low", ctypes.c_uint32),
        ("luid_high", ctypes.c_int32),
        ("flags", ctypes.c_uint32),
    )


class VideoMemory(ctypes.Structure):
    """DXGI_QUERY_VIDEO_MEMORY_INFO: bytes that Windows lets this process have, and has given it."""

    _fields_ = (
        ("budget", ctypes.c_uint64),
        ("current_usage", ctypes.c_uint64),
        ("available_for_reservation", ctypes.c_uint64),
        ("current_reservation", ctypes.c_uint64),
    )


def ask_windows() -> Evidence:
    """Every graphics adapter but the one that the processor plays."""
    if sys.platform == "win32":
        try:
            return list_gpus(ctypes.WinDLL("dxgi").CreateDXGIFactory1)
        except (OSError, AttributeError) as error:
            return Evidence(doubts=(f"Windows could not be asked about its GPUs ({error}).",))
    return Evidence()


def list_gpus(create: Any) -> Evidence:
    """What the factory that CreateDXGIFactory1 makes lists."""
    create.argtypes, create.restype = [ctypes.POINTER(_Guid), ctypes.POINTER(_POINTER)], _RESULT
    factory, wanted = _POINTER(), guid(_FACTORY1)
    code = create(ctypes.byref(wanted), ctypes.byref(factory))
    if code < 0 or factory.value is None:
        return Evidence(doubts=(f"Windows could not be asked about its GPUs (error {code & 0xFFFFFFFF:#x}).",))
    try:
        return Evidence(tuple(list_adapters(factory)))
    finally:
        _method(factory, _RELEASE)(factory)


def list_adapters(factory: ctypes.c_void_p) -> list[GpuFacts]:
    """What an IDXGIFactory1 lists."""
    found: list[GpuFacts] = []
    for index in range(_MOST_ADAPTERS):
        adapter = _POINTER()
        listing = _method(factory, _ENUM_ADAPTERS1, ctypes.c_uint32, ctypes.POINTER(_POINTER))
        if listing(factory, index, ctypes.byref(adapter)) < 0 or adapter.value is None:
            break
        try:
            facts = _describe(adapter)
        finally:
            _method(adapter, _RELEASE)(adapter)
        if facts is not None:
            found.append(facts)
    return found


def guid(text: str) -> _Guid:
    """A GUID as Windows lays it out: its first three parts are numbers with their low byte first."""
    first, second, third, *rest = text.split("-")
    parts = [bytes.fromhex(part)[::-1] for part in (first, second, third)] + [bytes.fromhex(part) for part in rest]
    return _Guid.from_buffer_copy(b"".join(parts))


def facts_of(description: AdapterDescription, memory: VideoMemory | None, has_display: bool) -> GpuFacts | None:
    """One adapter's facts; None for one that is no GPU. What is free is the budget less what this process has."""
    if description.flags & _IS_SOFTWARE:
        return None
    name = bytes(description.description).decode("utf-16-le", "replace").partition("\0")[0].strip()
    total = int(description.dedicated_video_memory)
    free = None if memory is None else max(int(memory.budget) - int(memory.current_usage), 0)
    return GpuFacts(SOURCE, name=name, total_bytes=total or None, free_bytes=free, has_display=has_display)


def _describe(adapter: ctypes.c_void_p) -> GpuFacts | None:
    description = AdapterDescription()
    if _method(adapter, _GET_DESC1, _POINTER)(adapter, ctypes.addressof(description)) < 0:
        return None
    return facts_of(description, _video_memory(adapter), _has_output(adapter))


def _video_memory(adapter: ctypes.c_void_p) -> VideoMemory | None:
    """None before Windows 10, which has no such interface."""
    newer, wanted = _POINTER(), guid(_ADAPTER3)
    query = _method(adapter, _QUERY_INTERFACE, ctypes.POINTER(_Guid), ctypes.POINTER(_POINTER))
    if query(adapter, ctypes.byref(wanted), ctypes.byref(newer)) < 0 or newer.value is None:
        return None
    memory = VideoMemory()
    try:
        ask = _method(newer, _QUERY_VIDEO_MEMORY, ctypes.c_uint32, ctypes.c_int, _POINTER)
        code = ask(newer, 0, _LOCAL_MEMORY, ctypes.addressof(memory))
    finally:
        _method(newer, _RELEASE)(newer)
    return memory if code >= 0 else None


def _has_output(adapter: ctypes.c_void_p) -> bool:
    output = _POINTER()
    listing = _method(adapter, _ENUM_OUTPUTS, ctypes.c_uint32, ctypes.POINTER(_POINTER))
    if listing(adapter, 0, ctypes.byref(output)) < 0 or output.value is None:
        return False
    _method(output, _RELEASE)(output)
    return True


def _method(instance: ctypes.c_void_p, place: int, *arguments: Any) -> Any:
    """The function at `place` in the table that a COM object begins with; `instance` is its first argument."""
    table = ctypes.cast(instance, ctypes.POINTER(ctypes.POINTER(_POINTER))).contents
    return _CALL(_RESULT, _POINTER, *arguments)(table[place])
