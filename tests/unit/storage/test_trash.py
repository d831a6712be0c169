"""The trash: files go there whole, or stay."""

import os
from pathlib import Path

import pytest

from app.core.errors import StorageError
from app.storage.trash import to_trash
from tests.unit.storage.conftest import trash_in


def file(path: Path, size: int = 100) -> Path:
    path.write_bytes(bytes(size))
    return path


def test_files_can_be_fetched_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trash = trash_in(tmp_path / "data", monkeypatch)
    files = [file(tmp_path / "a.gguf"), file(tmp_path / "Größe.gguf", 50)]
    assert to_trash(files) == 150
    assert not any(one.exists() for one in files)
    assert {one.name for one in (trash / "files").iterdir()} == {"a.gguf", "Größe.gguf"}
    assert "a.gguf" in (trash / "info/a.gguf.trashinfo").read_text(encoding="utf-8")


def test_a_read_only_file_stays_and_so_does_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trash = trash_in(tmp_path / "data", monkeypatch)
    files = [file(tmp_path / "a.gguf"), file(tmp_path / "b.gguf")]
    files[1].chmod(0o444)
    with pytest.raises(StorageError, match="read-only"):
        to_trash(files)
    assert all(one.exists() for one in files)
    assert not trash.exists()


def test_without_a_trash_nothing_is_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trash_in(file(tmp_path / "data"), monkeypatch)  # a file where the trash's folder should be
    model = file(tmp_path / "a.gguf")
    with pytest.raises(StorageError, match="is still there"):
        to_trash([model])
    assert model.stat().st_size == 100


def test_a_file_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"none\.gguf"):
        to_trash([tmp_path / "none.gguf"])


def test_a_link_frees_nothing_and_leaves_what_it_leads_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trash_in(tmp_path / "data", monkeypatch)
    model = file(tmp_path / "a.gguf")
    (tmp_path / "link.gguf").symlink_to(model)
    os.link(model, tmp_path / "second.gguf")
    assert to_trash([tmp_path / "link.gguf", tmp_path / "second.gguf"]) == 0
    assert model.stat().st_size == 100
