"""Says what goes into the bundle and what stays out; read by packaging/inglenook.spec."""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path, PurePosixPath

from dev_steps import elf

Entry = tuple[str, str, str]

# The environment variables by which the build tells the recipe what it packs.
REPORTED = ("llama-cpp-python", "PySide6-Essentials", "huggingface-hub")
"""The packages whose versions the report of a problem names, and so whose metadata has to be there."""
ENGINE_LIBRARIES = "INGLENOOK_ENGINE_LIBRARIES"
CUDA_LIBRARIES = "INGLENOOK_CUDA_LIBRARIES"
WITHOUT_MODEL = "INGLENOOK_WITHOUT_MODEL"
LICENCES = "INGLENOOK_LICENCES"

# Of what an installed package says of itself; the rest tells of the computer that it was installed on, by folders and
# hashes of programs that name them, or is a licence's text, which lies with all the others.
METADATA = ("METADATA", "entry_points.txt")

# Where resources and engine lie in the bundle: beside the code that asks for them there.
RESOURCES = "app/resources"
ENGINE = "llama_cpp/lib"
NOT_SHIPPED = ("screenshots",)  # for the README

# Parts of what we do ship that nothing in Inglenook calls.
UNUSED_MODULES = (
    "hf_xet",  # a second transport of the hub, beside the one that the connections are watched at
    "huggingface_hub.cli",
    "httpx2._main",
    "llama_cpp.server",
    "numpy.f2py",
    "numpy.testing",
    "pygments.formatters.img",
    "PySide6.QtNetwork",
    "readline",  # of another licence than ours
    "curses",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "tkinter",
)
# Of Qt what is used: its libraries by their plain names, and of each kind of plugin those that matter on one system.
QT_LIBRARIES = ("Core", "DBus", "Gui", "Svg", "Test", "WaylandClient", "Widgets", "XcbQpa")
QT_PLUGINS = {
    "iconengines": ("svgicon",),
    "imageformats": ("gif", "icns", "ico", "jpeg", "svg", "webp"),
    "platforms": ("cocoa", "offscreen", "wayland", "windows", "xcb"),
    "platforminputcontexts": ("composeplatforminputcontextplugin", "ibusplatforminputcontextplugin"),
    "platformthemes": ("xdgdesktopportal",),
    "wayland-decoration-client": ("adwaita", "bradient"),
    "wayland-shell-integration": ("xdg-shell",),
}
# The system's own must be used: graphics drivers, input methods and settings of the desktop work with these alone.
# What is not named here and not part of every Linux comes along, such as the small libraries around xcb.
SYSTEM_LIBRARIES = frozenset(
    [
        "libEGL",
        "libGL",
        "libGLX",
        "libOpenGL",
        "libX11",
        "libX11-xcb",
        "libXau",
        "libXdmcp",
        "libXext",
        "libXrender",
        "libbsd",
        "libcap",
        "libcuda",
        "libdbus-1",
        "libexpat",
        "libfontconfig",
        "libfreetype",
        "libgcc_s",
        "libgcrypt",
        "libglib-2.0",
        "libgpg-error",
        "libgthread-2.0",
        "liblz4",
        "libmd",
        "libpcre2-8",
        "libpng16",
        "libbrotlicommon",
        "libbrotlidec",
        "libstdc++",
        "libsystemd",
        "libvulkan",
        "libwayland-client",
        "libwayland-cursor",
        "libwayland-egl",
        "libxcb",
        "libz",
    ]
)
_ENGINE_NAMES = ("libggml", "libllama", "ggml", "llama.dll")
_CUDA_NAMES = ("libcudart.", "libcublas.", "libcublasLt.", "cudart64_", "cublas64_", "cublasLt64_")
_DISTRIBUTION = re.compile(r"\s*([\w.-]+)\s*(?:\[([^\]]*)\])?")
_EXTRA = re.compile(r"extra\s*==\s*[\"']([^\"']+)")
_QT_LIBRARY = re.compile(r"(?:lib)?Qt6?([A-Z]\w*?)(?:\.abi3)?(?:\.(?:so|dll|pyd|dylib|framework)[.\d]*)?")
_PLUGIN = re.compile(r"PySide6/(?:Qt/)?plugins/([\w-]+)/(?:lib)?q?([\w-]+)\.\w+")
_MICROSOFT = re.compile(r"(?i)(api-ms-win|ucrtbase)")


def resources(root: Path, *, with_model: bool) -> list[tuple[str, str]]:
    """The application's files that are not code: pairs of a file and its folder in the bundle."""
    left_out = NOT_SHIPPED if with_model else (*NOT_SHIPPED, "models")
    found = []
    for path in sorted((root / "resources").rglob("*")):
        inside = PurePosixPath(path.relative_to(root / "resources").as_posix())
        if path.is_file() and inside.parts[0] not in left_out:
            found.append((str(path.resolve()), str(RESOURCES / inside.parent)))
    return found


def excluded_modules(requirements: Sequence[str]) -> list[str]:
    """The modules that stay out: the unused ones, and all that only tools for developers need.

    `requirements` are the application's own, as pyproject.toml has them.
    """
    wanted = distributions(requirements)
    tools = [
        module
        for module, owners in metadata.packages_distributions().items()
        if module.isidentifier() and not any(normal(owner) in wanted for owner in owners)
    ]
    return sorted({*UNUSED_MODULES, *tools} - {"inglenook", "app"})


def distributions(requirements: Iterable[str]) -> set[str]:
    """The distributions that `requirements` bring along, on any system, by their normal names."""
    todo = list(requirements)
    seen: set[tuple[str, str]] = set()
    while todo:
        match = _DISTRIBUTION.match(todo.pop())
        assert match is not None, "a requirement begins with a name"
        name, extras = normal(match[1]), match[2] or ""
        if (name, extras) not in seen:
            seen.add((name, extras))
            todo += _required_by(name, {extra.strip() for extra in extras.split(",")})
    return {name for name, _ in seen}


def _required_by(name: str, extras: set[str]) -> Iterator[str]:
    try:
        lines = metadata.requires(name) or []
    except metadata.PackageNotFoundError:  # for another system
        return
    for line in lines:
        extra = _EXTRA.search(line)
        if extra is None or extra[1] in extras:
            yield line


def normal(name: str) -> str:
    """A distribution's name as comparisons need it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def kept(entries: Iterable[Entry], platform: str = sys.platform) -> list[Entry]:
    """Those of PyInstaller's collected files that go into the bundle: triples of place there, source and kind."""
    chosen = [entry for entry in entries if is_kept(entry[0], entry[2], platform)]
    if platform != "linux":
        return chosen
    # What came along for the sake of something that was left out is left out too.
    waiting = {name: source for name, source, kind in chosen if kind == "BINARY" and _is_beside_python(name)}
    todo = [source for name, source, kind in chosen if kind in ("BINARY", "EXTENSION") and name not in waiting]
    while todo:
        path = Path(todo.pop())
        if elf.is_elf(path):
            todo += [waiting.pop(name) for name in elf.needs(path).libraries if name in waiting]
    return [entry for entry in chosen if entry[0] not in waiting]


def _is_beside_python(name: str) -> bool:
    """Whether it is a library that others are linked to, on the upper level of the bundle."""
    return "/" not in name and name.startswith("lib") and not name.startswith("libpython")


def is_kept(name: str, kind: str, platform: str = sys.platform) -> bool:
    """Whether the collected file goes into the bundle; `name` is its place there, `kind` PyInstaller's word for it."""
    path = PurePosixPath(name.replace("\\", "/"))
    if kind == "SYMLINK" and platform == "linux":
        return False  # the libraries find one another without, and a USB stick's file system may know no links
    if "PySide6" in path.parts or path.name.startswith(("libQt6", "Qt6")):
        return _is_kept_qt(path)
    if any(part.endswith(".dist-info") for part in path.parts):
        return path.name in METADATA
    if len(path.parts) == 1 and path.name.startswith(_ENGINE_NAMES):
        return False  # a second copy of what lies in the engine's own folder
    if platform == "linux" and len(path.parts) == 1:
        if path.name.startswith(_CUDA_NAMES):
            return False  # the same
        return path.name.split(".so")[0] not in SYSTEM_LIBRARIES
    return not _MICROSOFT.match(path.name)


def _is_kept_qt(path: PurePosixPath) -> bool:
    if "translations" in path.parts or path.name in ("opengl32sw.dll", "d3dcompiler_47.dll"):
        return False
    plugin = _PLUGIN.fullmatch(str(path))
    if plugin is not None:
        return plugin[2] in QT_PLUGINS.get(plugin[1], ())
    library = _QT_LIBRARY.fullmatch(next((part for part in path.parts if part.endswith(".framework")), path.name))
    return library is None or library[1] in QT_LIBRARIES


def engine_binaries(environment: Mapping[str, str], platform: str = sys.platform) -> list[tuple[str, str]]:
    """The engine's libraries, each once: pairs of a file and its folder in the bundle.

    On Linux a module finds CUDA's runtime beside itself. Windows looks for what a module needs in the program's own
    folder and in that which the bundle's loader named to it, which is the upper one.
    """
    folder = Path(environment[ENGINE_LIBRARIES])
    runtime = [path for path in environment.get(CUDA_LIBRARIES, "").split(os.pathsep) if path]
    beside = "." if platform == "win32" else ENGINE
    return [*((str(path), ENGINE) for path in sorted(folder.iterdir())), *((path, beside) for path in runtime)]


def is_gpu_module(name: str) -> bool:
    """Whether the file is a part of the engine that only a GPU needs."""
    return name.startswith(("libggml-vulkan", "libggml-cuda", "ggml-vulkan", "ggml-cuda", *_CUDA_NAMES))
