"""Makes the bundle: one folder in dist/ with the application, its Python, its libraries, the engine and the model."""

import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dev_steps import (
    bundle_check,
    bundle_content,
    bundle_looks,
    cuda_runtime,
    icon_files,
    licences,
    release_engine,
    release_facts,
    room,
    system,
    system_libraries,
    windows_installer,
)
from dev_steps.environment import tool_environment
from dev_steps.failure import SetupError, explained, last_lines
from dev_steps.places import Places
from dev_steps.progress import run_step, say
from dev_steps.setting_up import set_up
from dev_steps.system import Lack

NAME = "inglenook"
WITHOUT_MODEL, CUDA = "--without-model", "--cuda"
# Libraries that come with information for debuggers, which is 28 MB. PyInstaller's own strip would also take what
# others need of the wheels' libraries, whose sections are where their loaders expect them.
_WITH_DEBUG_INFORMATION = ("**/libpython*.so*", "**/sqlcipher3/*.so")
LICENCES = Path("_internal", "licences")
ROOM = 1.0  # GB, a little more than was measured
MB = 10**6


@dataclass(frozen=True)
class Bundle:
    """The finished folder, and its size in bytes: the model and the modules for GPUs apart from the rest."""

    folder: Path
    bytes: int
    model_bytes: int
    gpu_bytes: int

    @property
    def program(self) -> Path:
        """What one starts; on Windows the one for the command line."""
        return self.folder / (windows_installer.TERMINAL if sys.platform == "win32" else NAME)


def bundle(places: Places, arguments: Sequence[str]) -> int:
    """The command `bundle`: set up, build the engine of the packages unless that was done, and make the folder."""
    refuse_unknown("bundle", arguments, (WITHOUT_MODEL, CUDA))
    set_up(places, python_lacks())
    made = make(places, with_model=WITHOUT_MODEL not in arguments, cuda=CUDA in arguments)
    print(made.folder)
    return 0


def refuse_unknown(command: str, arguments: Sequence[str], known: Sequence[str]) -> None:
    """Stop with a sentence where an argument is none of the `known` ones."""
    unknown = [argument for argument in arguments if argument not in known]
    if unknown:
        words = " and ".join((", ".join(known[:-1]), known[-1]) if len(known) > 1 else known)
        raise SetupError(f"`{command}` takes {words} alone, not {unknown[0]!r}; see: packaging/dev.py --help", 2)


def python_lacks() -> list[Lack]:
    """Python as a library, which Debian and Ubuntu keep in a package of its own."""
    if not sys.platform.startswith("linux") or sysconfig.get_config_var("Py_ENABLE_SHARED"):
        return []
    name = f"libpython{sys.version_info.major}.{sys.version_info.minor}"
    if system.loads(f"{name}.so.1.0"):
        return []
    return [Lack(f"{name}.so.1.0", name, f"This Python lacks its library {name}.so: install one that has it.")]


def make(places: Places, *, with_model: bool = True, cuda: bool = False) -> Bundle:
    """Make the folder anew from the environment, which must be set up; raises SetupError for a bundle with a fault."""
    began = time.monotonic()
    libraries = release_engine.libraries(release_engine.provide(places, cuda=cuda))
    runtime_bytes = cuda_runtime.stage(places, cuda_runtime.find() if cuda else None)
    room.require([(places.dist, ROOM + runtime_bytes / 10**9)])
    texts = places.root / "build" / "licences"
    licences.write_licences(places, texts)
    _draw_icons(places)
    environment = {
        **tool_environment(places),
        "SOURCE_DATE_EPOCH": str(release_facts.source_date(places)),
        "PYTHONHASHSEED": "1",  # the order of names in sets decides the bytes of what is compiled
        "PYTHONPATH": str(places.root / "packaging"),
        bundle_content.ENGINE_LIBRARIES: str(libraries),
        bundle_content.LICENCES: str(texts),
        bundle_content.CUDA_LIBRARIES: os.pathsep.join(map(str, cuda_runtime.staged(places))),
        system_libraries.RECORD: str(places.system_libraries),
        **({} if with_model else {bundle_content.WITHOUT_MODEL: "1"}),
    }
    folder = places.dist / NAME
    shutil.rmtree(folder, ignore_errors=True)
    work: list[str | Path] = ["--noconfirm", "--distpath", places.dist, "--workpath", places.root / "build" / "bundle"]
    command: list[str | Path] = [
        places.python,
        "-m",
        "PyInstaller",
        *work,
        places.root / "packaging" / "inglenook.spec",
    ]
    log = places.logs / "bundle.log"
    failed = run_step("Making the bundle", command, log, environment, places.root)
    if failed is not None:
        raise explained(failed, f"The bundle failed. The last lines:\n{last_lines(failed)}The full log: {log}")
    shutil.copyfile(places.root / "LICENSE", folder / "LICENSE")
    if sys.platform.startswith("linux"):
        _strip(folder)
        system_libraries.add_texts(system_libraries.packages(places.system_libraries), folder / LICENCES)
    cuda_runtime.add_text(places, folder / LICENCES)
    _make_alike(folder, release_facts.source_date(places))
    faults = bundle_check.faults(folder)
    if faults:
        raise SetupError("The bundle is not as it must be:\n" + "\n".join(f"  {fault}" for fault in faults))
    made = measured(folder)
    rest = made.bytes - made.model_bytes - made.gpu_bytes
    say(
        f"The bundle takes {rest / MB:.0f} MB, the included model {made.model_bytes / MB:.0f} MB and the modules for "
        f"GPUs {made.gpu_bytes / MB:.0f} MB more ({folder}; {time.monotonic() - began:.0f} s)."
    )
    return made


def _strip(folder: Path) -> None:
    """Leave out what only a debugger reads; loudly nothing where binutils is missing."""
    if shutil.which("strip") is None:
        say("NOT STRIPPED: the bundle is 28 MB larger than it must be, because strip is missing (binutils).")
        return
    for pattern in _WITH_DEBUG_INFORMATION:
        for library in folder.glob(pattern):
            subprocess.run(["strip", "--strip-debug", str(library)], check=True)


def _make_alike(folder: Path, date: int) -> None:
    """Give every file the release's date, and the rights that do not hang on the builder's mask."""
    for path in (folder, *folder.rglob("*")):
        if path.is_symlink():
            continue
        if sys.platform != "win32":
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        os.utime(path, (date, date))


def _draw_icons(places: Places) -> None:
    folder = places.root / "build" / bundle_looks.ICON_FOLDER
    if sys.platform == "win32":
        icon_files.write_ico(places, folder / bundle_looks.ICO)
    elif sys.platform == "darwin":
        icon_files.write_icns(places, folder / bundle_looks.ICNS)


def measured(folder: Path) -> Bundle:
    """The bundle in `folder`."""
    sizes = {path: path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()}
    models = sum(size for path, size in sizes.items() if path.suffix == ".gguf")
    gpus = sum(size for path, size in sizes.items() if bundle_content.is_gpu_module(path.name))
    return Bundle(folder, sum(sizes.values()), models, gpus)
