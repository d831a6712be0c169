"""Each GPU backend is asked in a process of its own: whatever becomes of it, the application learns what to load."""

import json
import logging
import sys
from collections.abc import Sequence

import pytest

from app.engine.machine.gpu_backends import (
    AskedBackend,
    Finding,
    FoundGpu,
    GpuBackends,
    ask_backends,
    backend_doubts,
    backend_notes,
    chosen_names,
)

CARD = FoundGpu("CUDA0", "NVIDIA GeForce RTX 4090", "0000:01:00.0")
SAME_CARD = FoundGpu("Vulkan0", "NVIDIA GeForce RTX 4090", "0000:01:00.0")
OTHER_CARD = FoundGpu("Vulkan1", "AMD Radeon RX 7900", "0000:05:00.0")
INTEGRATED = FoundGpu("Vulkan1", "Intel UHD", "0000:00:02.0", is_integrated=True)
UNPLACED = FoundGpu("Vulkan0", "llvmpipe", "")


def sound(name: str, *gpus: FoundGpu) -> AskedBackend:
    """A backend that started these GPUs."""
    return AskedBackend(name, Finding.SOUND, gpus)


def answering(gpus: Sequence[FoundGpu], error: str = "") -> str:
    """A program that answers so."""
    values = [
        {name: getattr(gpu, name) for name in ("name", "description", "address", "is_integrated")} for gpu in gpus
    ]
    return f"print({json.dumps(json.dumps({'gpus': values, 'error': error}))})"


def asked(script: str, seconds: float = 60.0) -> AskedBackend:
    """What Python code in place of the backend comes to."""
    (backend,) = ask_backends([sys.executable, "-c", script], None, ["vulkan"], seconds)
    return backend


def test_a_sound_backend_tells_its_gpus() -> None:
    backend = asked(answering([CARD, INTEGRATED]))
    assert backend == sound("vulkan", CARD, INTEGRATED)
    assert backend.is_sound


@pytest.mark.parametrize(
    ("script", "finding", "detail"),
    [
        (answering([]), Finding.NO_GPU, ""),
        (answering([], "libvulkan.so.1: cannot open"), Finding.NO_DRIVER, "libvulkan.so.1: cannot open"),
        ("print('[]')", Finding.CRASHED, "cannot be read"),
        ("print('no JSON')", Finding.CRASHED, "cannot be read"),
    ],
)
def test_what_is_answered_is_understood(script: str, finding: Finding, detail: str) -> None:
    backend = asked(script)
    assert (backend.finding, backend.is_sound) == (finding, False)
    assert detail in backend.detail


@pytest.mark.expects_log_records
def test_a_crash_is_told_with_its_signal_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    backend = asked("import os, sys; print('radv: no', file=sys.stderr, flush=True); os.abort()")
    assert (backend.finding, backend.detail) == (Finding.CRASHED, "SIGABRT")
    assert any("radv: no" in record.message for record in caplog.records if record.levelno == logging.WARNING)


def test_all_are_asked_at_once_and_for_a_limited_time() -> None:
    script = "import json, sys, time; 'cuda' in sys.argv[1] and time.sleep(60); " + answering([CARD])
    hung, fine = ask_backends([sys.executable, "-c", script], None, ["cuda", "vulkan"], 5.0)
    assert (hung.name, hung.finding) == ("cuda", Finding.HUNG)
    assert fine == sound("vulkan", CARD)


def test_a_process_that_cannot_be_started_is_told() -> None:
    (backend,) = ask_backends(["/nowhere/at/all"], None, ["vulkan"], 1.0)
    assert backend.finding is Finding.CRASHED
    assert "could not be started" in backend.detail


@pytest.mark.parametrize(
    ("backends", "names"),
    [
        ([sound("cuda", CARD), sound("vulkan", SAME_CARD)], ("cuda",)),
        ([sound("cuda", CARD), sound("vulkan", SAME_CARD, OTHER_CARD)], ("cuda", "vulkan")),
        ([sound("cuda", CARD), sound("vulkan", SAME_CARD, INTEGRATED)], ("cuda",)),
        ([AskedBackend("cuda", Finding.NO_GPU), sound("vulkan", INTEGRATED)], ("vulkan",)),
        ([AskedBackend("cuda", Finding.CRASHED), sound("vulkan", SAME_CARD)], ("vulkan",)),
        ([sound("cuda", CARD), sound("vulkan", UNPLACED)], ("cuda", "vulkan")),
        ([AskedBackend("vulkan", Finding.HUNG)], ()),
    ],
)
def test_a_card_counts_once_and_the_fastest_backend_gets_it(
    backends: Sequence[AskedBackend], names: tuple[str, ...]
) -> None:
    assert chosen_names(backends) == names


def test_every_backend_gets_a_reason() -> None:
    backends = [sound("cuda", CARD), sound("vulkan", SAME_CARD)]
    assert [note.words for note in backend_notes(backends)] == [
        "CUDA is used: it finds NVIDIA GeForce RTX 4090.",
        "Vulkan is not used: it finds NVIDIA GeForce RTX 4090, which CUDA uses faster.",
    ]
    assert all(note.can_be_chosen for note in backend_notes(backends))
    missing = AskedBackend("vulkan", Finding.NO_DRIVER, detail="libvulkan.so.1: no such file")
    (note,) = backend_notes([missing])
    assert note.words == "Vulkan is not used: its driver is not installed (libvulkan.so.1: no such file)."
    assert not note.can_be_chosen
    (note,) = backend_notes([AskedBackend("cuda", Finding.NO_GPU)])
    assert note.words == "CUDA is not used: it finds no GPU."
    assert backend_doubts([missing, AskedBackend("cuda", Finding.NO_GPU)]) == ()


def test_a_broken_driver_is_doubted_with_what_to_do() -> None:
    crashed = AskedBackend("vulkan", Finding.CRASHED, detail="SIGSEGV")
    (doubt,) = backend_doubts([crashed])
    assert doubt == (
        "The Vulkan driver crashed when it was asked for its GPUs (SIGSEGV): the processor is used. Update the "
        "graphics driver, then start Inglenook again to use the GPU."
    )
    (doubt,) = backend_doubts([sound("cuda", CARD), AskedBackend("vulkan", Finding.HUNG)])
    assert doubt.startswith("The Vulkan driver did not answer in time when it was asked for its GPUs: CUDA is used.")


def test_it_is_asked_once_until_it_is_asked_again(tmp_path_factory: pytest.TempPathFactory) -> None:
    counter = tmp_path_factory.mktemp("count") / "asked"
    script = f"open({str(counter)!r}, 'a').write('x'); {answering([CARD])}"
    backends = GpuBackends([sys.executable, "-c", script], None, names=lambda: ["vulkan"])
    assert not counter.exists()
    assert backends.chosen() == backends.sound() == ("vulkan",)
    assert counter.read_text() == "x"
    backends.ask_again()
    assert backends.asked() == (sound("vulkan", CARD),)
    assert counter.read_text() == "xx"
