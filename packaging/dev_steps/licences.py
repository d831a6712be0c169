"""Collects the licence texts of everything that is shipped; what has none stops the build.

The environment's Python runs this file, because the packages are there: `python -m dev_steps.licences ROOT FOLDER`.
"""

import json
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from dev_steps import bundle_content
from dev_steps.environment import tool_environment
from dev_steps.failure import SetupError
from dev_steps.places import Places

FOLDER = Path("resources", "licences")
NAMES = ("license", "licence", "copying", "notice", "authors", "copyright")
BOOTLOADER = "pyinstaller"  # its own part in the bundle is the program that starts Python
NOT_SHIPPED = ("hf-xet",)  # required by the hub's library, and left out of the bundle

# What a package holds of others, or does not say itself: texts in resources/licences, by the package's normal name.
ADDED = {
    "cryptography": ("Apache-2.0.txt",),  # OpenSSL is linked into it
    "latex2mathml": ("latex2mathml-MIT.txt",),
    "llama-cpp-python": ("llama.cpp-MIT.txt",),
    "nvidia-ml-py": ("nvidia-ml-py-BSD-3-Clause.txt",),
    "pyside6-essentials": ("LGPL-3.0.txt", "GPL-3.0.txt", "Qt-notice.txt"),
    "shiboken6": ("LGPL-3.0.txt", "GPL-3.0.txt", "Qt-notice.txt"),
    "sqlcipher3": ("sqlcipher-BSD-3-Clause.txt", "Apache-2.0.txt"),  # SQLCipher and OpenSSL are linked into it
}
# What is shipped and is no package.
OTHERS = {
    "Icons (Lucide)": ("lucide-ISC.txt",),
    "Inter": ("inter-OFL-1.1.txt",),
    "JetBrains Mono": ("jetbrains-mono-OFL-1.1.txt",),
    "SmolLM2-135M-Instruct, the included model": ("Apache-2.0.txt",),
}
HEAD = """\
Inglenook holds the work of many. Each folder here has the licence texts of one part; Inglenook itself is under the
Apache License 2.0 (the folder "Inglenook").

"""


@dataclass(frozen=True)
class Part:
    """One part of what is shipped, with the files of its licence texts; `version` is empty where it has none."""

    name: str
    version: str
    texts: tuple[Path, ...]


def parts(root: Path) -> list[Part]:
    """Every part of the bundle, from the packages that are installed here; one without a text has an empty tuple."""
    own = [Part("Inglenook", "", _present([root / "LICENSE"]))]
    python = Part("Python", ".".join(map(str, sys.version_info[:3])), _present(_python_texts())[:1])
    others = [Part(name, "", _present(_added(root, texts))) for name, texts in OTHERS.items()]
    return [*own, python, *others, *_packages(root)]


def _packages(root: Path) -> Iterator[Part]:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = bundle_content.distributions(project["dependencies"]) | {BOOTLOADER}
    for name in sorted(names - set(NOT_SHIPPED)):
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:  # for another system
            continue
        own = [Path(str(file.locate())) for file in found.files or [] if is_licence(str(file))]
        added = ADDED.get(name, ())
        texts = _present([*own, *_added(root, added)])
        complete = len(texts) == len(own) + len(added)
        yield Part(found.metadata["Name"], found.version, texts if complete else ())


def is_licence(file: str) -> bool:
    """Whether a file of a package, named with its folder, is a text of its licence."""
    *folders, name = file.replace("\\", "/").lower().split("/")
    if name.endswith((".py", ".pyc", ".pyi", ".so", ".json")) or not any(
        part.endswith(".dist-info") for part in folders
    ):
        return False
    return "licenses" in folders or name.startswith(NAMES) or ".license" in name


def _added(root: Path, texts: Sequence[str]) -> list[Path]:
    return [root / FOLDER / text for text in texts]


def _python_texts() -> list[Path]:
    """Where each system's Python keeps its licence."""
    inside = Path(sysconfig.get_path("stdlib"))
    return [inside / "LICENSE.txt", Path(sys.base_prefix) / "LICENSE.txt", *_debian_text(), inside / "LICENSE"]


def _debian_text() -> list[Path]:
    return [Path(f"/usr/share/doc/python3.{sys.version_info.minor}/copyright")]


def _present(paths: Sequence[Path]) -> tuple[Path, ...]:
    return tuple(path for path in paths if path.is_file() and path.stat().st_size > 0)


def missing(found: Sequence[Part]) -> list[str]:
    """The parts without a text."""
    return [f"{part.name} {part.version}".strip() for part in found if not part.texts]


def collect(found: Sequence[Part], target: Path) -> None:
    """Copy the texts into a folder for each part, and write an overview; raises SetupError where one has no text."""
    lacking = missing(found)
    if lacking:
        raise SetupError(
            f"Without a licence text this must not be shipped: {', '.join(lacking)}. "
            "Put the text into resources/licences and name it in packaging/dev_steps/licences.py."
        )
    shutil.rmtree(target, ignore_errors=True)
    lines = []
    for part in found:
        folder = target / part.name
        folder.mkdir(parents=True)
        names = [_copy(text, folder) for text in part.texts]
        lines.append(f"{part.name} {part.version}".strip() + ": " + ", ".join(names) + "\n")
    (target / "README.txt").write_text(HEAD + "".join(lines), encoding="utf-8", newline="\n")


def _copy(text: Path, folder: Path) -> str:
    """Copy one text; several of one package may have the same name, from different folders of it."""
    name, number = text.name, 1
    while (folder / name).exists():
        number += 1
        name = f"{text.stem}-{number}{text.suffix}"
    shutil.copyfile(text, folder / name)
    return name


def write_licences(places: Places, target: Path) -> None:
    """Have the environment's Python collect the texts of what is shipped into `target`; raises SetupError."""
    env = {**tool_environment(places), "PYTHONPATH": str(places.root / "packaging")}
    command = [str(places.python), "-m", "dev_steps.licences", str(places.root), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    if done.returncode != 0:
        raise SetupError(done.stderr.strip())


def main(root: Path, target: str) -> None:
    """Collect into the folder `target`, or print the names of the packages when it is "--names"."""
    if target == "--names":
        print(json.dumps([part.name for part in _packages(root) if part.name != BOOTLOADER]))
        return
    try:
        collect(parts(root), Path(target))
    except SetupError as error:
        sys.exit(error.sentence)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
