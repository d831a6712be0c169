"""Takes the libraries that the application opens out of the engine's wheel, each once: most lie in it three times."""

import re
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

# Its AMX code is chosen by what the processor advertises, and crashes where the system keeps no state for it.
_LEFT_OUT = "sapphirerapids"
# For pictures and sound, which the application does not read, and for llama.cpp's own programs.
_UNUSED = ("libmtmd.", "mtmd.", "libllama-common.", "llama-common.")
_LIBRARY = re.compile(r".+\.(so(\.\d+)*|dylib|dll|metallib)")
_VERSION = re.compile(r"(\.\d+)+(?=\.dylib$)|(?<=\.so)(\.\d+)+$")
# What others are linked to is looked for by the name that the linker wrote into them, with one number of the version.
_LINKED = ("libggml.", "libggml-base.", "libggml-cpu.")


def unpack(wheel: Path, folder: Path) -> list[Path]:
    """Write the libraries of `wheel` into `folder`, which is made anew; their paths, sorted.

    llama_cpp opens `libllama.so` and the application the modules (`libggml-cpu-haswell.so`, `libggml-vulkan.so`) by
    their plain names; what these are linked to has the name that the linker wrote into them (`libggml-base.so.0`).
    """
    with zipfile.ZipFile(wheel) as archive:
        members = {PurePosixPath(name).name: name for name in archive.namelist()}
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        paths = [folder / name for name in chosen(members)]
        for path in paths:
            with archive.open(members[path.name]) as source, path.open("wb") as target:
                shutil.copyfileobj(source, target)
            path.chmod(0o755)
    return paths


def chosen(names: Iterable[str]) -> list[str]:
    """Of the names of a wheel's files those that are needed, one for each library, sorted."""
    libraries = {name for name in names if _LIBRARY.fullmatch(name)}
    wanted = {name for name in libraries if _LEFT_OUT not in name and not name.startswith(_UNUSED)}
    return sorted(name for name in wanted if name == _looked_for(_VERSION.sub("", name), libraries))


def _looked_for(plain: str, libraries: set[str]) -> str:
    """Which of a library's names it is opened by, when `plain` is the one without a version."""
    numbered = [name for name in libraries if _VERSION.sub("", name) == plain and _numbers(name) == 1]
    return min(numbered) if numbered and plain.startswith(_LINKED) else plain


def _numbers(name: str) -> int:
    version = _VERSION.search(name)
    return version[0].count(".") if version else 0
