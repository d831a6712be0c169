"""The engine that the packages carry, as a process: its modules for processors, and Vulkan on a card played by Mesa."""

import json
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app.engine.modules import FOLDER_VARIABLE
from dev_steps import release_engine
from dev_steps.places import find_places
from tests.e2e.process import REPOSITORY, environment

pytestmark = [pytest.mark.release_engine, pytest.mark.real_model]

QUESTION = "What is the capital of France?"
LAVAPIPE = Path(f"/usr/share/vulkan/icd.d/lvp_icd.{platform.machine()}.json")
SECONDS = 240.0


@pytest.fixture(scope="module")
def libraries() -> Path:
    """The folder of the release engine's libraries, which are built by a command of their own."""
    wheel = release_engine.kept(find_places())
    if wheel is None:
        pytest.skip("THE PACKAGES' ENGINE IS NOT TESTED: it is not built; `packaging/dev.py engine` builds it")
    return release_engine.libraries(wheel)


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One profile for all, so that the model is tried once on each backend."""
    return tmp_path_factory.mktemp("profile") / "of release"


@pytest.fixture(scope="module")
def vulkan(libraries: Path) -> dict[str, str]:
    """The variables with which Mesa's lavapipe is the only card, and taken though the processor plays it."""
    if not LAVAPIPE.is_file():
        pytest.skip("VULKAN IS NOT TESTED: Mesa's lavapipe is missing (apt install mesa-vulkan-drivers)")
    if not list(libraries.glob("*vulkan*")):
        pytest.skip("VULKAN IS NOT TESTED: the engine was built without it (apt install glslc libvulkan-dev)")
    return {FOLDER_VARIABLE: str(libraries), "VK_DRIVER_FILES": str(LAVAPIPE), "GGML_VK_VISIBLE_DEVICES": "0"}


@pytest.fixture(scope="module")
def no_card(libraries: Path) -> dict[str, str]:
    """The variables of a computer without a Vulkan driver."""
    return {FOLDER_VARIABLE: str(libraries), "VK_DRIVER_FILES": "/nowhere.json", "VK_ICD_FILENAMES": "/nowhere.json"}


def run(variables: Mapping[str, str], *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run Inglenook to its end with these variables."""
    return subprocess.run(
        [sys.executable, "-m", "app", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
        cwd=REPOSITORY,
        env={**environment(), **variables},
        check=False,
    )


def devices(variables: Mapping[str, str]) -> dict[str, Any]:
    """What `inglenook devices` finds."""
    done = run(variables, "devices", "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def ask(variables: Mapping[str, str], profile: Path, *options: str) -> dict[str, Any]:
    """The answer to the question, written greedily, with its figures."""
    quick = ("--temperature", "0", "--max-tokens", "12", "--context-length", "256", "--threads", "2")
    done = run(variables, "--profile", profile, "ask", QUESTION, "--json", *quick, *options)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def backend(found: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What is said of a backend."""
    note: dict[str, Any] = next(note for note in found["backends"] if note["name"] == name)
    return note


def flags() -> set[str]:
    """What this processor can do, by the names of the Linux kernel."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return set(next((line for line in lines if line.startswith("flags")), "").split())


@pytest.mark.skipif(platform.machine() != "x86_64" or sys.platform != "linux", reason="names kinds of x86 on Linux")
def test_the_best_module_for_this_processor_is_taken_and_never_the_one_with_amx(no_card: dict[str, str]) -> None:
    reason = backend(devices(no_card), "CPU")["reason"]
    can = flags()
    fitting = {
        "zen4": {"avx512_bf16", "avx512_vnni", "avx512vbmi"},
        "icelake": {"avx512_vnni", "avx512vbmi"},
        "alderlake": {"avx_vnni"},
        "cascadelake": {"avx512_vnni"},
        "skylakex": {"avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512cd"},
        "haswell": {"avx2", "fma", "bmi2", "f16c"},
    }
    best = next((name for name, needs in fitting.items() if needs <= can), None)
    assert "sapphirerapids" not in reason
    assert best is None or f"“{best}”" in reason


def test_the_modules_write_what_the_plain_engine_writes(no_card: dict[str, str], profile: Path) -> None:
    modular = ask(no_card, profile)
    plain = ask({}, profile)
    assert modular["text"] == plain["text"]
    assert modular["device"].startswith("CPU, ")


def test_without_a_driver_the_processor_is_used_and_nothing_is_wrong(no_card: dict[str, str]) -> None:
    found = devices(no_card)
    assert [device["kind"] for device in found["devices"]] == ["cpu"]
    assert found["doubts"] == []
    assert backend(found, "Vulkan")["is_used"] is False


def test_the_card_is_found_and_its_use_explained(vulkan: dict[str, str]) -> None:
    found = devices(vulkan)
    (card,) = [device for device in found["devices"] if device["backend"] == "Vulkan"]
    assert card["unified"], "its memory is the system's"
    assert "llvmpipe" in card["description"]
    note = backend(found, "Vulkan")
    assert note["is_used"]
    assert "llvmpipe" in note["reason"]


@pytest.mark.parametrize("layers", [None, "10"], ids=["all layers", "10 layers"])
def test_layers_run_on_the_card_and_the_answer_means_the_same(
    vulkan: dict[str, str], profile: Path, layers: str | None
) -> None:
    answer = ask(vulkan, profile, *(("--gpu-layers", layers) if layers else ()))
    assert "Paris" in answer["text"]
    assert answer["device"].startswith(f"{layers or 'all'} layers on llvmpipe")


def test_the_processor_can_be_chosen(vulkan: dict[str, str], profile: Path) -> None:
    answer = ask(vulkan, profile, "--backend", "cpu")
    assert answer["device"].startswith("CPU, ")
    assert "Paris" in answer["text"]


def test_a_backend_that_is_not_here_leaves_the_processor_and_says_so(no_card: dict[str, str], profile: Path) -> None:
    done = run(no_card, "--profile", profile, "ask", QUESTION, "--max-tokens", "12", "--backend", "vulkan")
    assert done.returncode == 0
    assert "Paris" in done.stdout
    assert "Vulkan was chosen as the backend, and it reaches no GPU here" in done.stderr
    assert "It runs on the processor instead." in done.stderr


DRIVERS = {
    "aborts": "#include <stdlib.h>\n__attribute__((constructor)) static void start(void) { abort(); }",
    "hangs": "#include <unistd.h>\n__attribute__((constructor)) static void start(void) { for (;;) sleep(1); }",
}


@pytest.mark.skipif(shutil.which("gcc") is None, reason="compiles a driver with gcc")
@pytest.mark.parametrize("kind", list(DRIVERS))
def test_a_broken_driver_leaves_the_processor_and_says_so(
    vulkan: dict[str, str], profile: Path, tmp_path: Path, kind: str
) -> None:
    library = tmp_path / "libvulkan_broken.so"
    compile_it = ["gcc", "-shared", "-fPIC", "-xc", "-", "-o", str(library)]
    subprocess.run(compile_it, input=DRIVERS[kind].encode(), check=True)
    manifest = tmp_path / "broken_icd.json"
    icd = {"library_path": str(library), "api_version": "1.3.0"}
    manifest.write_text(json.dumps({"file_format_version": "1.0.0", "ICD": icd}))
    broken = {**vulkan, "VK_DRIVER_FILES": str(manifest), "VK_ICD_FILENAMES": str(manifest)}
    found = devices(broken)
    (doubt,) = found["doubts"]
    what = "crashed when it was asked" if kind == "aborts" else "did not answer in time"
    assert what in doubt
    assert "the processor is used. Update the graphics driver" in doubt
    assert [device["kind"] for device in found["devices"]] == ["cpu"]
    if kind == "aborts":
        assert "Paris" in ask(broken, profile)["text"]


@pytest.mark.skipif(shutil.which("gcc") is None, reason="compiles libraries with gcc")
def test_only_our_own_folder_is_searched(no_card: dict[str, str], tmp_path: Path) -> None:
    folder, mark = tmp_path / "here", tmp_path / "loaded"
    folder.mkdir()
    source = f'#include <stdio.h>\n__attribute__((constructor)) static void start(void) {{ fopen("{mark}", "w"); }}'
    for name in ("libggml-vulkan.so", "libggml-cpu-zzz.so", "libggml-evil.so", "libggml-base.so.0", "libllama.so"):
        compile_it = ["gcc", "-shared", "-fPIC", "-xc", "-", "-o", str(folder / name)]
        subprocess.run(compile_it, input=source.encode(), check=True)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "app", "devices", "--json"],
        capture_output=True,
        text=True,
        cwd=folder,
        env={
            **environment(),
            **no_card,
            "GGML_BACKEND_PATH": str(folder / "libggml-evil.so"),
            "PYTHONPATH": str(REPOSITORY),
        },
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert backend(json.loads(done.stdout), "CPU")["is_used"]
    assert not mark.exists(), "a library of the current directory was opened"
