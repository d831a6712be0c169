"""What macOS says of Apple's GPU: the limit that the user may have set, and displays; written for macOS only."""

import ctypes
import logging
import subprocess
import sys

from app.engine.machine.evidence import Evidence, GpuFacts
from app.network.programs import starting

_log = logging.getLogger(__name__)

SOURCE = "macOS"
_SYSCTL = "/usr/sbin/sysctl"
_KEYS = ("iogpu.wired_limit_mb", "hw.memsize")
_SECONDS = 2.0
_GRAPHICS = "/System/Library/Frameworks/CoreGraphics.framework/CoreGraphics"
_MOST_DISPLAYS = 16


def ask_macos() -> Evidence:
    """The one GPU of a Mac with Apple's chip."""
    if sys.platform == "darwin":
        return Evidence((GpuFacts(SOURCE, name="Apple", total_bytes=wired_limit(_settings()), has_display=_display()),))
    return Evidence()


def _settings() -> str:
    try:
        with starting(_SYSCTL):
            done = subprocess.run(
                [_SYSCTL, *_KEYS], capture_output=True, text=True, timeout=_SECONDS, check=False, errors="replace"
            )
    except (OSError, subprocess.SubprocessError) as error:
        _log.debug("sysctl cannot be asked: %s", error)
        return ""
    return done.stdout


def wired_limit(text: str) -> int | None:
    """The bytes that the GPU may use, from sysctl's lines, where the user has set them; 0 there is macOS's own choice.

    The choice itself is what Metal calls the recommended working set, which llama.cpp asks for.
    """
    values = dict(line.partition(":")[::2] for line in text.splitlines())
    limit = values.get("iogpu.wired_limit_mb", "").strip()
    return int(limit) * 2**20 if limit.isdecimal() and int(limit) > 0 else None


def _display() -> bool | None:
    try:
        graphics = ctypes.CDLL(_GRAPHICS)
        listed = graphics.CGGetOnlineDisplayList
    except (OSError, AttributeError) as error:
        _log.debug("the displays are not known: %s", error)
        return None
    listed.argtypes = [ctypes.c_uint32, ctypes.POINTER(ctypes.c_uint32), ctypes.POINTER(ctypes.c_uint32)]
    listed.restype = ctypes.c_int32
    displays, count = (ctypes.c_uint32 * _MOST_DISPLAYS)(), ctypes.c_uint32()
    if listed(_MOST_DISPLAYS, displays, ctypes.byref(count)) != 0:
        return None
    return count.value > 0
