"""Which programs hold RAM."""

import os
from types import SimpleNamespace

import pytest

from app.engine.machine.programs import own_processes, private_bytes, program_name, ram_uses, summed

MB = 10**6


@pytest.mark.parametrize(
    ("system", "memory", "expected"),
    [
        ("linux", SimpleNamespace(rss=900, shared=300), 600),
        ("linux", SimpleNamespace(rss=100, shared=300), 0),
        ("win32", SimpleNamespace(rss=900, private=700), 700),
        ("win32", SimpleNamespace(rss=500, private=700), 500),
        ("darwin", SimpleNamespace(rss=900), 900),
    ],
)
def test_what_a_process_holds_for_itself(system: str, memory: object, expected: int) -> None:
    assert private_bytes(memory, system) == expected


def test_a_few_large_ones_by_name() -> None:
    amounts = [("chrome", 600 * MB), ("a", 150 * MB), ("chrome", 700 * MB), ("", 200 * MB), ("tiny", MB)]
    assert summed(amounts) == (("chrome", 1300 * MB), ("another program", 200 * MB), ("a", 150 * MB))
    assert len(summed((str(number), 10**9) for number in range(20))) == 5


def test_a_programs_name() -> None:
    assert program_name("Chrome.EXE") == "Chrome"
    assert program_name(" firefox ") == "firefox"


def test_ours_are_no_other_programs() -> None:
    assert own_processes() == {os.getpid(), os.getppid()}
    kept = bytearray(os.urandom(1)) * (150 * MB)
    everything = dict(ram_uses(frozenset()))
    others = dict(ram_uses(own_processes()))
    assert sum(everything.values()) > sum(others.values())
    assert len(kept) == 150 * MB
