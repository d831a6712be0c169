"""A Windows to try installers in: Wine, with a folder of its own and without a display."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dev_steps.failure import SetupError

WINE_PLACES = ("/usr/lib/wine/wine64", "/usr/bin/wine64")
SERVER_PLACES = ("/usr/lib/wine/wineserver64", "/usr/lib/wine/wineserver", "/usr/bin/wineserver")
# .NET and the browser would be offered for download, and menu entries would be written into the person's own desktop.
OVERRIDES = "mscoree,mshtml=;winemenubuilder.exe=d"
CONSOLE = "cp437"  # the code page of its console programs, which follows from the locale that they run in
SECONDS = 180
VALUE_LINE = re.compile(r"^ {4}(?P<name>.*?) {4}REG_\w+ {4}(?P<data>.*)$")


def find(names: tuple[str, ...], places: tuple[str, ...]) -> str | None:
    """A program by its names on PATH, else at one of its usual places."""
    on_path = next((path for name in names if (path := shutil.which(name))), None)
    return on_path or next((place for place in places if Path(place).is_file()), None)


def wine_program() -> str | None:
    """Wine for 64-bit programs, if it is installed."""
    return find(("wine64",), WINE_PLACES)


def values_in(answer: str) -> dict[str, str]:
    """The values that `reg query` lists; the one without a name is called ""."""
    matches = (VALUE_LINE.match(line) for line in answer.splitlines())
    found = {match["name"]: match["data"] for match in matches if match}
    return {("" if name == "(Default)" else name): data for name, data in found.items()}


@dataclass(frozen=True)
class Wine:
    """One Windows in a folder: a program's path is the host's, a folder's as Windows has it comes from `windows`."""

    program: str
    server: str
    prefix: Path
    user_name: str

    @property
    def drive(self) -> Path:
        """Its drive C."""
        return self.prefix / "drive_c"

    @property
    def user(self) -> Path:
        """Its user's folder."""
        return self.drive / "users" / self.user_name

    @property
    def local(self) -> Path:
        """Where its programs keep data that stay on this computer."""
        return self.user / "AppData" / "Local"

    @property
    def start_menu(self) -> Path:
        """Its user's programs in the Start menu."""
        return self.user / "AppData" / "Roaming" / "Microsoft" / "Windows" / "Start Menu" / "Programs"

    def environment(self, **more: str) -> dict[str, str]:
        """The variables that its programs run with."""
        return {
            **{name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")},
            "WINEPREFIX": str(self.prefix),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": OVERRIDES,
            "HOME": str(self.prefix.parent),
            "USER": self.user_name,
            "LC_ALL": "C.UTF-8",  # names of files are bytes on the host
            **more,
        }

    def windows(self, path: Path) -> str:
        """A host's path below drive C as Windows has it."""
        return "C:\\" + "\\".join(path.relative_to(self.drive).parts)

    def run(self, program: str | Path, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run a program to its end; the answer has its exit code and its output."""
        try:
            return subprocess.run(
                [self.program, str(program), *arguments],
                env=self.environment(**variables),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                encoding=CONSOLE,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise SetupError(f"Under Wine {Path(program).name} did not end within {SECONDS} seconds.") from error

    def start(self, program: str | Path, *arguments: str, **variables: str) -> "subprocess.Popen[bytes]":
        """Start a program and leave it running."""
        command = [self.program, str(program), *arguments]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(command, env=self.environment(**variables), stdin=quiet, stdout=quiet, stderr=quiet)

    def wait(self) -> None:
        """Wait until no program runs any more, also of those that others started."""
        subprocess.run([self.server, "-w"], env=self.environment(), timeout=SECONDS, check=False)

    def become(self, version: str) -> None:
        """Answer as another Windows, such as "win7" or "win10"."""
        self.run("winecfg", "/v", version)

    def query(self, key: str) -> dict[str, str]:
        """The values of a registry key; empty when there is no such key."""
        return values_in(self.run("reg", "query", key).stdout)

    def has_key(self, key: str) -> bool:
        """Whether the registry has this key."""
        return self.run("reg", "query", key).returncode == 0

    def set_value(self, key: str, data: str) -> None:
        """Set the value without a name of a registry key."""
        self.run("reg", "add", key, "/ve", "/d", data, "/f")

    def registry(self) -> str:
        """All that the registry holds for the user, as text."""
        return (self.prefix / "user.reg").read_text(encoding="utf-8", errors="replace")


@contextmanager
def windows_in(folder: Path) -> Iterator[Wine]:
    """A fresh Windows in `folder` for as long as the block runs; its processes end with it."""
    program, server = wine_program(), find(("wineserver",), SERVER_PLACES)
    if program is None or server is None:
        raise SetupError("Wine for 64-bit programs is not installed.")
    wine = Wine(program, server, folder / "prefix", "tester")
    started = wine.run("wineboot", "--init")
    if started.returncode != 0 or not wine.drive.is_dir():
        raise SetupError(f"Wine could not set up its folder:\n{started.stderr.strip()}")
    try:
        yield wine
    finally:
        subprocess.run([server, "-k"], env=wine.environment(), check=False)
        subprocess.run([server, "-w"], env=wine.environment(), check=False)
