"""The door to llama.cpp's C library: made ready once, its log lines led into ours (imports llama_cpp: import late)."""

import ctypes
import logging
from pathlib import Path

import llama_cpp.llama_cpp as llama

from app.logs import ENGINE_LOGGER, RecentLines

_log = logging.getLogger(ENGINE_LOGGER)

# ggml_log_level in ggml.h: 0 none, 1 debug, 2 info, 3 warn, 4 error, 5 continues the line before. llama.cpp's warnings
# speak to those who convert models, and its infos fill pages: both are kept for --debug only.
_LEVELS = {1: logging.DEBUG, 2: logging.DEBUG, 3: logging.DEBUG, 4: logging.ERROR}
_CONTINUED = 5


class _LogLines:
    """Joins llama.cpp's pieces of text into lines and hands them to the logger."""

    def __init__(self) -> None:
        self.recent = RecentLines()
        self.is_aborting = False  # an abort that was asked for is no error, though llama.cpp calls it one
        self._level = logging.DEBUG
        self._text = ""

    def add(self, level: int, text: bytes) -> None:
        """Take a piece as the C callback gives it; it may hold no line's end or several."""
        if level != _CONTINUED:
            self._level = logging.DEBUG if self.is_aborting else _LEVELS.get(level, logging.DEBUG)
        self._text += text.decode("utf-8", "replace")
        *lines, self._text = self._text.split("\n")
        for line in lines:
            if line.strip():
                record = _log.makeRecord(_log.name, self._level, "", 0, "%s", (line.rstrip(),), None)
                self.recent.handle(record)
                if _log.isEnabledFor(self._level):
                    _log.handle(record)


log_lines = _LogLines()


@llama.llama_log_callback  # type: ignore[untyped-decorator]  # a ctypes function type
def _on_log(level: int, text: bytes, _user_data: object) -> None:
    log_lines.add(level, text)


class _Library:
    """Whether the library has been made ready."""

    ready = False


def make_ready() -> None:
    """Route the log, load the compute backends from the library's own folder, initialise; once per process."""
    if _Library.ready:
        return
    llama.llama_log_set(_on_log, ctypes.c_void_p(0))
    # Without a path, ggml would look for backends beside the executable and in the current directory too, where anybody
    # may have put a file.
    folder = Path(llama.__file__).parent / "lib"
    load = llama._lib.ggml_backend_load_all_from_path
    load.argtypes, load.restype = [ctypes.c_char_p], None
    load(str(folder).encode())
    llama.llama_backend_init()
    _Library.ready = True


def last_error() -> str:
    """The error line of the last load that says most; empty when there was none."""
    lines = log_lines.recent.errors()
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
