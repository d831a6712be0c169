"""Real disks and real processes for the tests of storage."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.storage.conversations import ConversationStore
from app.storage.database import Database, open_database

NOW = datetime(2026, 11, 23, 15, 0, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[3]

StartProcess = Callable[..., subprocess.Popen[str]]
MakeReadOnly = Callable[[Path], None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "conversations.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    opened = open_database(path, NOW).database
    yield opened
    opened.close()


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    """A small file with a name that is not plain ASCII."""
    path = tmp_path / "Größe 🪵.gguf"
    path.write_bytes(b"GGUF" * 100)
    return path


@pytest.fixture
def store(database: Database) -> ConversationStore:
    return ConversationStore(database)


@pytest.fixture
def start_process() -> Iterator[StartProcess]:
    """Start Python on a script and wait until it prints "ready"; killed at the end of the test at the latest."""
    started: list[subprocess.Popen[str]] = []

    def start(script: str, *arguments: str | Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", script, *map(str, arguments)]
        process = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    _mount("-t", "tmpfs", "-o", "size=256k", "tmpfs", folder)
    yield folder
    _unmount(folder)


@pytest.fixture
def make_read_only() -> Iterator[MakeReadOnly]:
    """Let nothing be made or changed in a folder by this user, root included, until the end of the test."""
    with ExitStack() as undo:

        def make(folder: Path) -> None:
            if sys.platform != "win32" and os.geteuid() != 0:
                folder.chmod(0o500)
                undo.callback(folder.chmod, 0o700)
                return
            _mount("--bind", folder, folder)
            undo.callback(_unmount, folder)
            _mount("-o", "remount,bind,ro", folder)

        yield make


@pytest.fixture
def pin() -> Iterator[Callable[[Path], None]]:
    """Let a file be read and written but not renamed, until the end of the test."""
    with ExitStack() as undo:

        def make(file: Path) -> None:
            _mount("--bind", file, file)
            undo.callback(_unmount, file)

        yield make


def _mount(*arguments: str | Path) -> None:
    """Call mount; skips the test where this user may not."""
    if not sys.platform.startswith("linux") or shutil.which("mount") is None:
        pytest.skip("needs mount")
    done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"needs the right to mount: {done.stderr.strip()}")


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def kill(process: subprocess.Popen[str]) -> None:
    """End a process as `kill -9` does: it gets no chance to tidy up."""
    process.kill()
    process.wait()


def trash_in(data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have the trash in this folder of the user's data; where it will be."""
    import send2trash.plat_other as trash  # type: ignore[import-untyped]

    # The library asks for the place once, when it is read, which may have been before this test.
    monkeypatch.setattr(trash, "XDG_DATA_HOME", str(data))
    monkeypatch.setattr(trash, "HOMETRASH_B", os.fsencode(data / "Trash"))
    monkeypatch.setenv("HOME", str(data.parent))  # the trash of the disk that the user's home is on
    monkeypatch.setattr("send2trash.send2trash", trash.send2trash)
    return data / "Trash"
