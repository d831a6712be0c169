"""Says which Debian and Ubuntu packages hold the libraries that the bundle expects of the system, and from when on."""

import re
from collections.abc import Iterable, Mapping

from dev_steps.failure import SetupError

# The package of each library. Debian 13 and Ubuntu 24.04 renamed some for 64-bit time: the newer name stands first.
PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libOpenGL.so.0": "libopengl0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libexpat.so.1": "libexpat1",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libgcc_s.so.1": "libgcc-s1",
    "libglib-2.0.so.0": "libglib2.0-0t64 | libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0t64 | libglib2.0-0",
    "libstdc++.so.6": "libstdc++6",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb.so.1": "libxcb1",
    "libz.so.1": "zlib1g",
}
GLIBC = "libc6"
GLIBC_LIBRARIES = frozenset(["libc", "libm", "libdl", "libpthread", "libresolv", "librt", "libutil", "ld-linux-x86-64"])
STANDARD_CPP = "libstdc++6"
# The keyboard's layouts, which a bundled libxkbcommon reads, and what makes windows and menus whole on a bare system.
NOT_LINKED = ("xkb-data",)
RECOMMENDED = ("libvulkan1", "mesa-vulkan-drivers", "xdg-utils", "xdg-desktop-portal", "fontconfig")
# The release of GCC that first had these symbols, from GCC's own table of versions (libstdc++ manual, ABI policy).
_GCC_OF = {28: "9", 29: "11", 30: "12", 31: "13", 32: "13", 33: "14", 34: "15"}
_GLIBC_VERSION = re.compile(r"GLIBC_(\d+)\.(\d+)(?:\.\d+)?")
_GLIBCXX_VERSION = re.compile(r"GLIBCXX_3\.4\.(\d+)")


def depends(needs: Mapping[str, Iterable[str]]) -> list[str]:
    """The entries of `Depends:` for these libraries and versions of symbols, sorted and each once."""
    every = {version for versions in needs.values() for version in versions}
    entries = {f"{GLIBC} (>= {_glibc(every)})", *NOT_LINKED}
    for library in needs:
        package = PACKAGES.get(library)
        if package is not None:
            entries.add(f"{package} (>= {_gcc(every)})" if package == STANDARD_CPP else package)
        elif library.split(".so")[0] not in GLIBC_LIBRARIES:
            raise SetupError(f"Which package holds {library}? Add it to packaging/dev_steps/debian_depends.py.")
    return sorted(entries)


def _glibc(versions: Iterable[str]) -> str:
    numbers = [(int(match[1]), int(match[2])) for version in versions if (match := _GLIBC_VERSION.fullmatch(version))]
    newest = max(numbers, default=(2, 17))
    return f"{newest[0]}.{newest[1]}"


def _gcc(versions: Iterable[str]) -> str:
    newest = max((int(match[1]) for version in versions if (match := _GLIBCXX_VERSION.fullmatch(version))), default=28)
    return _GCC_OF.get(max(newest, min(_GCC_OF)), _GCC_OF[max(_GCC_OF)])
