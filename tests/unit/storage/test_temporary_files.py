"""Temporary files lie in the profile, and nothing of a killed process stays there."""

import os
import sys
import tempfile
from pathlib import Path

from app.storage.temporary_files import TemporaryFiles
from tests.unit.storage.conftest import StartProcess, kill

HOLD = """
import sys, tempfile
from pathlib import Path
from app.storage.temporary_files import TemporaryFiles
TemporaryFiles(Path(sys.argv[1])).begin()
Path(tempfile.mkdtemp(), "half written").write_text("a secret")
print("ready", flush=True)
sys.stdin.read()
"""


def test_temporary_files_lie_in_the_profile_until_the_end(tmp_path: Path) -> None:
    before = tempfile.gettempdir()
    files = TemporaryFiles(tmp_path / "profile" / "tmp")
    files.begin()
    made = Path(tempfile.mkdtemp())
    assert made.is_relative_to(tmp_path / "profile" / "tmp")
    if sys.platform != "win32":
        assert {p.stat().st_mode & 0o777 for p in (tmp_path / "profile", *made.parents[:2])} == {0o700}
    files.end()
    assert tempfile.gettempdir() == before
    assert list((tmp_path / "profile").iterdir()) == []
    files.end()


def test_what_a_killed_process_left_is_removed_and_a_living_one_s_is_not(
    tmp_path: Path, start_process: StartProcess
) -> None:
    living = start_process(HOLD, tmp_path / "tmp")
    killed = start_process(HOLD, tmp_path / "tmp")
    kill(killed)
    (tmp_path / "tmp" / "loose").write_text("left by nobody knows whom")
    files = TemporaryFiles(tmp_path / "tmp")
    files.begin()
    owners = {int(p.name.partition("-")[0]) for p in (tmp_path / "tmp").iterdir()}
    files.end()
    assert owners == {living.pid, os.getpid()}
    living.communicate("")
