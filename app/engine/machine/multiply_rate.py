"""Measures how fast a core multiplies quantized weights, by llama.cpp's own routine (imports llama_cpp)."""

import ctypes
import time
from collections.abc import Callable

from app.engine import bindings
from app.engine.guards.tensor_types import BLOCKS

_Q4_K = 12  # what most models are quantized to
_WEIGHTS = 1 << 16  # with what they are multiplied by they stay in a core's cache
_CALLS = 20
_SECONDS = 0.04


class _TypeTraits(ctypes.Structure):
    """ggml_type_traits_cpu in ggml-cpu.h."""

    _fields_ = (
        ("from_float", ctypes.c_void_p),
        ("vec_dot", ctypes.c_void_p),
        ("vec_dot_type", ctypes.c_int),
        ("nrows", ctypes.c_int64),
    )


def measure_multiply_rate() -> int:
    """Weights of Q4_K that one core multiplies in a second; 0 where the routine cannot be reached.

    One core is measured and not all at once: calls as short as these would wait for Python's lock.
    """
    multiply = _routine()
    return 0 if multiply is None else int(_rate(multiply))


def _routine() -> Callable[[], None] | None:
    """One multiplication of two rows of _WEIGHTS numbers; of zeros, which take as long as others."""
    try:
        find = bindings.cpu_function("ggml_get_type_traits_cpu", ctypes.POINTER(_TypeTraits), ctypes.c_int)
    except AttributeError:
        return None
    traits = find(_Q4_K)
    if not traits or not traits.contents.vec_dot or traits.contents.vec_dot_type not in BLOCKS:
        return None
    size, pointer = ctypes.c_size_t, ctypes.c_void_p
    dot = ctypes.CFUNCTYPE(None, ctypes.c_int, pointer, size, pointer, size, pointer, size, ctypes.c_int)(
        traits.contents.vec_dot
    )
    weights, factors = _row(_Q4_K), _row(traits.contents.vec_dot_type)

    def multiply() -> None:
        total = ctypes.c_float()
        dot(_WEIGHTS, ctypes.addressof(total), 0, ctypes.addressof(weights), 0, ctypes.addressof(factors), 0, 1)

    return multiply


def _row(kind: int) -> ctypes.Array[ctypes.c_char]:
    numbers, size = BLOCKS[kind]
    return ctypes.create_string_buffer(_WEIGHTS // numbers * size)


def _rate(multiply: Callable[[], None]) -> float:
    """The best of many short rounds: other work makes single ones slow."""
    best, end = 0.0, time.perf_counter() + _SECONDS
    while (started := time.perf_counter()) < end:
        for _ in range(_CALLS):
            multiply()
        best = max(best, _CALLS * _WEIGHTS / (time.perf_counter() - started))
    return best
