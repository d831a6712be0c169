"""Measures how fast the processor reads memory, with all its cores: a short test for what no table can know."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import psutil

from app.engine.machine.memory import core_count

SOURCE = "measured: all cores read memory together"
_BUFFER_BYTES = 128 * 2**20  # more than a processor's caches hold
_SHARE_OF_FREE = 16
_SMALLEST_BYTES = 2**20
_SECONDS = 0.1
_ROUNDS = 3


def measure_read_bandwidth() -> int:
    """Bytes per second that all cores together read, the best of a few rounds; takes 0.2 to 0.3 seconds.

    Other work on the computer makes it lower. 0 where memory is too short to tell.
    """
    cores = core_count()
    room = min(_BUFFER_BYTES, psutil.virtual_memory().available // _SHARE_OF_FREE)
    part = room // cores // 8
    if part * 8 < _SMALLEST_BYTES:
        return 0
    gate = threading.Barrier(cores)
    with ThreadPoolExecutor(cores) as threads:
        readings = [threads.submit(_read, part, gate) for _ in range(cores)]
        try:
            rounds = [reading.result() for reading in readings]
        except (MemoryError, threading.BrokenBarrierError):
            return 0
    return max(int(sum(rates)) for rates in zip(*rounds, strict=True))


def _read(part: int, gate: threading.Barrier) -> list[float]:
    """This core's bytes per second in each round; its numbers are written first, so that there is memory to read."""
    try:
        numbers: npt.NDArray[np.uint64] = np.full(part, 1, dtype=np.uint64)
    except MemoryError:
        gate.abort()  # the other cores wait for this one
        raise
    rates = []
    for _ in range(_ROUNDS):
        gate.wait()
        rates.append(_read_for(numbers, _SECONDS / _ROUNDS))
    return rates


def _read_for(numbers: npt.NDArray[np.uint64], seconds: float) -> float:
    read = 0
    started = time.perf_counter()
    while True:
        numbers.sum()  # without Python's lock, so that all cores read at once
        read += numbers.nbytes
        elapsed = time.perf_counter() - started
        if elapsed >= seconds:
            return read / elapsed
