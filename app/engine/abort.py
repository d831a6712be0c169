"""Stops llama.cpp in the middle of a batch, without Python's lock (imports llama_cpp: import late)."""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import llama_cpp.llama_cpp as llama

from app.core.cancel import CancelToken
from app.engine import bindings


class AbortFlag:
    """A flag that llama.cpp asks between the nodes of its graph, and that any thread may set.

    A callback in Python would take the interpreter's lock at every question and wait for the window; so the callback is
    the C library's `strlen` on a buffer of two bytes: 0 for the empty string, 1 (go no further) once its first byte is
    set.
    """

    def __init__(self, context: int) -> None:
        self._buffer = ctypes.create_string_buffer(2)
        library = ctypes.CDLL("msvcrt" if sys.platform == "win32" else None)
        self._callback = ctypes.cast(library.strlen, llama.ggml_abort_callback)
        llama.llama_set_abort_callback(context, self._callback, ctypes.cast(self._buffer, ctypes.c_void_p))

    @contextmanager
    def follows(self, cancel: CancelToken) -> Iterator[None]:
        """While the block runs, cancelling the token stops a decode that is under way."""
        try:
            with cancel.calling(self._set):
                yield
        finally:
            self._buffer[0] = b"\0"
            bindings.log_lines.is_aborting = False

    def _set(self) -> None:
        bindings.log_lines.is_aborting = True
        self._buffer[0] = b"\1"
