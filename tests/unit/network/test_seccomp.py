"""The kernel's filter: in a process of its own, because nothing takes it off again."""

import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from app.network.seccomp import program

REPOSITORY = Path(__file__).resolve().parents[3]
CHILD = """
import json, socket, subprocess, sys
from app.network.seccomp import refuse_internet
def family(number, kind=socket.SOCK_STREAM):
    try:
        socket.socket(number, kind).close()
    except OSError as error:
        return error.errno
    return 0
print(json.dumps({
    "on": refuse_internet(),
    "inet": family(socket.AF_INET), "inet6": family(socket.AF_INET6), "udp": family(socket.AF_INET, socket.SOCK_DGRAM),
    "unix": family(socket.AF_UNIX), "netlink": family(socket.AF_NETLINK, socket.SOCK_RAW),
    "grandchild": subprocess.run(
        [sys.executable, "-c", "import socket; socket.socket()"], capture_output=True
    ).returncode,
}))
"""
EACCES = 13


def test_the_kernel_refuses_internet_sockets_and_leaves_the_others_to_drivers() -> None:
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"):
        pytest.skip("there is no such filter on this system")
    done = subprocess.run([sys.executable, "-c", CHILD], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    if not found.pop("on"):
        pytest.skip("this kernel filters no sockets here, or NVIDIA's driver is not awake")
    assert found == {"inet": EACCES, "inet6": EACCES, "udp": EACCES, "unix": 0, "netlink": 0, "grandchild": 1}


def test_every_way_through_the_filter_ends_in_one_of_its_last_two_steps() -> None:
    instructions = program(1, 2)
    assert len(instructions) % 8 == 0
    count = len(instructions) // 8
    for number in range(count):
        code, if_true, if_false = instructions[number * 8], instructions[number * 8 + 2], instructions[number * 8 + 3]
        if code in (0x15, 0x35):
            assert number + 1 + max(if_true, if_false) < count
