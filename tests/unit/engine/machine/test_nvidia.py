"""NVIDIA's answers: addresses, bandwidth, and which programs hold memory; a pretended driver gives them."""

from types import SimpleNamespace
from typing import Any

import pynvml  # type: ignore[import-untyped]
import pytest

from app.engine.machine.nvidia import ask_nvidia, bus_address, memory_bandwidth, program_uses

NAMES = {1: "chrome", 2: "chrome", 3: "Xorg", 4: "python", 5: "small"}


def test_an_address_as_ggml_writes_it() -> None:
    assert bus_address("00000000:01:00.0") == "0000:01:00.0"
    assert bus_address("00000000:C1:00.0") == "0000:c1:00.0"
    assert bus_address("") == ""


@pytest.mark.parametrize(
    ("megahertz", "bits", "published"),
    [(10501, 384, 1008e9), (9751, 384, 936e9), (7501, 192, 360e9), (2619, 5120, 3350e9), (1593, 5120, 2039e9)],
)
def test_the_bandwidth_of_a_clock_and_a_bus_is_the_published_one(megahertz: int, bits: int, published: float) -> None:
    assert memory_bandwidth(megahertz, bits) == pytest.approx(published, rel=0.01)


def test_programs_are_summed_by_name_and_ours_left_out() -> None:
    running = [(1, 900_000_000), (2, 1_000_000_000), (3, 400_000_000), (3, 300_000_000), (4, 5 * 10**9), (5, 1)]
    assert program_uses(running, frozenset({4}), NAMES.__getitem__) == (
        ("chrome", 1_900_000_000),
        ("Xorg", 400_000_000),
    )


def refuse(*_: object) -> None:
    raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A driver with one card, and its answers by the names of the functions."""
    answers: dict[str, Any] = {
        "nvmlInit": lambda: None,
        "nvmlShutdown": lambda: None,
        "nvmlDeviceGetCount": lambda: 1,
        "nvmlDeviceGetHandleByIndex": lambda index: index,
        "nvmlDeviceGetMemoryInfo": lambda _: SimpleNamespace(total=24 * 2**30, free=20 * 2**30),
        "nvmlDeviceGetPciInfo": lambda _: SimpleNamespace(busId=b"00000000:01:00.0"),
        "nvmlDeviceGetDisplayActive": lambda _: 0,
        "nvmlDeviceGetDisplayMode": lambda _: 1,
        "nvmlDeviceGetMaxClockInfo": lambda _, clock: 10501 if clock == pynvml.NVML_CLOCK_MEM else 0,
        "nvmlDeviceGetMemoryBusWidth": lambda _: 384,
        "nvmlDeviceGetName": lambda _: "NVIDIA GeForce RTX 4090",
        "nvmlDeviceGetComputeRunningProcesses": lambda _: [],
        "nvmlDeviceGetGraphicsRunningProcesses": lambda _: [SimpleNamespace(pid=2**22 + 7, usedGpuMemory=10**9)],
    }
    for name, answer in answers.items():
        monkeypatch.setattr(pynvml, name, answer)
    return answers


def test_a_card_is_described(card: dict[str, Any]) -> None:
    (gpu,) = ask_nvidia(frozenset()).gpus
    assert (gpu.address, gpu.name) == ("0000:01:00.0", "NVIDIA GeForce RTX 4090")
    assert (gpu.total_bytes, gpu.free_bytes, gpu.has_display) == (24 * 2**30, 20 * 2**30, True)
    assert gpu.bandwidth_source == "NVIDIA's driver: 2 x 10,501 MHz x 384 bits"
    assert gpu.uses == (("another program", 10**9),)


def test_windows_keeps_what_programs_hold_to_itself(card: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    silent = SimpleNamespace(pid=1, usedGpuMemory=None)
    monkeypatch.setattr(pynvml, "nvmlDeviceGetComputeRunningProcesses", lambda _: [silent])
    (gpu,) = ask_nvidia(frozenset()).gpus
    assert gpu.uses is None


def test_what_a_card_does_not_know_is_not_known(card: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in card:
        if name.startswith("nvmlDeviceGet") and name not in ("nvmlDeviceGetCount", "nvmlDeviceGetHandleByIndex"):
            monkeypatch.setattr(pynvml, name, refuse)
    (gpu,) = ask_nvidia(frozenset()).gpus
    assert (gpu.address, gpu.total_bytes, gpu.free_bytes, gpu.has_display) == ("", None, None, None)
    assert (gpu.bandwidth, gpu.bandwidth_source, gpu.uses) == (0, "", None)


def test_a_computer_without_nvidia_says_nothing_and_a_broken_driver_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail_with(code: int) -> None:
        def fail() -> None:
            raise pynvml.NVMLError(code)

        monkeypatch.setattr(pynvml, "nvmlInit", fail)

    fail_with(pynvml.NVML_ERROR_LIBRARY_NOT_FOUND)
    assert ask_nvidia(frozenset()).doubts == ()
    fail_with(pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH)
    assert "RM has detected an NVML/RM version mismatch" in ask_nvidia(frozenset()).doubts[0]
