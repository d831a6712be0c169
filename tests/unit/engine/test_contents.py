"""What the files of a load hold has a name that a move does not change, and a change of what they hold does."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.model import LoadParameters, LoraAdapter
from app.engine.contents import content_of

PART = "m-{:05d}-of-00002.gguf"


def sha256_of(path: Path) -> str | None:
    """The text in the file stands for its checksum; an empty file's is not known."""
    return path.read_text(encoding="ascii") or None


@pytest.fixture
def load(tmp_path: Path) -> LoadParameters:
    return filled(tmp_path / "here")


def filled(folder: Path) -> LoadParameters:
    """A model in two files with an adapter."""
    folder.mkdir()
    for name, text in ((PART.format(1), "aa"), (PART.format(2), "weights"), ("adapter.gguf", "bb")):
        (folder / name).write_text(text, encoding="ascii")
        os.utime(folder / name, ns=(5, 5))
    return LoadParameters(folder / PART.format(1), adapters=(LoraAdapter(folder / "adapter.gguf", 0.5),))


def test_the_same_files_elsewhere_have_the_same_name(load: LoadParameters, tmp_path: Path) -> None:
    name = content_of(load, sha256_of)
    assert name
    assert content_of(filled(tmp_path / "there"), sha256_of) == name


@pytest.mark.parametrize("file", [PART.format(1), PART.format(2), "adapter.gguf"])
def test_each_file_counts(load: LoadParameters, file: str) -> None:
    name = content_of(load, sha256_of)
    (load.path.parent / file).write_text("other", encoding="ascii")
    assert content_of(load, sha256_of) not in ("", name)


def test_an_adapter_less_is_another_content(load: LoadParameters) -> None:
    assert content_of(replace(load, adapters=()), sha256_of) != content_of(load, sha256_of)


@pytest.mark.parametrize("file", [PART.format(1), "adapter.gguf"])
def test_what_is_not_known_has_no_name(load: LoadParameters, file: str) -> None:
    (load.path.parent / file).write_text("", encoding="ascii")
    assert content_of(load, sha256_of) == ""


def test_a_part_that_is_gone_leaves_no_name(load: LoadParameters) -> None:
    (load.path.parent / PART.format(2)).unlink()
    assert content_of(load, sha256_of) == ""
