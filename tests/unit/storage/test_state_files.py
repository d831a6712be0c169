"""Whose state a file is, how much all may fill, and that nothing of a deleted conversation stays."""

import os
import stat
import sys
import time
from pathlib import Path

import pytest

from app.core.errors import StorageError
from app.storage.state_files import StateFiles


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "states"


@pytest.fixture
def files(folder: Path) -> StateFiles:
    return StateFiles(folder)


def save(files: StateFiles, conversation_id: int, key: str = "abc", size: int = 100, age: float = 0.0) -> Path:
    """A state with its sidecar, last used `age` seconds ago."""
    path = files.place(conversation_id, key)
    assert path is not None
    path.write_bytes(bytes(size))
    path.with_name(path.name + ".json").write_text("{}")
    os.utime(path, (time.time() - age,) * 2)
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="rights are different there")
def test_the_folder_is_for_this_user_only(files: StateFiles, folder: Path) -> None:
    files.place(1, "abc")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_state_is_found_by_conversation_and_model(files: StateFiles) -> None:
    path = save(files, 7)
    assert files.find(7, "abc") == path
    assert files.find(7, "other") is None
    assert files.find(1, "abc") is None
    assert files.size(path) == 100


def test_the_longest_unused_goes_first_and_finding_is_using(files: StateFiles, folder: Path) -> None:
    for number in (1, 2, 3):
        save(files, number, age=100 * number)
    assert files.find(3, "abc") is not None
    files.keep_within(250)
    assert names(folder) == ["1-abc.state", "1-abc.state.json", "3-abc.state", "3-abc.state.json"]
    files.keep_within(10)
    assert names(folder) == []


def test_forgetting_a_conversation_deletes_its_states_and_places_none_again(files: StateFiles, folder: Path) -> None:
    save(files, 1)
    save(files, 1, "def")
    save(files, 11)
    files.forget(1)
    assert names(folder) == ["11-abc.state", "11-abc.state.json"]
    assert files.place(1, "abc") is None


def test_what_belongs_to_nobody_goes_at_the_start(files: StateFiles, folder: Path) -> None:
    kept = save(files, 1)
    save(files, 2)
    (folder / "nonsense.state").write_bytes(b"x")
    for name, age in (("3-abc.state.json", 9999), (".4-abc.state.77.part", 9999), (".5-abc.state.78.part", 1)):
        (folder / name).write_bytes(b"x")
        os.utime(folder / name, (time.time() - age,) * 2)
    files.keep_only({1})
    assert names(folder) == [".5-abc.state.78.part", kept.name, kept.name + ".json"], (
        "a fresh part may be in the making"
    )


def test_without_a_folder_there_is_nothing_to_do(files: StateFiles, folder: Path) -> None:
    files.keep_only({1})
    files.clear()
    files.forget(1)
    assert files.find(2, "abc") is None
    assert not folder.exists()


def test_a_cache_leaves_the_disk_some_room(files: StateFiles) -> None:
    files.place(1, "abc")
    assert not files.has_room(10**18)


def test_a_folder_that_cannot_be_made_is_a_known_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError):
        StateFiles(tmp_path / "file" / "states").place(1, "abc")


def test_states_with_deleted_messages_go_until_the_conversation_was_read_anew(files: StateFiles, folder: Path) -> None:
    save(files, 1)
    save(files, 2)
    files.outdate(1)
    assert names(folder) == ["2-abc.state", "2-abc.state.json"]
    assert files.place(1, "abc") is None
    files.renew(1)
    save(files, 1)
    assert len(names(folder)) == 4
