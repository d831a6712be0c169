"""Copies of models: whole or not at all."""

import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.core.cancel import CancelToken
from app.core.errors import CancelledError, DiskFullError, ModelFileError, StorageError
from app.storage import model_copy
from app.storage.download_disk import RESERVE_BYTES
from app.storage.model_copy import copy_model
from tests.app_stores import sha256


def parts(folder: Path) -> list[Path]:
    folder.mkdir()
    files = [folder / f"big-0000{n}-of-00002.gguf" for n in (1, 2)]
    for number, file in enumerate(files):
        file.write_bytes(bytes([number]) * 1_000_000)
    return files


def copy(files: list[Path], target: Path, cancel: CancelToken | None = None) -> tuple[list[float], list[Path]]:
    progress: list[float] = []
    copied = copy_model(files, target, cancel or CancelToken(), progress.append)
    assert [digest for _, digest in copied] == [sha256(file) for file in files]
    return progress, [path for path, _ in copied]


def test_all_files_with_progress_and_their_checksums(tmp_path: Path) -> None:
    files = parts(tmp_path / "from")
    progress, copied = copy(files, tmp_path / "new/models")
    assert [path.read_bytes() for path in copied] == [file.read_bytes() for file in files]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0


def test_never_over_another_file(tmp_path: Path) -> None:
    files = parts(tmp_path / "from")
    other = tmp_path / "to" / files[1].name
    other.parent.mkdir()
    other.write_bytes(b"another")
    with pytest.raises(ModelFileError, match="is there already"):
        copy(files, tmp_path / "to")
    assert [path.read_bytes() for path in other.parent.iterdir()] == [b"another"]


def test_stopped_in_the_middle_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_copy, "_READ_BYTES", 1000)
    files, cancel = parts(tmp_path / "from"), CancelToken()
    with pytest.raises(CancelledError):
        copy_model(files, tmp_path / "to", cancel, lambda fraction: cancel.cancel() if fraction > 0.7 else None)
    assert list((tmp_path / "to").iterdir()) == []
    assert all(file.exists() for file in files)


def test_a_source_that_vanishes_leaves_nothing(tmp_path: Path) -> None:
    files = parts(tmp_path / "from")
    files[1].unlink()
    with pytest.raises(ModelFileError, match="cannot be read"):
        copy(files, tmp_path / "to")
    assert list((tmp_path / "to").iterdir()) == []


def test_room_is_asked_for_beforehand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = SimpleNamespace(free=RESERVE_BYTES + 1_999_999)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    with pytest.raises(DiskFullError, match=r"2\.0 MB"):
        copy(parts(tmp_path / "from"), tmp_path / "to")
    free.free += 1
    copy([tmp_path / "from/big-00001-of-00002.gguf", tmp_path / "from/big-00002-of-00002.gguf"], tmp_path / "to")


def test_a_target_that_is_no_folder_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "to").write_bytes(b"")
    with pytest.raises(StorageError):
        copy(parts(tmp_path / "from"), tmp_path / "to")


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_planted_link_leads_nobody_into_another_file(tmp_path: Path) -> None:
    precious, source, folder = tmp_path / "precious", tmp_path / "x.gguf", tmp_path / "models"
    precious.write_text("mine", encoding="utf-8")
    source.write_bytes(b"GGUF")
    folder.mkdir()
    (folder / f"x.gguf{model_copy.UNFINISHED}").symlink_to(precious)
    copy_model((source,), folder, CancelToken(), lambda _: None)
    assert (folder / "x.gguf").read_bytes() == b"GGUF"
    assert precious.read_text(encoding="utf-8") == "mine"
