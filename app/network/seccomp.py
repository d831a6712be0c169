"""On Linux, has the kernel refuse internet sockets to this process: to native code, too, and to all that it starts.

Layout of a filter's instructions and of what it is given: linux/filter.h and linux/seccomp.h, see seccomp(2).
"""

import logging
import platform
import struct
import sys
from pathlib import Path

_log = logging.getLogger(__name__)

_SET_NO_NEW_PRIVILEGES, _SET_SECCOMP, _MODE_FILTER = 38, 22, 2
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW = 0x7FFF0000
REFUSE = 0x00050000 | 13
"""What the kernel does with such a call: it fails with EACCES."""
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # both architectures write the lower half of an argument first
_INTERNET = (2, 10)  # AF_INET, AF_INET6
_IO_URING_SETUP = 425  # it could make sockets of which a filter hears nothing
_X32 = 0x40000000
_KINDS = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}  # AUDIT_ARCH_…, number of socket()


def refuse_internet(answer: int = REFUSE) -> bool:
    """Give `answer` to who makes one from now on, in this thread and all that come of it; whether the kernel does.

    The filter also means that programs which are started gain no rights. NVIDIA's driver needs such a one once after
    the computer has started: until it ran, nothing is filtered, and the hook alone stands guard.
    """
    kind = _KINDS.get(platform.machine()) if sys.platform == "linux" else None
    if kind is None or _nvidia_is_asleep():
        return False
    import ctypes

    class _Program(ctypes.Structure):
        _fields_ = (("count", ctypes.c_ushort), ("instructions", ctypes.c_void_p))

    instructions = program(*kind, answer)
    buffer = ctypes.create_string_buffer(instructions, len(instructions))
    filtering = _Program(len(instructions) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    prctl = libc.prctl
    prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    if prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or prctl(
        _SET_SECCOMP, _MODE_FILTER, ctypes.addressof(filtering), 0, 0
    ):
        _log.info("the kernel filters no sockets: error %d", ctypes.get_errno())
        return False
    return True


def program(architecture: int, socket_number: int, answer: int = REFUSE) -> bytes:
    """The filter: refused are calls of another architecture, io_uring, and sockets of the internet's families."""
    checks = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, answer),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 5, 0, _X32),
        (_EQUAL, 4, 0, _IO_URING_SETUP),
        (_EQUAL, 0, 4, socket_number),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_EQUAL, 1, 0, _INTERNET[0]),
        (_EQUAL, 0, 1, _INTERNET[1]),
        (_RETURN, 0, 0, answer),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *check) for check in checks)


def _nvidia_is_asleep() -> bool:
    return Path("/usr/bin/nvidia-modprobe").exists() and not Path("/dev/nvidia-uvm").exists()
