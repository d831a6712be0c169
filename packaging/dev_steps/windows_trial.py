"""What a trial of the Windows installer consists of: two installers, a Windows, and what is demanded of them."""

import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from dev_steps import release_facts
from dev_steps.failure import SetupError, last_lines
from dev_steps.places import Places
from dev_steps.windows_installer import PROGRAM, TERMINAL, compile_installer
from dev_steps.windows_wine import Wine

UNINSTALL = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Inglenook"
KEY = r"HKCU\Software\Inglenook"
GGUF = r"HKCU\Software\Classes\.gguf"
PROG_ID = r"HKCU\Software\Classes\Inglenook.gguf"
OTHER_APP = "Other.App"
EARLIER = "0.0.9"
CHATS = {"conversations.db": "chats", "states/1.state": "cache", "logs/inglenook.log": "log"}
MODELS = {"models/a model.gguf": "weights"}
PATIENCE = 30.0


@dataclass(frozen=True)
class Installers:
    """The installers of an earlier version and of this one, and what each unpacks."""

    earlier: Path
    present: Path
    earlier_files: Path
    present_files: Path
    version: str


def make_installers(places: Places, work: Path) -> Installers:
    """Both installers, around trees of stand-in files: odd names, folders, a file that only the earlier one has."""
    program = work / "stand-in.exe"
    script = places.root / "packaging" / "windows" / "stand_in.nsi"
    command = ["makensis", "-V2", f"-DOUTPUT={program}", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SetupError(f"The stand-in could not be compiled:\n{last_lines(done.stdout + done.stderr)}")
    version = release_facts.version(places)
    names = {"app/resources/catalog.json": "{}", "Qt/größe $HOME 100%.txt": "odd", "a b/c d/e f.dll": "library"}
    earlier = _stage(work / "earlier", program, names | {"old/gone.dll": "old"})
    present = _stage(work / "present", program, names | {"new/there.dll": "new", "app/resources/catalog.json": "{1}"})
    paths = [work / f"Inglenook-{number}-setup-x64.exe" for number in (EARLIER, version)]
    compile_installer(places, earlier, paths[0], EARLIER)
    compile_installer(places, present, paths[1], version)
    return Installers(paths[0], paths[1], earlier, present, version)


def _stage(folder: Path, program: Path, inside: dict[str, str]) -> Path:
    folder.mkdir()
    for name in (PROGRAM, TERMINAL):
        shutil.copyfile(program, folder / name)
    write_files(folder / "_internal", inside)
    return folder


def write_files(folder: Path, contents: dict[str, str]) -> None:
    """Write each text to its path below `folder`."""
    for name, text in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file below `folder` with its content."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def demand(condition: bool, sentence: str) -> None:
    """Stop with the sentence unless the condition holds."""
    if not condition:
        raise SetupError(f"The Windows installer is at fault: {sentence}")


@dataclass(frozen=True)
class Trial:
    """One Windows with the installers to try, and a folder in which the stand-in writes down how it was started."""

    wine: Wine
    installers: Installers
    notes: Path
    program: Path = field(init=False)
    profile: Path = field(init=False)

    def __post_init__(self) -> None:
        self.notes.mkdir(exist_ok=True)
        object.__setattr__(self, "program", self.wine.local / "Programs" / "Inglenook")
        object.__setattr__(self, "profile", self.wine.local / "Inglenook")

    def install(self, installer: Path, *switches: str) -> "subprocess.CompletedProcess[str]":
        """Run an installer silently."""
        return self.wine.run(installer, "/S", *switches)

    def into(self, folder: Path) -> list[str]:
        """The switch for the folder to install to, in pieces: as one argument it would get quotation marks."""
        return f"/D={self.wine.windows(folder)}".split(" ")

    def uninstall(self, folder: Path, *switches: str) -> None:
        """Run the uninstaller in `folder` silently, to the end of the copy of itself that it starts."""
        done = self.wine.run(folder / "uninstall.exe", "/S", *switches)
        demand(done.returncode == 0, f"the uninstaller ended with {done.returncode}")
        self.wine.wait()

    def started_with(self) -> str | None:
        """What the stand-in was last started with, once it has been; None when it was not."""
        note = self.notes / "started.txt"
        end = time.monotonic() + PATIENCE
        while not (note.is_file() and note.stat().st_size) and time.monotonic() < end:
            time.sleep(0.05)
        if not note.is_file():
            return None
        text = note.read_text(encoding="utf-16")
        note.unlink()
        return text

    def notes_for_windows(self) -> str:
        """The folder of notes as a program in Wine finds it: the host's root is drive Z."""
        return "Z:" + str(self.notes).replace("/", "\\")


def demand_installed(trial: Trial, folder: Path, files: Path, version: str) -> None:
    """The program in `folder` is what `files` holds, and the entry in Windows' settings says so."""
    found = {name: content for name, content in files_in(folder).items() if name != "uninstall.exe"}
    demand(found == files_in(files), f"what was unpacked differs: {sorted(found)}")
    demand((folder / "uninstall.exe").is_file(), "there is no uninstaller")
    entry = trial.wine.query(UNINSTALL)
    demand(entry.get("DisplayVersion") == version, f"the entry in the settings says {entry.get('DisplayVersion')}")
    location = trial.wine.windows(folder)
    demand(entry.get("InstallLocation") == location, f"the entry says {entry.get('InstallLocation')}, not {location}")
    demand(entry.get("QuietUninstallString") == f'"{location}\\uninstall.exe" /S', "the entry's uninstaller differs")
    size = int(entry.get("EstimatedSize", "0"), 16)
    total = sum(map(len, files_in(files).values()))
    demand(0 <= size * 1024 - total < 1024, f"the entry says {size} KB for {total} bytes")


def demand_profile(trial: Trial, wanted: dict[str, str]) -> None:
    """The profile holds exactly the files `wanted`."""
    found = {name: content.decode() for name, content in files_in(trial.profile).items()}
    demand(found == wanted, f"the profile holds {sorted(found)}, not {sorted(wanted)}")


def demand_registry_clean(trial: Trial) -> None:
    """Nothing of Inglenook's own is left in the registry."""
    for key in (UNINSTALL, KEY, PROG_ID, rf"HKCU\Software\Classes\Applications\{PROGRAM}"):
        demand(not trial.wine.has_key(key), f"{key} is still in the registry")
    applications = trial.wine.query(r"HKCU\Software\RegisteredApplications")
    demand("Inglenook" not in applications, "Inglenook is still among the registered applications")
