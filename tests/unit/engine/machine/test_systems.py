"""What each system says of its GPUs, from what such systems print and keep in files."""

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.engine.machine.linux import address_in, amount_in, ask_linux, display_in
from app.engine.machine.macos import wired_limit
from app.engine.machine.windows import AdapterDescription, VideoMemory, facts_of, guid, list_gpus

UEVENT = "DRIVER=amdgpu\nPCI_CLASS=30000\nPCI_ID=1002:744C\nPCI_SLOT_NAME=0000:03:00.0\n"


def card(folder: Path, name: str, files: dict[str, str], connectors: dict[str, str]) -> None:
    (folder / name / "device").mkdir(parents=True)
    for file, text in files.items():
        (folder / name / "device" / file).write_text(text)
    for connector, status in connectors.items():
        (folder / f"{name}-{connector}").mkdir()
        (folder / f"{name}-{connector}" / "status").write_text(status)


def test_linux_lists_cards_with_memory_and_displays(tmp_path: Path) -> None:
    amd = {"uevent": UEVENT, "mem_info_vram_total": "25753026560\n", "mem_info_vram_used": "851443712\n"}
    card(tmp_path, "card1", amd, {"DP-1": "disconnected\n", "HDMI-A-1": "connected\n"})
    card(tmp_path, "card2", {"uevent": UEVENT.replace("03", "04")}, {})
    (tmp_path / "renderD128").mkdir()
    first, second = ask_linux(tmp_path).gpus
    assert (first.address, first.total_bytes, first.free_bytes, first.has_display) == (
        "0000:03:00.0",
        25753026560,
        24901582848,
        True,
    )
    assert (second.address, second.total_bytes, second.free_bytes, second.has_display) == (
        "0000:04:00.0",
        None,
        None,
        None,
    )


def test_linux_without_graphics_says_nothing(tmp_path: Path) -> None:
    assert ask_linux(tmp_path / "missing").gpus == ()


def test_linux_details() -> None:
    assert address_in("DRIVER=vc4\n") == ""
    assert display_in(["disconnected\n", "unknown\n"]) is False
    assert display_in(["unknown\n", ""]) is None
    assert amount_in("-5\n") is None


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("iogpu.wired_limit_mb: 28672\nhw.memsize: 34359738368\n", 28672 * 2**20),
        ("iogpu.wired_limit_mb: 0\nhw.memsize: 34359738368\n", None),
        ("hw.memsize: 34359738368\n", None),
        ("iogpu.wired_limit_mb: nonsense\n", None),
        ("", None),
    ],
)
def test_the_limit_that_a_mac_is_set_to(text: str, limit: int | None) -> None:
    assert wired_limit(text) == limit


def described(name: str, dedicated: int, flags: int = 0) -> AdapterDescription:
    description = AdapterDescription(dedicated_video_memory=dedicated, flags=flags)
    text = name.encode("utf-16-le")
    ctypes.memmove(ctypes.addressof(description), text, len(text))
    return description


def test_windows_says_what_its_budget_leaves() -> None:
    memory = VideoMemory(budget=22_000, current_usage=500)
    facts = facts_of(described("NVIDIA GeForce RTX 4090", 24_000), memory, True)
    assert facts is not None
    assert (facts.name, facts.total_bytes, facts.free_bytes, facts.has_display) == (
        "NVIDIA GeForce RTX 4090",
        24_000,
        21_500,
        True,
    )


def test_windows_own_rasterizer_is_no_gpu_and_a_spent_budget_leaves_nothing() -> None:
    assert facts_of(described("Microsoft Basic Render Driver", 0, flags=2), None, False) is None
    spent = facts_of(described("GPU", 0), VideoMemory(budget=5, current_usage=9), False)
    assert spent is not None
    assert (spent.total_bytes, spent.free_bytes) == (None, 0)


def test_a_guid_is_laid_out_as_windows_does() -> None:
    assert bytes(guid("770aae78-f26f-4dba-a829-253c83d1b387")).hex() == "78ae0a776ff2ba4da829253c83d1b387"


def test_the_sizes_of_windows_structures() -> None:
    assert ctypes.sizeof(AdapterDescription) == 312  # on 64 bits, as the SDK's headers make it
    assert ctypes.sizeof(VideoMemory) == 32


class PretendedObject:
    """An object as COM lays it out: it begins with the address of a table of functions."""

    def __init__(self, functions: dict[int, tuple[tuple[Any, ...], Callable[..., int]]]) -> None:
        self.released = 0
        table = (ctypes.c_void_p * 15)()
        every = {2: ((), self._release), **functions}
        self._kept = [ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, *types)(call) for types, call in every.values()]
        for place, function in zip(every, self._kept, strict=True):
            table[place] = ctypes.cast(function, ctypes.c_void_p).value
        self._table = table
        self._memory = ctypes.c_void_p(ctypes.addressof(table))
        self.address = ctypes.addressof(self._memory)

    def _release(self, _this: int) -> int:
        self.released += 1
        return 0


POINTER = ctypes.POINTER(ctypes.c_void_p)
FAILED = -2005270526  # DXGI_ERROR_NOT_FOUND


def give(found: PretendedObject) -> Callable[..., int]:
    def call(*arguments: Any) -> int:
        arguments[-1][0] = found.address
        return 0

    return call


def adapter(name: str, output: PretendedObject | None) -> PretendedObject:
    def describe(_this: int, out: int) -> int:
        description = described(name, 24_000)
        ctypes.memmove(out, ctypes.addressof(description), ctypes.sizeof(description))
        return 0

    def ask_memory(_this: int, node: int, group: int, out: int) -> int:
        assert (node, group) == (0, 0)
        VideoMemory.from_address(out).budget = 20_000
        return 0

    newer = PretendedObject({14: ((ctypes.c_uint32, ctypes.c_int, ctypes.c_void_p), ask_memory)})
    made = PretendedObject(
        {
            0: ((ctypes.c_void_p, POINTER), give(newer)),
            7: ((ctypes.c_uint32, POINTER), give(output) if output is not None else lambda *_: FAILED),
            10: ((ctypes.c_void_p,), describe),
        }
    )
    made.newer = newer  # type: ignore[attr-defined]  # kept alive with it
    return made


def test_windows_adapters_are_listed_through_their_tables_and_all_released() -> None:
    output = PretendedObject({})
    adapters = [adapter("NVIDIA GeForce RTX 4090", output), adapter("AMD Radeon(TM) Graphics", None)]

    def enumerate_adapters(_this: int, index: int, out: Any) -> int:
        return give(adapters[index])(out) if index < len(adapters) else FAILED

    factory = PretendedObject({12: ((ctypes.c_uint32, POINTER), enumerate_adapters)})
    create = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, POINTER)(give(factory))
    evidence = list_gpus(_Prototyped(create))
    assert [(gpu.name, gpu.free_bytes, gpu.has_display) for gpu in evidence.gpus] == [
        ("NVIDIA GeForce RTX 4090", 20_000, True),
        ("AMD Radeon(TM) Graphics", 20_000, False),
    ]
    assert [made.released for made in (factory, output, *adapters)] == [1, 1, 1, 1]


def test_windows_that_refuses_is_a_doubt() -> None:
    evidence = list_gpus(_Prototyped(lambda *_: -2147467259))
    assert evidence.gpus == ()
    assert "0x80004005" in evidence.doubts[0]


class _Prototyped:
    """A function whose types the caller sets, as it does with one of a DLL."""

    argtypes: Any = None
    restype: Any = None

    def __init__(self, call: Callable[..., int]) -> None:
        self._call = call

    def __call__(self, wanted: Any, out: Any) -> int:
        return self._call(ctypes.cast(wanted, ctypes.c_void_p), ctypes.cast(out, POINTER))
