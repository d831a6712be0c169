"""The door to llama.cpp's C library: made ready once, its log lines led into ours (imports llama_cpp: import late)."""

import contextlib
import ctypes
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama

from app.core.errors import ModelLoadError
from app.core.model import Backend
from app.engine import modules
from app.logs import ENGINE_LOGGER, RecentErrors

_log = logging.getLogger(ENGINE_LOGGER)

# ggml_log_level in ggml.h: 0 none, 1 debug, 2 info, 3 warn, 4 error, 5 continues the line before. llama.cpp's warnings
# speak to those who convert models, and its infos fill pages: both are kept for --debug only.
_LEVELS = {1: logging.DEBUG, 2: logging.DEBUG, 3: logging.DEBUG, 4: logging.ERROR}
_CONTINUED = 5


@dataclass(slots=True)
class _Capture:
    """What llama.cpp says on one thread; `apart`: it is no fault of a load, whatever it says."""

    apart: bool
    lines: list[str] = field(default_factory=list)
    text: str = ""


class _LogLines:
    """Joins llama.cpp's pieces of text into lines and hands them to the logger."""

    def __init__(self) -> None:
        self.recent = RecentErrors()
        self.is_aborting = False  # an abort that was asked for is no error, though llama.cpp calls it one
        self._level = logging.DEBUG
        self._text = ""
        self._captures: dict[int, _Capture] = {}

    @contextmanager
    def captured(self, apart: bool = False) -> Iterator[list[str]]:
        """Collect the lines that llama.cpp writes on this thread meanwhile; they are logged as ever.

        With `apart` even errors are for --debug only and last_error() does not know of them.
        """
        thread = threading.get_ident()
        before = self._captures.get(thread)
        capture = self._captures[thread] = _Capture(apart)
        try:
            yield capture.lines
        finally:
            del self._captures[thread]
            if before is not None:
                before.lines += capture.lines
                self._captures[thread] = before

    def add(self, level: int, text: bytes) -> None:
        """Take a piece as the C callback gives it; it may hold no line's end or several."""
        if level != _CONTINUED:
            self._level = logging.DEBUG if self.is_aborting else _LEVELS.get(level, logging.DEBUG)
        capture = self._captures.get(threading.get_ident())
        if capture is not None:
            *lines, capture.text = (capture.text + text.decode("utf-8", "replace")).split("\n")
            capture.lines += lines
            self._hand_on(lines, logging.DEBUG if capture.apart else self._level, is_recent=not capture.apart)
            return
        *lines, self._text = (self._text + text.decode("utf-8", "replace")).split("\n")
        self._hand_on(lines, self._level, is_recent=True)

    def _hand_on(self, lines: list[str], level: int, is_recent: bool) -> None:
        is_kept = is_recent and level >= logging.ERROR
        is_logged = _log.isEnabledFor(level)
        if not (is_kept or is_logged):  # most of the thousands of lines that a load writes
            return
        for line in lines:
            if line.strip():
                record = _log.makeRecord(_log.name, level, "", 0, "%s", (line.rstrip(),), None)
                if is_kept:
                    self.recent.handle(record)
                if is_logged:
                    _log.handle(record)


log_lines = _LogLines()


@llama.llama_log_callback  # type: ignore[untyped-decorator]  # a ctypes function type
def _on_log(level: int, text: bytes, _user_data: object) -> None:
    log_lines.add(level, text)


class _Library:
    """What of the library is in this process."""

    lock = threading.RLock()
    is_ready = False
    cpu_module: Path | None = None
    gpu_backends: frozenset[str] = frozenset()


def make_ready() -> None:
    """Route the log, load the permitted backends from the library's own folder, initialise; once per process.

    Each is named by its absolute path: llama.cpp's own search takes whatever has a fitting name, and without a folder
    it looks beside the executable and in the current directory too, where anybody may have put a file.
    """
    with _Library.lock:
        if _Library.is_ready:
            return
        llama.llama_log_set(_on_log, ctypes.c_void_p(0))
        folder = modules.library_folder()
        for name in modules.permission().chosen():
            _load_gpu_module(name, folder)
        variants = modules.cpu_modules(folder)
        _Library.cpu_module = modules.best_cpu_module(variants)
        if _Library.cpu_module is not None:
            _load_module(_Library.cpu_module)
        elif variants:
            raise ModelLoadError(
                "This processor is too old: none of Inglenook's engines runs on it.", f"of {len(variants)} in {folder}"
            )
        llama.llama_backend_init()
        _Library.is_ready = True


def add_backend(backend: Backend) -> None:
    """Load the GPU backend that a model is to be put on, if it is there and sound; make_ready() comes first."""
    make_ready()
    with _Library.lock:
        if backend.value in modules.permission().sound():
            _load_gpu_module(backend.value, modules.library_folder())


def cpu_module() -> Path | None:
    """The module that computes on the processor; None where that is built in."""
    make_ready()
    return _Library.cpu_module


def _load_gpu_module(name: str, folder: Path) -> None:
    path = modules.gpu_modules(folder).get(name)
    if path is not None and name not in _Library.gpu_backends and _load_module(path):
        _Library.gpu_backends |= {name}


def _load_module(path: Path) -> bool:
    """Whether llama.cpp took the module; what it says of one that it does not take is in the log."""
    try:
        # Opened by us first, so that what it is linked to is looked for beside it and not in the current directory.
        ctypes.CDLL(str(path))
    except OSError as error:
        _log.warning("%s cannot be opened: %s", path, error)
        return False
    return bool(function("ggml_backend_load", ctypes.c_void_p, ctypes.c_char_p)(os.fsencode(path)))


def function(name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    """A function of llama.cpp or ggml by its C name. Raises AttributeError where the library does not show it.

    Through libllama's handle: one of ggml's own by another file would be a second registry, without backends. Looked up
    anew, not taken from the handle's attributes: their types would then be set for everybody. Windows looks into
    one library alone, so there ggml's own are asked, which are open already.
    """
    kind = ctypes.CFUNCTYPE(result, *arguments)
    if sys.platform == "win32":
        for library in ("ggml.dll", "ggml-base.dll", "ggml-cpu.dll"):
            path = modules.library_folder() / library
            with contextlib.suppress(OSError, AttributeError):
                return kind((name, ctypes.CDLL(str(path))))
    return kind((name, llama._lib))


def cpu_function(name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    """The same for what belongs to the processor's backend, which may be a module of its own."""
    module = cpu_module()
    if module is None:
        return function(name, result, *arguments)
    return ctypes.CFUNCTYPE(result, *arguments)((name, ctypes.CDLL(str(module))))


def last_error() -> str:
    """The error line of the last load that says most; empty when there was none."""
    lines = log_lines.recent.lines()
    # The very last line only repeats that it failed.
    telling = [line for line in lines if not line.endswith("failed to load model")]
    return (telling or lines or [""])[-1]


def metadata(model: int | None, key: str) -> str:
    """A value of the model file's header as text; empty when it has none."""
    size = 256
    while True:
        buffer = ctypes.create_string_buffer(size)
        length = llama.llama_model_meta_val_str(model, key.encode(), buffer, size)
        if length < 0:
            return ""
        if length < size:
            return buffer.value.decode("utf-8", "replace")
        size = length + 1
