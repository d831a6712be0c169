"""Runs a command where the kernel kills whoever makes an internet socket, and counts the packets of its network.

    python shut_in.py OUTPUT COMMAND…    runs it, and writes to OUTPUT what went over each network device, as JSON

Unlike a look at a trace, nothing can be overlooked: native code, threads and children are bound by it as well. Where
this process may, it gives itself a network of its own, in which loopback is up and there is nothing else: packets to
this computer itself would be counted there, too.
"""

import ctypes
import fcntl
import json
import os
import platform
import socket
import struct
import subprocess
import sys
from pathlib import Path

from app.network import seccomp

_NEW_NETWORK = 0x40000000  # CLONE_NEWNET, sched.h
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 1  # SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP
KILL = 0x80000000
"""SECCOMP_RET_KILL_PROCESS: the process dies of SIGSYS."""


def main(arguments: list[str]) -> int:
    output, *command = arguments
    has_own = os.geteuid() == 0 and ctypes.CDLL(None, use_errno=True).unshare(_NEW_NETWORK) == 0
    if has_own:
        _raise_loopback()
    before = _packets()
    if not seccomp.refuse_internet(KILL):
        sys.stderr.write(f"The kernel filters no sockets on {platform.platform()}.\n")
        return 99
    code = subprocess.run(command, check=False).returncode
    after = _packets()
    counted = {name: count - before.get(name, 0) for name, count in after.items()}
    Path(output).write_text(json.dumps({"own": has_own, "packets": counted}), encoding="utf-8")
    return code if code >= 0 else 128 - code


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        asked = struct.pack("16sh14x", b"lo", 0)
        _, flags = struct.unpack("16sh14x", fcntl.ioctl(control, _GET_FLAGS, asked))
        fcntl.ioctl(control, _SET_FLAGS, struct.pack("16sh14x", b"lo", flags | _UP))


def _packets() -> dict[str, int]:
    """How many packets each device has received and sent, as /proc/net/dev has it."""
    lines = Path("/proc/self/net/dev").read_text(encoding="ascii").splitlines()[2:]
    found = {}
    for line in lines:
        name, _, figures = line.partition(":")
        columns = figures.split()
        found[name.strip()] = int(columns[1]) + int(columns[9])
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
