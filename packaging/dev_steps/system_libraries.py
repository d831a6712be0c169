"""Says which of the bundle's libraries are the system's, and brings their licence texts from the packages of Debian."""

import json
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dev_steps.bundle_content import Entry
from dev_steps.debian import os_release
from dev_steps.failure import SetupError

RECORD = "INGLENOOK_SYSTEM_LIBRARIES"
"""The environment's variable by which the recipe knows where to write which libraries it took from the system."""
DOCUMENTS = Path("/usr/share/doc")
COMMON = Path("/usr/share/common-licenses")
_COMMON = re.compile(rf"{COMMON}/([A-Za-z0-9][\w.+-]*\w)")
# The libraries of Python itself are Python's, wherever it lies.
_PYTHON = "libpython"
_FORMAT = "${db:Status-Abbrev}\\t${Package}\\t${Version}\\t${Architecture}\\n"

Ask = Callable[[Sequence[str]], str]


@dataclass(frozen=True)
class SystemPackage:
    """A package of the system, whose `libraries` (names of files) are in the bundle; its own text is the first."""

    name: str
    version: str
    architecture: str
    libraries: tuple[str, ...]
    texts: tuple[Path, ...]


def taken(entries: Iterable[Entry], own: Sequence[Path]) -> dict[str, str]:
    """Of what goes into the bundle the libraries that lie in none of our `own` folders: names and where they lay."""
    folders = [folder.resolve() for folder in own]
    return {
        Path(name).name: source
        for name, source, kind in entries
        if kind == "BINARY"
        and not Path(name).name.startswith(_PYTHON)
        and not any(Path(source).resolve().is_relative_to(folder) for folder in folders)
    }


def record(entries: Iterable[Entry], engines: Sequence[str], target: str) -> None:
    """For the recipe: write those libraries into the file `target`; `engines` are the folders of the engine's."""
    own = [
        Path(sys.prefix),
        *map(Path, engines),
        *(Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")),
    ]
    Path(target).write_text(json.dumps(taken(entries, own), indent=1, sort_keys=True), encoding="utf-8")


def packages(file: Path) -> list[SystemPackage]:
    """The packages of the libraries that the recipe recorded in `file`, sorted by name.

    Raises SetupError for a library without a package, or a package without its licence's text.
    """
    if not file.is_file():
        raise SetupError("What is in the bundle is known when it is made: `python3 packaging/dev.py bundle`.")
    libraries: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    if libraries and shutil.which("dpkg-query") is None:
        raise SetupError(
            "The bundle takes libraries of the system along, and only on Debian and Ubuntu it is known where their "
            f"licence texts are: make it there. They are: {', '.join(sorted(libraries))}."
        )
    return owners(libraries, _dpkg)


def _dpkg(arguments: Sequence[str]) -> str:
    # It answers for the names that it knows, and ends with 1 for the sake of the others, which are named by us.
    done = subprocess.run(["dpkg-query", *arguments], capture_output=True, text=True, check=False)
    return done.stdout


def owners(
    libraries: Mapping[str, str], ask: Ask, documents: Path = DOCUMENTS, common: Path = COMMON
) -> list[SystemPackage]:
    """The packages of the `libraries` (names and where they lie), by asking dpkg-query with arguments."""
    spellings = {spelling: name for name, source in libraries.items() for spelling in _spellings(source)}
    files: dict[str, set[str]] = {}
    if spellings:
        for line in ask(["--search", *sorted(spellings)]).splitlines():
            package, _, path = line.partition(": ")
            if path in spellings:
                files.setdefault(package.split(":")[0], set()).add(spellings[path])
    lost = sorted({*libraries} - {name for names in files.values() for name in names})
    if lost:
        raise SetupError(
            f"No package of this system brings {', '.join(libraries[name] for name in lost)}, so nobody knows its "
            "licence, and it must not be shipped. Use the system's own, or leave it out of the bundle."
        )
    found = []
    for line in ask(["--show", f"--showformat={_FORMAT}", *sorted(files)]).splitlines() if files else []:
        state, name, version, architecture = line.split("\t")
        if state.startswith("ii") and name in files:
            texts = _texts(documents / name / "copyright", common)
            found.append(SystemPackage(name, version, architecture, tuple(sorted(files.pop(name))), texts))
    if files:
        raise SetupError(f"dpkg-query says nothing of {', '.join(sorted(files))}, whose libraries are in the bundle.")
    return sorted(found, key=lambda package: package.name)


def _spellings(source: str) -> set[str]:
    """The names that dpkg may know a file by: links followed, and as it was before /lib became a part of /usr."""
    real = Path(source).resolve()
    folder = Path(source).parent.resolve()  # one package may bring the link and another what it leads to
    names = {str(real), str(folder / real.name)}
    return names | {name.removeprefix("/usr") for name in names if name.startswith("/usr/lib")}


def _texts(copyright_file: Path, common: Path) -> tuple[Path, ...]:
    """The package's own text, and those of well-known licences that it only points to."""
    if not copyright_file.is_file():
        raise SetupError(
            f"{copyright_file} is missing, so a library of that package must not be shipped. Images of containers "
            "leave such files out: install the package again with them."
        )
    pointed = sorted(set(_COMMON.findall(copyright_file.read_text(encoding="utf-8", errors="replace"))))
    return (copyright_file, *(common / name for name in pointed if (common / name).is_file()))


def add_texts(found: Sequence[SystemPackage], licences: Path) -> None:
    """Put the texts into a folder for each package below `licences`, and the packages into its overview."""
    lines = []
    for package in found:
        folder = licences / package.name
        folder.mkdir()
        for text in package.texts:
            shutil.copyfile(text, folder / (text.name if text == package.texts[0] else f"{text.name}.txt"))
        names = ", ".join(sorted(path.name for path in folder.iterdir()))
        lines.append(f"{package.name} {package.version} ({', '.join(package.libraries)}): {names}\n")
    with (licences / "README.txt").open("a", encoding="utf-8", newline="\n") as overview:
        overview.writelines(lines)


def components(found: Sequence[SystemPackage], release: Mapping[str, str] | None = None) -> list[dict[str, object]]:
    """The packages as a bill of materials lists them; `release` is the system's description of itself."""
    system = (os_release() if release is None else release).get("ID", "debian")
    return [
        {
            "type": "library",
            "bom-ref": f"{package.name} {package.version}",
            "name": package.name,
            "version": package.version,
            "description": f"Of the system: {', '.join(package.libraries)}",
            "purl": f"pkg:deb/{system}/{package.name}@{package.version.replace(':', '%3A').replace('+', '%2B')}"
            f"?arch={package.architecture}",
            "licenses": [{"license": {"name": f"see licences/{package.name}/copyright"}}],
        }
        for package in found
    ]
