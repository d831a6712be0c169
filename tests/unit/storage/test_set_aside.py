"""A damaged file moves with the files beside it, or nothing moves."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.errors import StorageError
from app.storage.set_aside import set_aside
from tests.unit.storage.conftest import NOW


def test_the_files_beside_it_move_along_under_the_matching_name(path: Path) -> None:
    for suffix in ("", "-wal", "-other"):
        path.with_name(path.name + suffix).write_text(f"old{suffix}")
    target = set_aside(path, NOW, ("-wal", "-shm"))
    assert {file.name: file.read_text() for file in path.parent.iterdir()} == {
        target.name: "old",
        target.name + "-wal": "old-wal",
        path.name + "-other": "old-other",
    }


def test_a_name_that_is_taken_only_beside_is_not_used(path: Path) -> None:
    path.write_text("old")
    taken = path.with_name("conversations-damaged-2026-11-23T150000.db-wal")
    taken.write_text("an older log")
    target = set_aside(path, NOW, ("-wal",))
    assert target.name == "conversations-damaged-2026-11-23T150000-2.db"
    assert taken.read_text() == "an older log"


def test_when_the_file_itself_cannot_move_the_others_come_back(path: Path, pin: Callable[[Path], None]) -> None:
    log = path.with_name(path.name + "-wal")
    path.write_text("old")
    log.write_text("old log")
    pin(path)
    with pytest.raises(StorageError) as caught:
        set_aside(path, NOW, ("-wal", "-shm"))
    assert str(path) in caught.value.sentence
    assert {file.name: file.read_text() for file in path.parent.iterdir()} == {
        path.name: "old",
        log.name: "old log",
    }
