"""Saves a KV state encrypted and reads it again, by way of memory alone (imports llama_cpp)."""

import ctypes
import struct
from pathlib import Path

import llama_cpp.llama_cpp as llama
import psutil

from app.core.errors import StateFileError
from app.core.sealing import Sealer
from app.engine.context import Context

_COUNT = struct.Struct("<Q")
_TOKEN_BYTES = ctypes.sizeof(llama.llama_token)


def write_sealed(context: Context, path: Path, name: str, sealer: Sealer) -> None:
    """Write the cache of `context` and its tokens to `path`, to be read under `name`. Raises StateFileError, OSError.

    The whole state is in memory meanwhile: where that is short nothing is written.
    """
    count = len(context.cached)
    begin = _COUNT.size + count * _TOKEN_BYTES
    size = context.state_size()
    if size + begin > psutil.virtual_memory().available:
        raise StateFileError(
            "There is too little free memory to encrypt the state of the conversation.", f"{size} bytes"
        )
    data = bytearray(begin + size)
    _COUNT.pack_into(data, 0, count)
    (llama.llama_token * count).from_buffer(data, _COUNT.size)[:] = list(context.cached)
    written = context.state_into((ctypes.c_uint8 * size).from_buffer(data, begin))
    sealer.write(path, name, memoryview(data)[: begin + written])


def read_sealed(context: Context, path: Path, name: str, sealer: Sealer) -> None:
    """Fill the cache of `context` from a file of write_sealed(). Raises StateFileError; the cache is empty then."""
    context.clear()
    try:
        data = sealer.read(path, name)
        (count,) = _COUNT.unpack_from(data)
        tokens = list((llama.llama_token * count).from_buffer(data, _COUNT.size)) if count <= context.length else []
        begin = _COUNT.size + count * _TOKEN_BYTES
        state = (ctypes.c_uint8 * (len(data) - begin)).from_buffer(data, begin)
    except (OSError, ValueError, struct.error) as error:
        raise StateFileError(f"The saved state {name} cannot be used: it cannot be decrypted.", str(error)) from error
    context.take_state(tokens, state)
