"""Takes from NVIDIA's CUDA toolkit the libraries that the engine's CUDA module needs, and the licence that allows it.

The licence's Attachment A lists what may be handed on; of that these three are needed, and nothing else is taken:
https://docs.nvidia.com/cuda/eula/#attachment-a
"""

import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dev_steps.failure import SetupError
from dev_steps.places import Places
from dev_steps.progress import say

MB = 10**6
NAMES = ("cudart", "cublas", "cublasLt")
PART = "NVIDIA CUDA runtime"
TEXT = "EULA.txt"
# What the loader asks for: with the version's first number, and without the files beside it that others are built with.
_LIBRARY = {
    "linux": re.compile(r"lib(cudart|cublas|cublasLt)\.so\.(\d+)"),
    "win32": re.compile(r"(cudart|cublas|cublasLt)64_(\d+)\.dll"),
}
_FOLDERS = {"linux": ("lib64", "targets/x86_64-linux/lib"), "win32": ("bin/x64", "bin")}
_TEXTS = (TEXT, "doc/EULA.txt", "LICENSE", "LICENSE.txt")
# Debian's packages of the toolkit carry the text of the licence each; one of them is there to bring it.
_TEXTS_OF_DEBIAN = ("cuda-cudart-{}", "libcublas-{}", "cuda-documentation-{}")


@dataclass(frozen=True)
class Runtime:
    """The libraries as they lie in the toolkit, the file of the licence, and the toolkit's version ("" if unknown)."""

    libraries: tuple[Path, ...]
    text: Path
    version: str


def stage(places: Places, runtime: Runtime | None) -> int:
    """Copy what is shipped to where the recipe takes it from, or leave nothing there; the libraries' size in bytes."""
    folder = places.cuda_runtime
    shutil.rmtree(folder, ignore_errors=True)
    if runtime is None:
        return 0
    (folder / "lib").mkdir(parents=True)
    for library in runtime.libraries:
        shutil.copyfile(library, folder / "lib" / library.name)  # what a link leads to, under the link's name
    shutil.copyfile(runtime.text, folder / TEXT)
    (folder / "version").write_text(runtime.version, encoding="utf-8")
    size = sum(path.stat().st_size for path in staged(places))
    named = ", ".join(path.name for path in staged(places))
    say(f"NVIDIA's runtime comes along for the CUDA module: {named} ({size / MB:.0f} MB).")
    return size


def staged(places: Places) -> list[Path]:
    """The libraries that go into the bundle; none for a bundle without CUDA."""
    folder = places.cuda_runtime / "lib"
    return sorted(folder.iterdir()) if folder.is_dir() else []


def find(env: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Runtime:
    """What is to be shipped of the toolkit that CUDA_PATH names or that nvcc on PATH belongs to.

    Raises SetupError where a library or the licence is missing, or there is a choice between two versions.
    """
    toolkit = _toolkit(env)
    version = _version(toolkit)
    folders = [toolkit / name for name in _FOLDERS[platform]]
    folder = next((one for one in folders if one.is_dir() and _matches(_names(one), platform)), None)
    if folder is None:
        raise SetupError(f"The CUDA toolkit in {toolkit} has no runtime libraries in {' or '.join(map(str, folders))}.")
    libraries = tuple(folder / name for name in chosen(_names(folder), platform))
    return Runtime(libraries, _text(toolkit, version), version)


def chosen(names: Iterable[str], platform: str) -> list[str]:
    """Of the names in the toolkit's folder one file for each library; raises SetupError for none or several."""
    matches = _matches(names, platform)
    found: list[str] = []
    for wanted in NAMES:
        candidates = [match[0] for match in matches if match[1] == wanted]
        if len(candidates) != 1:
            what = f"{len(candidates)} of {wanted}: {', '.join(candidates)}" if candidates else f"no {wanted}"
            raise SetupError(f"The CUDA toolkit must have each library of its runtime once, and has {what}.")
        found += candidates
    return found


def _matches(names: Iterable[str], platform: str) -> list[re.Match[str]]:
    return [match for name in sorted(names) if (match := _LIBRARY[platform].fullmatch(name))]


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def _toolkit(env: Mapping[str, str]) -> Path:
    if env.get("CUDA_PATH"):
        return Path(env["CUDA_PATH"])
    compiler = shutil.which("nvcc", path=env.get("PATH", ""))
    if compiler is None:
        raise SetupError("The CUDA toolkit is not found: set CUDA_PATH to its folder, or put nvcc on PATH.")
    return Path(compiler).resolve().parents[1]


def _version(toolkit: Path) -> str:
    try:
        return str(json.loads((toolkit / "version.json").read_text(encoding="utf-8"))["cuda"]["version"])
    except FileNotFoundError:
        return ""


def _text(toolkit: Path, version: str, documents: Path = Path("/usr/share/doc")) -> Path:
    """The licence's text: the toolkit's, or that of its packages on Debian and Ubuntu."""
    series = "-".join(version.split(".")[:2])
    packages = [name.format(series) for name in _TEXTS_OF_DEBIAN] if series else []
    found = _licence([*(toolkit / name for name in _TEXTS), *(documents / name / "copyright" for name in packages)])
    if found is None:
        raise SetupError(
            f"NVIDIA's licence that lists {', '.join(NAMES)} as redistributable is not in {toolkit}, and without its "
            f"text they must not be shipped. Install the toolkit's documentation ({(packages or ['EULA.txt'])[-1]})."
        )
    return found


def _licence(candidates: Sequence[Path]) -> Path | None:
    """The first of the files that is there and lists all that we hand on."""
    for path in candidates:
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace").lower()
            if "nvidia" in text and all(name.lower() in text for name in NAMES):
                return path
    return None


def add_text(places: Places, licences: Path) -> None:
    """Put the licence below the bundle's folder `licences` and into its overview, where CUDA's runtime is shipped."""
    if not staged(places):
        return
    (licences / PART).mkdir()
    shutil.copyfile(places.cuda_runtime / TEXT, licences / PART / TEXT)
    with (licences / "README.txt").open("a", encoding="utf-8", newline="\n") as overview:
        overview.write(f"{PART} {_staged_version(places)} ({', '.join(_staged_names(places))}): {TEXT}\n")


def components(places: Places) -> list[dict[str, object]]:
    """CUDA's runtime as a bill of materials lists it; nothing for a bundle without."""
    version = _staged_version(places)
    return [
        {
            "type": "library",
            "bom-ref": " ".join(word for word in (PART, version, name) if word),
            "name": name,
            **({"version": version} if version else {}),
            "description": "Of NVIDIA's CUDA toolkit",
            "licenses": [{"license": {"name": f"see licences/{PART}/{TEXT}"}}],
        }
        for name in _staged_names(places)
    ]


def _staged_version(places: Places) -> str:
    file = places.cuda_runtime / "version"
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def _staged_names(places: Places) -> list[str]:
    return [path.name for path in staged(places)]
