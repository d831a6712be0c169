"""Folders of models as they are found in the wild."""

import os
import sys
from pathlib import Path

import pytest

from app.storage.model_folders import models_in, stamp_of


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"GGUF")


def found(folder: Path) -> list[list[str]]:
    return [[file.relative_to(folder).as_posix() for file in one.files] for one in models_in(folder)]


def test_models_and_nothing_else(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "a-Q4_K_M.gguf",
        "B.GGUF",
        "deep/er/c.gguf",
        "mmproj-c-f16.gguf",
        "c-imatrix.gguf",
        "my-lora-r16.gguf",
        "mtp-c.gguf",
        "d.gguf.part",
        "d.gguf.damaged",
        "d.gguf.copying",
        "readme.md",
    )
    assert found(tmp_path) == [["B.GGUF"], ["a-Q4_K_M.gguf"], ["deep/er/c.gguf"]]


def test_the_folders_above_do_not_make_a_model_something_else(tmp_path: Path) -> None:
    touch(tmp_path, "draft-models/a.gguf")
    assert found(tmp_path / "draft-models") == [["a.gguf"]]


def test_split_files_are_one_model(tmp_path: Path) -> None:
    parts = [f"big-0000{n}-of-00003.gguf" for n in (1, 2, 3)]
    touch(tmp_path, *parts)
    assert found(tmp_path) == [parts]


def test_an_incomplete_one_is_told_unless_it_is_on_its_way(tmp_path: Path) -> None:
    touch(tmp_path, "broken/a-00002-of-00003.gguf", "coming/b-00001-of-00002.gguf", "coming/b-00002-of-00002.gguf.part")
    assert found(tmp_path) == [["broken/a-00002-of-00003.gguf"]]


def test_loops_of_links_end(tmp_path: Path) -> None:
    touch(tmp_path, "a/x.gguf")
    (tmp_path / "a/up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "b").symlink_to(tmp_path / "a", target_is_directory=True)
    (tmp_path / "round").symlink_to(tmp_path / "round")
    assert found(tmp_path) == [["a/x.gguf"]]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are Unicode")
def test_names_that_are_no_utf8(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"Gr\xf6\xdfe-Q8_0.gguf")).write_bytes(b"GGUF")
    (one,) = models_in(tmp_path)
    assert os.fsencode(one.path.name) == b"Gr\xf6\xdfe-Q8_0.gguf"
    assert stamp_of(one.files).size_bytes == 4


def test_a_folder_that_is_gone_or_a_file_has_none(tmp_path: Path) -> None:
    touch(tmp_path, "x.gguf")
    assert found(tmp_path / "none") == []
    assert found(tmp_path / "x.gguf") == []


def test_the_stamp_is_that_of_all_files(tmp_path: Path) -> None:
    touch(tmp_path, "a.gguf", "b.gguf")
    os.utime(tmp_path / "b.gguf", ns=(1, 1))
    stamp = stamp_of((tmp_path / "b.gguf", tmp_path / "a.gguf"))
    assert (stamp.size_bytes, stamp.first_size_bytes, stamp.first_mtime_ns) == (8, 4, 1)
    assert stamp.mtime_ns == (tmp_path / "a.gguf").stat().st_mtime_ns
