"""Builds the engine that the packages carry, once: a module for every kind of processor and GPU, to choose from."""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from dev_steps import debian, engine_libraries, engine_wheel, room, system
from dev_steps.failure import SetupError
from dev_steps.lock_text import split_engine
from dev_steps.places import Places
from dev_steps.progress import say
from dev_steps.setting_up import set_up
from dev_steps.system import Lack
from dev_steps.waiting import alone

MODULES = "-DGGML_NATIVE=OFF -DGGML_BACKEND_DL=ON -DGGML_CPU_ALL_VARIANTS=ON"
TITLE = "Building the engine of the packages (once; 10 to 25 minutes on two cores)"
ROOM = 2.5  # GB, a little more than was measured
# What each part of Vulkan's development files is found by, and the Debian package that it comes in.
_VULKAN = {"glslc": "glslc", "vulkan/vulkan.h": "libvulkan-dev", "spirv/unified1/spirv.hpp": "spirv-headers"}
_INCLUDES = ("/usr/include", "/usr/local/include")


def engine(places: Places, arguments: Sequence[str]) -> int:
    """The command `engine`: build it unless that was done before, and print where its wheel and libraries are."""
    unknown = [argument for argument in arguments if argument != "--cuda"]
    if unknown:
        raise SetupError(f"`engine` takes --cuda alone, not {unknown[0]!r}; see: packaging/dev.py --help", 2)
    set_up(places)
    wheel = provide(places, cuda="--cuda" in arguments)
    print(f"wheel: {wheel}\nlibraries: {libraries(wheel)}")
    return 0


def provide(places: Places, *, cuda: bool = False) -> Path:
    """The wheel, built now if it was not before; with Vulkan where its development files are or can be installed.

    The environment must be set up.
    """
    if cuda and shutil.which("nvcc") is None:
        raise SetupError("The engine cannot be built with CUDA: nvcc is missing. Install NVIDIA's CUDA toolkit.")
    _see_to_vulkan(places)
    block = _block(places)
    chosen = flags(vulkan=not vulkan_lacks(), cuda=cuda)
    with alone(places.cache / "set-up.lock"):
        folder = engine_wheel.folder_for(places, block, chosen)
        wheel = engine_wheel.kept_wheel(folder)
        if wheel is None:
            room.require([(places.cache, ROOM)])
            flavour = engine_wheel.Flavour(chosen, _variables(places), TITLE)
            wheel = engine_wheel.build(places, block, folder, flavour)
    return wheel


def kept(places: Places) -> Path | None:
    """The wheel for this computer, if it was built before; nothing is built or installed."""
    chosen = flags(vulkan=not vulkan_lacks())
    return engine_wheel.kept_wheel(engine_wheel.folder_for(places, _block(places), chosen))


def libraries(wheel: Path) -> Path:
    """The folder beside `wheel` that holds its libraries, each once; unpacked when it is asked for the first time."""
    folder = wheel.parent / "libraries"
    if not folder.is_dir():
        unfinished = wheel.parent / f"libraries-{os.getpid()}"
        engine_libraries.unpack(wheel, unfinished)
        unfinished.rename(folder)
    return folder


def flags(*, vulkan: bool, cuda: bool = False, platform: str = sys.platform) -> str:
    """CMake's arguments: Metal on macOS; elsewhere Vulkan and CUDA as they are asked for."""
    if platform == "darwin":
        return f"{MODULES} -DGGML_METAL=ON"
    return MODULES + (" -DGGML_VULKAN=ON" if vulkan else "") + (" -DGGML_CUDA=ON" if cuda else "")


def vulkan_lacks(env: Mapping[str, str] = os.environ) -> list[Lack]:
    """What of Vulkan's development files is missing here; on macOS they are not wanted."""
    if sys.platform == "darwin":
        return []
    kit = Path(env["VULKAN_SDK"]) if env.get("VULKAN_SDK") else None
    includes = [Path(folder) for folder in _INCLUDES] + ([kit / "include", kit / "Include"] if kit else [])
    lacking = []
    for part, package in _VULKAN.items():
        if part == "glslc":
            programs = os.pathsep.join([*(str(kit / name) for name in ("bin", "Bin") if kit), env.get("PATH", "")])
            found = shutil.which(part, path=programs) is not None
        else:
            found = any((folder / part).is_file() for folder in includes)
        if not found:
            lacking.append(Lack(part, package, "Install the Vulkan SDK to build the engine with Vulkan."))
    return lacking


def _variables(places: Places, env: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What makes the Vulkan backend compile with the headers of Debian 12; the header itself says when it may go.

    By variables and not by CMake's arguments, so that the checkout's folder is not part of the wheel's key.
    """
    if sys.platform != "linux":
        return {}
    header = places.root / "packaging" / "engine" / "vulkan_layer_settings.hpp"
    folders = [str(header.parent), env.get("CPLUS_INCLUDE_PATH", "")]
    return {
        "CXXFLAGS": f"-include {header.name} {env.get('CXXFLAGS', '')}".strip(),
        "CPLUS_INCLUDE_PATH": os.pathsep.join(folder for folder in folders if folder),
    }


def _see_to_vulkan(places: Places) -> None:
    """Install what is missing where we may; else say loudly that Vulkan is left out."""
    lacking = vulkan_lacks()
    if not lacking:
        return
    if sys.platform.startswith("linux") and debian.is_debian_like(debian.os_release()) and os.geteuid() == 0:
        system.provide(lacking, places.logs)
    else:
        missing = ", ".join(lack.what for lack in lacking)
        packages = " ".join(lack.package for lack in lacking)
        say(f"WITHOUT VULKAN: the engine is built for processors alone, because {missing} is missing ({packages}).")


def _block(places: Places) -> str:
    return split_engine(places.requirements.read_text(encoding="utf-8"))[1]
