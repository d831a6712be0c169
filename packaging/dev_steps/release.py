"""The steps of a release that follow the bundle: what is downloaded, tried as a person would, listed and summed."""

import hashlib
import json
import os
import plistlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from dev_steps import mac_image, windows_installer
from dev_steps.failure import SetupError
from dev_steps.places import Places
from dev_steps.progress import say
from dev_steps.release_facts import source_date, version
from dev_steps.sbom import bom_name, write_bom

SYSTEMS = {"win32": "windows", "darwin": "macos"}
SUMS = "SHA256SUMS"
SELF_TEST_SECONDS = 300
APP = "Inglenook.app"


def release(places: Places, arguments: Sequence[str]) -> int:
    """The command `release`: one step by its name; see STEPS."""
    name, *rest = arguments or ("",)
    step = STEPS.get(name)
    if step is None:
        raise SetupError(f"`release` takes one of {', '.join(STEPS)}, not {name!r}; see: packaging/dev.py --help", 2)
    step(places, rest)
    return 0


def check_tag(places: Places, arguments: Sequence[str]) -> None:
    """`tag v1.2.3`: the tag must name the version that the source says."""
    tag = arguments[0].removeprefix("refs/tags/") if arguments else ""
    wanted = f"v{version(places)}"
    if tag != wanted:
        raise SetupError(f"The tag is {tag!r}, and app/__init__.py says {wanted!r}: they must be the same.")


def print_date(places: Places, _arguments: Sequence[str]) -> None:
    """`date`: when the source was last changed, as a step of a workflow keeps it for others."""
    print(f"date={source_date(places)}")


def make_installer(places: Places, _arguments: Sequence[str]) -> None:
    """`installer`: on Windows, the installer of the bundle in dist/."""
    number = version(places)
    output = places.dist / windows_installer.installer_name(number)
    print(windows_installer.compile_installer(places, places.dist / "inglenook", output, number))


def make_image(places: Places, _arguments: Sequence[str]) -> None:
    """`image`: on macOS, the signed disk image of the application in dist/."""
    image = places.dist / mac_image.image_name(version(places))
    print(mac_image.make_image(places, places.dist / APP, image))


def make_bom(places: Places, _arguments: Sequence[str]) -> None:
    """`bom`: the bill of materials of the bundle, for this system."""
    number = version(places)
    print(write_bom(places, number, places.dist / bom_name(number, SYSTEMS.get(sys.platform, "linux"))))


def smoke(places: Places, _arguments: Sequence[str]) -> None:
    """`smoke`: install what was packed as a person would, have it test itself, and remove it."""
    number = version(places)
    with tempfile.TemporaryDirectory(prefix="Inglenook größe ", ignore_cleanup_errors=True) as folder:
        if sys.platform == "win32":
            installer = places.dist / windows_installer.installer_name(number)
            _smoke_windows(installer, Path(folder).resolve() / "installed here")
        elif sys.platform == "darwin":
            _smoke_mac(places.dist / mac_image.image_name(number), Path(folder))
        else:
            raise SetupError("On Linux the packages are tried out by `packaging/dev.py packages`.")


def _smoke_windows(installer: Path, target: Path) -> None:
    # As one string: the folder must stand there without quotation marks, which a list would put around its spaces.
    _run(f'"{installer}" /S /D={target}')
    self_test([str(target / windows_installer.TERMINAL)])
    _run(f'"{target / "uninstall.exe"}" /S _?={target}')
    if (target / windows_installer.PROGRAM).exists():
        raise SetupError(f"The uninstaller left {target / windows_installer.PROGRAM}.")


def _smoke_mac(image: Path, folder: Path) -> None:
    mount = folder / "mount"
    mount.mkdir()
    _run(["hdiutil", "attach", str(image), "-nobrowse", "-readonly", "-mountpoint", str(mount)])
    try:
        _run(["ditto", str(mount / APP), str(folder / APP)])
    finally:
        _run(["hdiutil", "detach", str(mount), "-force"])
    values = plistlib.loads((folder / APP / "Contents" / "Info.plist").read_bytes())
    self_test([str(folder / APP / "Contents" / "MacOS" / values["CFBundleExecutable"])])


def _run(command: str | Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        raise SetupError(f"{command} ended with {done.returncode}:\n{(done.stdout + done.stderr).strip()}")


def self_test(program: Sequence[str]) -> None:
    """Have an installed Inglenook test itself, without a display; raises SetupError unless it says that all is well."""
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [*program, "--temp-profile", "self-test", "--json"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", env=env, timeout=SELF_TEST_SECONDS, check=False
        )
        report = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise SetupError(f"The self-test did not end within {SELF_TEST_SECONDS} seconds.") from error
    except ValueError as error:
        raise SetupError(f"The self-test ended with {done.returncode}:\n{done.stdout}{done.stderr}") from error
    if done.returncode != 0 or report.get("ok") is not True:
        raise SetupError(f"The self-test failed with {done.returncode}:\n{done.stdout}{done.stderr}")
    say(f"The installed Inglenook tested itself: {json.dumps(report)}")


def gather(places: Places, arguments: Sequence[str]) -> None:
    """`gather FOLDER`: put every file below FOLDER into dist/release with their checksums beside them."""
    if not arguments:
        raise SetupError("`release gather` takes the folder that the packages are in.", 2)
    target = places.dist / "release"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for path in sorted(path for path in Path(arguments[0]).rglob("*") if path.is_file()):
        if (target / path.name).exists():
            raise SetupError(f"Two files of the release are called {path.name}.")
        shutil.copyfile(path, target / path.name)
    (target / SUMS).write_text(sums(target), encoding="utf-8", newline="\n")
    print((target / SUMS).read_text(encoding="utf-8"), end="")


def sums(folder: Path) -> str:
    """A line for each file as `sha256sum --check` reads it, in the order of their names."""
    lines = []
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}\n")
    if not lines:
        raise SetupError(f"There is nothing to release in {folder}.")
    return "".join(lines)


STEPS: dict[str, Callable[[Places, Sequence[str]], None]] = {
    "tag": check_tag,
    "date": print_date,
    "installer": make_installer,
    "image": make_image,
    "bom": make_bom,
    "smoke": smoke,
    "gather": gather,
}
