"""Says what the bundle's programs are called and look like on each system; read by packaging/inglenook.spec."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dev_steps import mac_image, release_facts, windows_installer
from dev_steps.places import Places

APP = "Inglenook.app"
ICO, ICNS = "inglenook.ico", "inglenook.icns"  # drawn into PyInstaller's work folder before it runs
ICON_FOLDER = "icons"


@dataclass(frozen=True)
class Program:
    """One program of the bundle; with a `console` it writes to the terminal that it was started from."""

    name: str
    console: bool
    description: str = "Inglenook"


def programs(platform: str = sys.platform) -> list[Program]:
    """Windows opens a terminal beside every program that may write to one: so there are two, with and without."""
    if platform != "win32":
        return [Program("inglenook", console=platform != "darwin")]
    return [
        Program(windows_installer.PROGRAM, console=False),
        Program(windows_installer.TERMINAL, console=True, description="Inglenook for the command line"),
    ]


def of_program(program: Program, root: Path, work: Path, platform: str = sys.platform) -> dict[str, Any]:
    """The arguments of PyInstaller's EXE by which this program differs; what Windows wants is written into `work`."""
    arguments: dict[str, Any] = {"name": program.name.removesuffix(".exe"), "console": program.console}
    if platform == "win32":
        resource = work / f"{program.name}.version.txt"
        text = windows_installer.version_file(_version(root), program.name, program.description)
        resource.write_text(text, encoding="utf-8")
        arguments |= {
            "version": str(resource),
            "icon": str(root / "build" / ICON_FOLDER / ICO),
            "manifest": (root / "packaging" / "windows" / "inglenook.manifest").read_text(encoding="utf-8"),
        }
    if platform == "darwin":
        arguments |= {"target_arch": "arm64"}
    return arguments


def of_mac_application(root: Path) -> dict[str, Any]:
    """The arguments of PyInstaller's BUNDLE."""
    number = _version(root)
    values = mac_image.info_plist(root, number)
    return {
        "name": APP,
        "icon": str(root / "build" / ICON_FOLDER / ICNS),
        "bundle_identifier": values["CFBundleIdentifier"],
        "version": number,
        "info_plist": values,
    }


def _version(root: Path) -> str:
    return release_facts.version(Places(root, root))
