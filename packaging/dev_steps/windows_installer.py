"""Compiles the Windows installer, and writes the files that describe the program to Windows."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from dev_steps import release_facts
from dev_steps.failure import SetupError, explained, last_lines
from dev_steps.icon_files import write_ico
from dev_steps.places import Places
from dev_steps.progress import run_step

PROGRAM = "Inglenook.exe"  # without a console: what the shortcut and a double click start
TERMINAL = "inglenook-cli.exe"  # with one
SCRIPT = Path("packaging", "windows", "inglenook.nsi")
MANIFEST = Path("packaging", "windows", "inglenook.manifest")
LANGUAGE = "040904B0"  # English of the United States, in Unicode


def four_numbers(version: str) -> tuple[int, int, int, int]:
    """A version as Windows has it; what follows the numbers (rc1, dev) has no place there."""
    release = re.match(r"\d+(\.\d+)*", version)
    if release is None:
        raise SetupError(f"{version!r} is no version.")
    numbers = [min(int(part), 65535) for part in release[0].split(".")][:4]
    first, second, third, fourth = numbers + [0] * (4 - len(numbers))
    return first, second, third, fourth


def version_file(version: str, program: str, description: str) -> str:
    """The text that PyInstaller makes a version resource of: its EXE takes the file's path as `version`."""
    numbers = four_numbers(version)
    strings = {
        "CompanyName": "The Inglenook authors",
        "FileDescription": description,
        "FileVersion": version,
        "InternalName": program.removesuffix(".exe"),
        "LegalCopyright": "Apache License 2.0",
        "OriginalFilename": program,
        "ProductName": "Inglenook",
        "ProductVersion": version,
    }
    table = ",\n        ".join(f"StringStruct({name!r}, {value!r})" for name, value in strings.items())
    return f"""\
VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, flags=0, OS=0x40004, fileType=1, subtype=0,
                    date=(0, 0)),
  kids=[
    StringFileInfo([StringTable({LANGUAGE!r}, [
        {table}])]),
    VarFileInfo([VarStruct('Translation', [{int(LANGUAGE[:4], 16)}, {int(LANGUAGE[4:], 16)}])])
  ]
)
"""


def program_options(places: Places, work: Path, program: str, description: str) -> dict[str, str]:
    """PyInstaller's arguments for one Windows program: icon, version resource and manifest, written to `work`."""
    work.mkdir(parents=True, exist_ok=True)
    version = work / f"{program}.version.txt"
    version.write_text(version_file(release_facts.version(places), program, description), encoding="utf-8")
    icon = write_ico(places, work / "inglenook.ico")
    return {"icon": str(icon), "version": str(version), "manifest": str(places.root / MANIFEST)}


def installer_name(version: str) -> str:
    """The installer's file name, the same for everybody who builds this version."""
    return f"Inglenook-{version}-windows-x64-setup.exe"


def quoted(text: str) -> str:
    """A string as NSIS reads it."""
    if '"' in text or "\n" in text:
        raise SetupError(f"The Windows installer cannot hold a file that is called {text!r}.")
    return '"' + text.replace("$", "$$") + '"'


def file_macros(staged: Path) -> str:
    """NSIS macros that unpack the staged folder, and that remove exactly what was unpacked, deepest first.

    Nothing is removed by a pattern: what a person put beside the program stays.
    """
    folders = sorted([staged, *(path for path in staged.rglob("*") if path.is_dir())], key=_sorting(staged))
    install, remove = [], []
    for folder in folders:
        files = sorted((path for path in folder.iterdir() if path.is_file()), key=_sorting(staged))
        install.append(_in_folder("SetOutPath", folder.relative_to(staged)))
        # The name to unpack to knows variables, the file to pack does not: a dollar is doubled in the first alone.
        install += [f'  File "/oname={quoted(path.name)[1:]} "{path}"' for path in files]
        deletes = [_in_folder("Delete", path.relative_to(staged)) for path in files]
        remove.append([*deletes, _in_folder("RMDir", folder.relative_to(staged))] if folder != staged else deletes)
    removed = (line for lines in reversed(remove) for line in lines)
    return "\n".join(["!macro InstallFiles", *install, "!macroend", "!macro RemoveFiles", *removed, "!macroend", ""])


def _sorting(staged: Path) -> Callable[[Path], tuple[str, ...]]:
    return lambda path: path.relative_to(staged).parts


def _in_folder(instruction: str, relative: Path) -> str:
    inside = "\\".join(("", *relative.parts))
    return f'  {instruction} "$INSTDIR{quoted(inside)[1:]}'


def size_in_kb(folder: Path) -> int:
    """What the files in `folder` take, in units of 1,024 bytes, as Windows lists it."""
    return -(-sum(path.stat().st_size for path in _files(folder)) // 1024)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def compile_installer(places: Places, staged: Path, output: Path, version: str | None = None) -> Path:
    """Pack the staged folder (the bundle for Windows) into the installer `output`; needs makensis on PATH.

    Every packed file gets the date of the source, so that the same files give the same installer.
    INGLENOOK_SIGN_COMMAND, where it is set, signs the installer and its uninstaller: it gets the file as its last
    argument.
    """
    makensis = shutil.which("makensis")
    if makensis is None:
        raise SetupError("The Windows installer is compiled by NSIS, and its program makensis is not on PATH.")
    for needed in (PROGRAM, TERMINAL):
        if not (staged / needed).is_file():
            raise SetupError(f"The folder {staged} is no bundle for Windows: it lacks {needed}.")
    work = output.parent / f"{output.stem}.parts"
    work.mkdir(parents=True, exist_ok=True)
    version = version or release_facts.version(places)
    date = release_facts.source_date(places)
    for path in _files(staged):
        os.utime(path, (date, date))
    macros = work / "files.nsh"
    macros.write_text(file_macros(staged.absolute()), encoding="utf-8")
    defines = {
        "VERSION": version,
        "VERSION_4": ".".join(str(number) for number in four_numbers(version)),
        "FILES": macros,
        "SIZE_KB": size_in_kb(staged),
        "ICON": write_ico(places, work / "inglenook.ico"),
        "OUTPUT": output.absolute(),
    }
    signing = os.environ.get("INGLENOOK_SIGN_COMMAND")
    options = [f"-D{name}={value}" for name, value in (defines | ({"SIGN": signing} if signing else {})).items()]
    env = {**os.environ, "SOURCE_DATE_EPOCH": str(date)}
    command = [makensis, "-V2", "-WX", "-INPUTCHARSET", "UTF8", *options, str(places.root / SCRIPT)]
    failed = run_step("Compiling the Windows installer", command, places.logs / "makensis.log", env)
    if failed is not None:
        raise explained(failed, f"The Windows installer could not be compiled:\n{last_lines(failed)}")
    shutil.rmtree(work)
    return output
