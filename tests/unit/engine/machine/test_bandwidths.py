"""A bandwidth is known by the card's own name and no other's."""

import pytest

from app.engine.machine.bandwidths import known_bandwidth, plain_name
from app.engine.machine.read_bandwidth import measure_read_bandwidth

GIB = 2**30


@pytest.mark.parametrize(
    ("description", "gib", "ram_gib", "gigabytes"),
    [
        ("NVIDIA GeForce RTX 4090", 24, 64, 1008),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", 16, 64, 576),
        ("NVIDIA GeForce RTX 4060 Laptop GPU", 8, 16, 256),
        ("NVIDIA GeForce RTX 4070 Ti SUPER", 16, 32, 672),
        ("NVIDIA GeForce RTX 3060", 12, 32, 360),
        ("NVIDIA GeForce RTX 3060", 8, 32, 240),
        ("NVIDIA GeForce RTX 3080", 10, 32, 760),
        ("NVIDIA RTX A6000", 48, 64, 768),
        ("NVIDIA RTX 6000 Ada Generation", 48, 64, 960),
        ("NVIDIA H100 80GB HBM3", 80, 512, 3350),
        ("NVIDIA H200", 141, 512, 4800),
        ("AMD Radeon RX 7900 XTX (RADV NAVI31)", 24, 64, 960),
        ("AMD Radeon RX 9070 XT", 16, 64, 640),
        ("Intel(R) Arc(tm) A770 Graphics (DG2)", 15.1, 32, 560),
        ("Intel(R) Arc(TM) B580 Graphics", 12, 32, 456),
        ("Apple M1", 11, 16, 68.25),
        ("Apple M1 Pro", 21, 32, 200),
        ("Apple M2 Ultra", 140, 192, 800),
        ("Apple M3 Max", 27, 36, 300),
        ("Apple M3 Max", 96, 128, 400),
        ("Apple M4", 21, 32, 120),
        ("Apple M4 Max", 27, 36, 410),
        ("Apple M4 Max", 48, 64, 546),
    ],
)
def test_what_makers_publish(description: str, gib: float, ram_gib: int, gigabytes: float) -> None:
    found = known_bandwidth(description, int(gib * GIB), ram_gib * GIB)
    assert found.bytes_per_second == pytest.approx(gigabytes * 10**9, rel=0.002)
    assert "specification" in found.source


@pytest.mark.parametrize(
    "description",
    [
        "",
        "NVIDIA GeForce RTX 4090 Something",
        "NVIDIA GeForce RTX 3060 Ti Laptop GPU",
        "GRID RTX 4090",
        "Apple M9 Max",
        "Intel(R) UHD Graphics 770",
        "llvmpipe (LLVM 15.0.7, 256 bits)",
    ],
)
def test_another_name_is_another_card(description: str) -> None:
    assert known_bandwidth(description, 24 * GIB, 64 * GIB).bytes_per_second == 0


def test_namesakes_of_another_size_are_not_known() -> None:
    assert known_bandwidth("NVIDIA GeForce RTX 3080", 20 * GIB, 64 * GIB).bytes_per_second == 0


def test_a_name_without_its_maker() -> None:
    assert plain_name("NVIDIA GeForce RTX 4090 Laptop GPU") == "rtx 4090 laptop"
    assert plain_name("AMD Radeon RX 7900 XTX (RADV NAVI31)") == "rx 7900 xtx"


def test_the_processor_reads_memory_at_a_speed_that_can_be() -> None:
    assert 10**8 < measure_read_bandwidth() < 10**13


def test_without_room_nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.engine.machine.read_bandwidth._BUFFER_BYTES", 1000)
    assert measure_read_bandwidth() == 0
