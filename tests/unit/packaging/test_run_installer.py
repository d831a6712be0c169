"""Installs, renews and removes a small application by the script that the installer begins with."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dev_steps import linux_tree, run_installer
from dev_steps.bundle import Bundle
from dev_steps.places import Places

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="an installer for Linux")
ROOT = Path(__file__).resolve().parents[3]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "a höme $x `y"
    folder.mkdir()
    return folder


@pytest.fixture
def installer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    places = Places(tmp_path / "checkout", tmp_path / "cache")
    (places.root / "app").mkdir(parents=True)
    places.dist.mkdir()
    (places.root / "packaging").symlink_to(ROOT / "packaging")
    (places.root / "app" / "__init__.py").write_text('__version__ = "1.2.3"\n', encoding="utf-8")
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    program = bundle / "inglenook"
    program.write_text('#!/bin/sh\necho "here $1"\n', encoding="utf-8")
    program.chmod(0o755)

    def write_share(places: Places, share: Path) -> None:
        entry = linux_tree.source(places, f"{linux_tree.APPLICATION_ID}.desktop").read_text(encoding="utf-8")
        linux_tree.write(share / "applications" / f"{linux_tree.APPLICATION_ID}.desktop", entry)

    monkeypatch.setattr(linux_tree, "write_share", write_share)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    made = run_installer.make(places, Bundle(bundle, 1000, 0, 0))
    assert made.name == "Inglenook-1.2.3-x86_64.run"
    return made


@pytest.fixture
def run(installer: Path, home: Path) -> Run:
    def go(*arguments: str | Path, script: Path = installer) -> "subprocess.CompletedProcess[str]":
        command = ["sh", str(script), *map(str, arguments)]
        env = {"PATH": "/usr/bin:/bin", "HOME": str(home)}
        return subprocess.run(command, env=env, cwd=home, capture_output=True, text=True, check=False)

    return go


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def test_installed_started_renewed_and_removed(run: Run, home: Path) -> None:
    first = run()
    assert first.returncode == 0, first.stderr
    command = home / ".local" / "bin" / "inglenook"
    assert subprocess.run([command, "x"], capture_output=True, text=True, check=True).stdout == "here x\n"
    chats = home / ".local" / "share" / "Inglenook" / "conversations.db"
    chats.parent.mkdir()
    chats.touch()
    assert run("--quiet").returncode == 0
    removed = run("--uninstall", script=home / ".local" / "share" / "inglenook-app" / "uninstall.sh")
    assert removed.returncode == 0, removed.stderr
    left = {name for name in files(home) if "mime" not in name and "mimeinfo.cache" not in name}
    assert left == {".local/share/Inglenook/conversations.db"}


def test_the_entry_in_the_menus_names_the_program_as_the_specification_wants_it(run: Run, home: Path) -> None:
    assert run().returncode == 0
    entry = home / ".local" / "share" / "applications" / f"{linux_tree.APPLICATION_ID}.desktop"
    lines = entry.read_text(encoding="utf-8").splitlines()
    program = str(home / ".local" / "share" / "inglenook-app" / "inglenook")
    quoted = program.replace("$", r"\\$").replace("`", r"\\`")
    assert f'Exec="{quoted}" %f' in lines
    assert not any(line.startswith("TryExec") for line in lines)


def test_a_damaged_file_changes_nothing(run: Run, installer: Path, home: Path) -> None:
    content = bytearray(installer.read_bytes())
    content[-10] ^= 1
    installer.write_bytes(content)
    refused = run()
    assert refused.returncode == 1
    assert "SHA-256" in refused.stderr
    assert files(home) == set()


def test_a_folder_of_somebody_else_is_left_alone(run: Run, home: Path) -> None:
    other = home / "other"
    other.mkdir()
    (other / "letter.txt").touch()
    refused = run("--dir", other)
    assert refused.returncode == 1
    assert "was not made by this installer" in refused.stderr
    assert files(home) == {"other/letter.txt"}


def test_another_folder_takes_the_place_of_the_one_before(run: Run, home: Path) -> None:
    assert run().returncode == 0
    assert run("--dir", "elsewhere/it", "--quiet").returncode == 0
    assert not (home / ".local" / "share" / "inglenook-app").exists()
    assert (home / ".local" / "bin" / "inglenook").resolve() == home.resolve() / "elsewhere" / "it" / "inglenook"


def test_portable_keeps_what_is_the_users_when_it_is_renewed(run: Run, home: Path) -> None:
    stick = home / "stick"
    assert run("--portable", stick).returncode == 0
    assert files(home) == {"stick/Inglenook/inglenook", "stick/Inglenook/portable.txt"}
    data = stick / "Inglenook" / "data" / "conversations.db"
    data.parent.mkdir()
    data.touch()
    assert run("--portable", stick, "--quiet").returncode == 0
    assert data.is_file()
    assert (stick / "Inglenook" / "inglenook").is_file()


@pytest.mark.parametrize("arguments", [["--nonsense"], ["--dir"], ["--portable", ""]])
def test_what_is_not_understood(run: Run, home: Path, arguments: list[str]) -> None:
    answer = run(*arguments)
    assert answer.returncode == 2
    assert "Usage" in answer.stderr
    assert files(home) == set()


def test_the_same_bundle_gives_the_same_bytes(tmp_path: Path) -> None:
    packed = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        for file in ("b", "a") if name == "one" else ("a", "b"):
            (folder / file).write_text(file, encoding="utf-8")
        target = tmp_path / f"{name}.tar.gz"
        with target.open("wb") as file_object:
            run_installer.pack({"inglenook": folder}, file_object, 1700000000)
        packed.append(target.read_bytes())
    assert packed[0] == packed[1]
