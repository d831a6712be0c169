"""Tries the Windows installer out under Wine: what it writes, what it refuses, what it leaves when it is removed."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from dev_steps import debian, release_facts
from dev_steps.failure import SetupError, last_lines
from dev_steps.places import Places
from dev_steps.progress import say
from dev_steps.windows_installer import PROGRAM, TERMINAL, compile_installer
from dev_steps.windows_wine import Wine, windows_in, wine_program

UNINSTALL = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Inglenook"
KEY = r"HKCU\Software\Inglenook"
GGUF = r"HKCU\Software\Classes\.gguf"
PROG_ID = r"HKCU\Software\Classes\Inglenook.gguf"
OTHER_APP = "Other.App"
EARLIER = "0.0.9"
RUNNING, OLD_WINDOWS, FOREIGN_FOLDER = 3, 4, 5
DEBIAN_PACKAGES = {"makensis": "nsis", "wine64": "wine64"}
CHATS = {"conversations.db": "chats", "states/1.state": "cache", "logs/inglenook.log": "log"}
MODELS = {"models/a model.gguf": "weights"}
PATIENCE = 30.0


def check_windows(places: Places) -> bool:
    """Compile the installer around a small staged tree and try it; False, after a loud line, where that cannot be done.

    Raises SetupError with a sentence when the installer does not do what it should.
    """
    why_not = _provide_tools(places)
    if why_not:
        say(f"SKIPPED: the Windows installer was not compiled and tried, because {why_not}")
        return False
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="inglenook-windows-", ignore_cleanup_errors=True) as folder:
        installers = make_installers(places, Path(folder))
        with windows_in(Path(folder)) as wine:
            trial = Trial(wine, installers, Path(folder) / "notes")
            for step in STEPS:
                step(trial)
                say(f"Windows installer: {(step.__doc__ or '').splitlines()[0]} good")
    say(f"Windows installer: everything good ({time.monotonic() - began:.0f} s)")
    return True


def _provide_tools(places: Places) -> str:
    """Install makensis and Wine where we may; the reason when they are not there afterwards, else nothing."""
    if not sys.platform.startswith("linux"):
        return "Wine is used on Linux only; on Windows the release workflow installs the real thing."
    have = {"makensis": shutil.which("makensis"), "wine64": wine_program()}
    lacking = [name for name, path in have.items() if path is None]
    if not lacking:
        return ""
    if not debian.is_debian_like(debian.os_release()):
        return f"this system lacks {' and '.join(lacking)}."
    try:
        debian.provide([DEBIAN_PACKAGES[name] for name in lacking], lacking, places.logs)
    except SetupError as error:
        return error.sentence
    return "" if shutil.which("makensis") and wine_program() else "the packages installed do not hold the programs."


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


def _refuses_old_windows(trial: Trial) -> None:
    """An old Windows is refused:"""
    trial.wine.become("win7")
    done = trial.install(trial.installers.present)
    demand(done.returncode == OLD_WINDOWS, f"on Windows 7 it ended with {done.returncode}")
    demand("Windows 10" in done.stdout, f"on Windows 7 it said {done.stdout!r}")
    demand(not trial.program.exists(), "it unpacked something on Windows 7")
    trial.wine.become("win10")


def _installs(trial: Trial) -> None:
    """Installation, shortcut, .gguf files and the entry in the settings:"""
    trial.wine.set_value(GGUF, OTHER_APP)
    write_files(trial.profile, CHATS | MODELS)
    done = trial.install(trial.installers.earlier)
    demand(done.returncode == 0, f"it ended with {done.returncode}: {done.stdout}")
    _demand_installed(trial, trial.program, trial.installers.earlier_files, EARLIER)
    demand((trial.wine.start_menu / "Inglenook.lnk").is_file(), "there is no shortcut in the Start menu")
    demand(trial.wine.query(GGUF).get("") == "Inglenook.gguf", ".gguf files are not opened by Inglenook")
    demand("Inglenook.gguf" in trial.wine.query(GGUF + r"\OpenWithProgids"), '"Open with" does not list Inglenook')
    command = trial.wine.query(PROG_ID + r"\shell\open\command").get("")
    demand(command == f'"{trial.wine.windows(trial.program / PROGRAM)}" "%1"', f"a .gguf file is opened by {command}")


def _demand_installed(trial: Trial, folder: Path, files: Path, version: str) -> None:
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


def _opens_files(trial: Trial) -> None:
    """A double click on a model file:"""
    model = trial.wine.user / "Modèle mit Leerzeichen.gguf"
    model.write_bytes(b"GGUF")
    # Wine looks for what opens a file in the machine's part of the registry only, Windows in the user's first.
    machine = {key: key.replace("HKCU", "HKLM") for key in (GGUF, PROG_ID + r"\shell\open\command")}
    for own, machines in machine.items():
        trial.wine.set_value(machines, trial.wine.query(own)[""])
    trial.wine.run("start", "/wait", trial.wine.windows(model), INGLENOOK_STAND_IN=trial.notes_for_windows())
    started = trial.started_with()
    demand(started == f'"{trial.wine.windows(model)}"', f"the program was started with {started!r}")
    for machines in machine.values():
        trial.wine.run("reg", "delete", machines, "/f")


def _refuses_while_running(trial: Trial) -> None:
    """Nothing is changed while Inglenook runs:"""
    hold = trial.notes / "hold"
    hold.touch()
    running = trial.wine.start(trial.program / PROGRAM, INGLENOOK_STAND_IN=trial.notes_for_windows())
    try:
        demand(trial.started_with() is not None, "the stand-in did not start")
        before = files_in(trial.program)
        done = trial.install(trial.installers.present)
        demand(done.returncode == RUNNING, f"the installer ended with {done.returncode}: {done.stdout}")
        demand("Inglenook is running. Close it" in done.stdout, f"the installer said {done.stdout!r}")
        # In its own folder, so that the exit code is the uninstaller's and not that of the program that copies it.
        location = trial.wine.windows(trial.program)
        removed = trial.wine.run(trial.program / "uninstall.exe", "/S", f"_?={location}")
        demand(removed.returncode == RUNNING, f"the uninstaller ended with {removed.returncode}")
        demand(files_in(trial.program) == before, "files were changed although Inglenook was running")
    finally:
        hold.unlink()
        running.wait(PATIENCE)


def _upgrades(trial: Trial) -> None:
    """An upgrade removes the earlier version's files and keeps everything else:"""
    own = trial.program / "_internal" / "mine.txt"
    own.write_text("put here by a person", encoding="utf-8")
    done = trial.install(trial.installers.present)
    demand(done.returncode == 0, f"the upgrade ended with {done.returncode}: {done.stdout}")
    demand(own.is_file(), "a file of the person's own is gone")
    own.unlink()
    _demand_installed(trial, trial.program, trial.installers.present_files, trial.installers.version)
    demand(not (trial.program / "_internal" / "old").exists(), "a file of the earlier version is still there")
    demand(trial.wine.query(KEY).get("EarlierGguf") == OTHER_APP, "what opened .gguf files before is forgotten")
    _demand_profile(trial, CHATS | MODELS)


def _demand_profile(trial: Trial, wanted: dict[str, str]) -> None:
    found = {name: content.decode() for name, content in files_in(trial.profile).items()}
    demand(found == wanted, f"the profile holds {sorted(found)}, not {sorted(wanted)}")


def _removes_and_keeps(trial: Trial) -> None:
    """Removal keeps chats and models, and gives .gguf files back:"""
    trial.uninstall(trial.program)
    demand(not trial.program.exists(), f"the program's folder still holds {sorted(files_in(trial.program))}")
    demand(not (trial.wine.start_menu / "Inglenook.lnk").exists(), "the shortcut is still there")
    _demand_registry_clean(trial)
    demand(trial.wine.query(GGUF).get("") == OTHER_APP, ".gguf files were not given back")
    _demand_profile(trial, CHATS | MODELS)


def _demand_registry_clean(trial: Trial) -> None:
    for key in (UNINSTALL, KEY, PROG_ID, rf"HKCU\Software\Classes\Applications\{PROGRAM}"):
        demand(not trial.wine.has_key(key), f"{key} is still in the registry")
    applications = trial.wine.query(r"HKCU\Software\RegisteredApplications")
    demand("Inglenook" not in applications, "Inglenook is still among the registered applications")


def _removes_all_when_told(trial: Trial) -> None:
    """Removal with the switches deletes chats, then models, from a folder of the person's choice:"""
    folder = trial.wine.drive / "Meine Programme" / "Größe & 100%"
    for switch, kept in (("/REMOVECHATS", MODELS), ("/REMOVEMODELS", None)):
        done = trial.install(trial.installers.present, "/NOSHORTCUT", "/NOASSOCIATION", *trial.into(folder))
        demand(done.returncode == 0, f"with /D= it ended with {done.returncode}: {done.stdout}")
        _demand_installed(trial, folder, trial.installers.present_files, trial.installers.version)
        demand(not (trial.wine.start_menu / "Inglenook.lnk").exists(), "/NOSHORTCUT made a shortcut")
        demand(trial.wine.query(GGUF).get("") == OTHER_APP, "/NOASSOCIATION took the .gguf files")
        demand(_token(trial, "/TOKEN") == "stored: 1", "the stand-in could not store a credential")
        write_files(folder, {"mine.txt": "put here by a person"})
        trial.uninstall(folder, switch)
        demand(sorted(files_in(folder)) == ["mine.txt"], f"the folder then holds {sorted(files_in(folder))}")
        (folder / "mine.txt").unlink()
        demand((trial.profile.exists()) is (kept is not None), f"{switch} left or took the profile wrongly")
        token = "token: 0" if kept is not None else "token: 1"
        demand(_token(trial, "/HASTOKEN") == token, f"{switch} left or took the hub's token wrongly")
        if kept is not None:
            _demand_profile(trial, kept)
    _demand_registry_clean(trial)


def _token(trial: Trial, switch: str) -> str | None:
    """Have a stand-in that is not installed store the hub's token, or say whether it is there."""
    program = trial.installers.present_files / TERMINAL
    trial.wine.run(program, switch, INGLENOOK_STAND_IN=trial.notes_for_windows())
    return trial.started_with()


def _is_portable(trial: Trial) -> None:
    """A portable one writes into its folder only, is brought up to date, and is not mixed with an installed one:"""
    folder = trial.wine.drive / "Stick" / "Inglenook"
    switches = ("/PORTABLE", *trial.into(folder))
    trial.wine.wait()
    registry, user = trial.wine.registry(), files_in(trial.wine.user)
    done = trial.install(trial.installers.earlier, *switches)
    trial.wine.wait()
    demand(done.returncode == 0, f"/PORTABLE ended with {done.returncode}: {done.stdout}")
    demand("Inglenook" not in _new_lines(registry, trial.wine.registry()), "/PORTABLE wrote to the registry")
    demand(files_in(trial.wine.user) == user, "/PORTABLE wrote into the user's folder")
    portable = {"portable.txt": b""}
    demand(files_in(folder) == files_in(trial.installers.earlier_files) | portable, "/PORTABLE unpacked differently")
    write_files(folder / "data", CHATS)
    done = trial.install(trial.installers.present, *switches)
    kept = {f"data/{name}": text.encode() for name, text in CHATS.items()}
    wanted = files_in(trial.installers.present_files) | portable | kept
    demand(done.returncode == 0 and files_in(folder) == wanted, "a newer portable one did not take the earlier's place")
    done = trial.install(trial.installers.present, *trial.into(folder))
    demand(done.returncode == FOREIGN_FOLDER, f"installing over a portable one ended with {done.returncode}")
    demand(files_in(folder) == wanted, "installing over a portable one changed it")


def _new_lines(before: str, after: str) -> str:
    old = set(before.splitlines())
    return "\n".join(line for line in after.splitlines() if line not in old)


STEPS: tuple[Callable[[Trial], None], ...] = (
    _refuses_old_windows,
    _installs,
    _opens_files,
    _refuses_while_running,
    _upgrades,
    _removes_and_keeps,
    _removes_all_when_told,
    _is_portable,
)
