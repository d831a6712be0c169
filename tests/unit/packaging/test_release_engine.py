"""Shows what the packages' engine is built with, that it is kept by that, and what happens where Vulkan is missing."""

import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from dev_steps import debian, engine_wheel, release_engine, system
from dev_steps.failure import SetupError
from dev_steps.places import Places
from dev_steps.system import Lack

LACK = Lack("glslc", "glslc", "Install it.")
needs_a_shebang = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is started by its first line")

BUILDS = """
import zipfile
folder = pathlib.Path(sys.argv[sys.argv.index("--wheel-dir") + 1])
folder.mkdir()
with zipfile.ZipFile(folder / "engine-1-py3-none-any.whl", "w") as wheel:
    wheel.writestr("llama_cpp/lib/libllama.so", os.environ["CMAKE_ARGS"])
"""


@pytest.fixture
def lacking(monkeypatch: pytest.MonkeyPatch) -> list[Lack]:
    """What of Vulkan's files is missing."""
    found: list[Lack] = []
    monkeypatch.setattr(release_engine, "vulkan_lacks", lambda: list(found))
    return found


def test_flags_by_system() -> None:
    assert "GGML_VULKAN" not in release_engine.flags(vulkan=False, platform="linux")
    assert release_engine.flags(vulkan=True, cuda=True, platform="win32").endswith("-DGGML_VULKAN=ON -DGGML_CUDA=ON")
    metal = release_engine.flags(vulkan=True, platform="darwin")
    assert metal.endswith("-DGGML_METAL=ON")
    assert "VULKAN" not in metal
    for platform in ("linux", "win32", "darwin"):
        made = release_engine.flags(vulkan=True, platform=platform)
        assert all(flag in made for flag in ("NATIVE=OFF", "BACKEND_DL=ON", "CPU_ALL_VARIANTS=ON"))


@needs_a_shebang
def test_it_is_built_once_apart_from_the_plain_one(
    places: Places, stand_in: Callable[[str], None], lacking: list[Lack], monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(BUILDS)
    assert release_engine.kept(places) is None
    wheel = release_engine.provide(places)
    assert release_engine.kept(places) == wheel
    assert wheel.parent != engine_wheel.folder_for(places, release_engine._block(places))
    assert zipfile.ZipFile(wheel).read("llama_cpp/lib/libllama.so").decode() == release_engine.flags(vulkan=True)
    stand_in("sys.exit(1)")
    assert release_engine.provide(places) == wheel
    libraries = release_engine.libraries(wheel)
    assert [path.name for path in libraries.iterdir()] == ["libllama.so"]
    assert release_engine.libraries(wheel) == libraries
    assert engine_wheel.kept_wheel(wheel.parent) == wheel


@needs_a_shebang
def test_without_vulkan_it_is_built_for_processors_and_says_so(
    places: Places,
    stand_in: Callable[[str], None],
    lacking: list[Lack],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stand_in(BUILDS)
    lacking.append(LACK)
    monkeypatch.setattr(debian, "is_debian_like", lambda _: False)
    wheel = release_engine.provide(places)
    assert "VULKAN" not in zipfile.ZipFile(wheel).read("llama_cpp/lib/libllama.so").decode()
    assert "WITHOUT VULKAN" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="only there are packages installed")
def test_vulkans_files_are_installed_where_we_may(
    places: Places, lacking: list[Lack], monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking.append(LACK)
    installed: list[str] = []

    def install(lacks: list[Lack], _logs: Path) -> None:
        installed.extend(lack.package for lack in lacks)
        lacking.clear()

    monkeypatch.setattr(debian, "is_debian_like", lambda _: True)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(system, "provide", install)
    release_engine._see_to_vulkan(places)
    assert installed == ["glslc"]


def test_what_of_vulkan_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_engine, "_INCLUDES", ())
    monkeypatch.setattr(sys, "platform", "linux")
    assert [lack.package for lack in release_engine.vulkan_lacks({"PATH": ""})] == [
        "glslc",
        "libvulkan-dev",
        "spirv-headers",
    ]
    kit = tmp_path / "sdk"
    for header in ("vulkan/vulkan.h", "spirv/unified1/spirv.hpp"):
        (kit / "include" / header).parent.mkdir(parents=True)
        (kit / "include" / header).touch()
    (kit / "bin").mkdir()
    (kit / "bin" / "glslc").touch(mode=0o755)
    assert release_engine.vulkan_lacks({"PATH": "", "VULKAN_SDK": str(kit)}) == []


@pytest.mark.parametrize("arguments", [["--metal"], ["--cuda", "now"]])
def test_unknown_arguments_are_refused(places: Places, arguments: list[str]) -> None:
    with pytest.raises(SetupError, match="--cuda alone"):
        release_engine.engine(places, arguments)


def test_cuda_needs_its_compiler(places: Places, monkeypatch: pytest.MonkeyPatch, lacking: list[Lack]) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(SetupError, match="nvcc"):
        release_engine.provide(places, cuda=True)
