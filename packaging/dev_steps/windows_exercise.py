"""Tries the Windows installer out under Wine: what it writes, what it refuses, what it leaves when it is removed."""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from dev_steps import debian
from dev_steps.failure import SetupError
from dev_steps.places import Places
from dev_steps.progress import say
from dev_steps.windows_installer import PROGRAM, TERMINAL
from dev_steps.windows_trial import (
    CHATS,
    EARLIER,
    GGUF,
    KEY,
    MODELS,
    OTHER_APP,
    PATIENCE,
    PROG_ID,
    Trial,
    demand,
    demand_installed,
    demand_profile,
    demand_registry_clean,
    files_in,
    make_installers,
    write_files,
)
from dev_steps.windows_wine import windows_in, wine_program

RUNNING, OLD_WINDOWS, FOREIGN_FOLDER = 3, 4, 5
DEBIAN_PACKAGES = {"makensis": "nsis", "wine64": "wine64"}


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
    demand_installed(trial, trial.program, trial.installers.earlier_files, EARLIER)
    demand((trial.wine.start_menu / "Inglenook.lnk").is_file(), "there is no shortcut in the Start menu")
    demand(trial.wine.query(GGUF).get("") == "Inglenook.gguf", ".gguf files are not opened by Inglenook")
    demand("Inglenook.gguf" in trial.wine.query(GGUF + r"\OpenWithProgids"), '"Open with" does not list Inglenook')
    command = trial.wine.query(PROG_ID + r"\shell\open\command").get("")
    demand(command == f'"{trial.wine.windows(trial.program / PROGRAM)}" "%1"', f"a .gguf file is opened by {command}")


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
    demand_installed(trial, trial.program, trial.installers.present_files, trial.installers.version)
    demand(not (trial.program / "_internal" / "old").exists(), "a file of the earlier version is still there")
    demand(trial.wine.query(KEY).get("EarlierGguf") == OTHER_APP, "what opened .gguf files before is forgotten")
    demand_profile(trial, CHATS | MODELS)


def _removes_and_keeps(trial: Trial) -> None:
    """Removal keeps chats and models, and gives .gguf files back:"""
    trial.uninstall(trial.program)
    demand(not trial.program.exists(), f"the program's folder still holds {sorted(files_in(trial.program))}")
    demand(not (trial.wine.start_menu / "Inglenook.lnk").exists(), "the shortcut is still there")
    demand_registry_clean(trial)
    demand(trial.wine.query(GGUF).get("") == OTHER_APP, ".gguf files were not given back")
    demand_profile(trial, CHATS | MODELS)


def _removes_all_when_told(trial: Trial) -> None:
    """Removal with the switches deletes chats, then models, from a folder of the person's choice:"""
    folder = trial.wine.drive / "Meine Programme" / "Größe & 100%"
    for switch, kept in (("/REMOVECHATS", MODELS), ("/REMOVEMODELS", None)):
        done = trial.install(trial.installers.present, "/NOSHORTCUT", "/NOASSOCIATION", *trial.into(folder))
        demand(done.returncode == 0, f"with /D= it ended with {done.returncode}: {done.stdout}")
        demand_installed(trial, folder, trial.installers.present_files, trial.installers.version)
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
            demand_profile(trial, kept)
    demand_registry_clean(trial)


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
