"""The profile folder is made, private, and tried before anything relies on it."""

import sys
from pathlib import Path

import pytest

from app.core.errors import DiskFullError, ProfileError, StorageError
from app.storage.failures import file_failures
from app.storage.profile import prepare_profile
from tests.unit.storage.conftest import MakeReadOnly


def test_a_missing_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    prepare_profile(folder)
    assert folder.is_dir()
    assert list(folder.iterdir()) == []
    if sys.platform != "win32":
        assert folder.stat().st_mode & 0o777 == 0o700


def test_an_existing_profile_is_closed_to_others_and_keeps_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "profile"
    for name in ("logs", "states", "models"):
        (folder / name).mkdir(mode=0o755, parents=True)
    ours = [folder / name for name in ("conversations.db", "conversations.db-wal", "lock.json", "logs/inglenook.log")]
    others = [folder / name for name in ("holiday.jpg", "models/big.gguf")]
    for path in (*ours, *others):
        path.write_bytes(b"chats")
        path.chmod(0o644)
    folder.chmod(0o755)
    prepare_profile(folder)
    prepare_profile(folder)
    assert {path.read_bytes() for path in (*ours, *others)} == {b"chats"}
    if sys.platform != "win32":
        assert {path.stat().st_mode & 0o777 for path in (folder, folder / "logs", folder / "states")} == {0o700}
        assert {path.stat().st_mode & 0o777 for path in ours} == {0o600}
        assert {path.stat().st_mode & 0o777 for path in others} == {0o644}, "they are not ours"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such rights")
def test_a_folder_that_all_share_stays_open_and_links_are_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text("{}")
    elsewhere.chmod(0o644)
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o1777)
    (folder / "settings.json").symlink_to(elsewhere)
    prepare_profile(folder)
    assert folder.stat().st_mode & 0o7777 == 0o1777
    assert elsewhere.stat().st_mode & 0o777 == 0o644


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path, make_read_only: MakeReadOnly) -> None:
    make_read_only(tmp_path)
    for folder in (tmp_path, tmp_path / "new"):
        with pytest.raises(ProfileError) as caught:
            prepare_profile(folder)
        assert str(folder) in caught.value.sentence


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_file_in_the_way_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ProfileError) as caught:
        prepare_profile(tmp_path / name)
    assert str(tmp_path / name) in caught.value.sentence
    assert (tmp_path / "file").read_text() == "in the way"


def test_each_failure_of_the_system_is_a_known_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as missing, file_failures(tmp_path / "gone"):
        (tmp_path / "gone").read_bytes()
    assert type(missing.value) is StorageError
    assert str(tmp_path / "gone") in missing.value.sentence
    assert "FileNotFoundError" in missing.value.detail


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_no_room_is_told_from_other_failures() -> None:
    full = Path("/dev/full")
    with pytest.raises(DiskFullError), file_failures(full), full.open("wb", buffering=0) as file:
        file.write(b"x")
