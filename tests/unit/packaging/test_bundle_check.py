"""Shows what makes a finished bundle a bad one."""

import sys
from pathlib import Path

import pytest

from dev_steps import bundle_check, elf
from dev_steps.bundle import measured


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    for name in ("llama_cpp/lib/libggml-base.so.0", "llama_cpp/lib/libggml-vulkan.so", "models/m.gguf", "inglenook"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12345")
    return tmp_path


def test_a_good_one(bundle: Path) -> None:
    assert bundle_check.faults(bundle) == []


def test_sizes_are_told_apart(bundle: Path) -> None:
    made = measured(bundle)
    assert (made.bytes, made.model_bytes, made.gpu_bytes) == (20, 5, 5)


def test_an_engine_twice_or_one_that_crashes(bundle: Path) -> None:
    (bundle / "libggml-base.so.0.1.2").touch()
    (bundle / "llama_cpp" / "lib" / "libggml-cpu-sapphirerapids.so").touch()
    twice, crashes = bundle_check.faults(bundle)
    assert "libggml-base is there 2 times" in twice
    assert "sapphirerapids" in crashes


def test_no_engine(tmp_path: Path) -> None:
    assert bundle_check.faults(tmp_path) == ["The engine's libraries are missing."]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the libraries of Linux")
def test_a_library_that_is_nowhere(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (bundle / "libfirst.so.1").write_bytes(b"\x7fELF")
    monkeypatch.setattr(elf, "needs", lambda _: elf.Needs(("libc.so.6", "libX11.so.6", "libmystery.so.1"), ()))
    (fault,) = bundle_check.faults(bundle)
    assert "libfirst.so.1 needs libmystery.so.1" in fault
