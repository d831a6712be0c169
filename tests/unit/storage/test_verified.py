"""A remembered checksum holds for as long as the file stays the same."""

import os
from pathlib import Path

import pytest

from app.core.errors import StorageError
from app.storage.database import Database
from app.storage.machine import open_machine
from app.storage.verified import VerifiedFiles
from tests.unit.storage.conftest import NOW

SHA256 = "a" * 64
OTHER = "b" * 64


@pytest.fixture
def verified(machine: Database) -> VerifiedFiles:
    return VerifiedFiles(machine)


@pytest.fixture
def model(model_file: Path) -> Path:
    return model_file


def test_an_unknown_file_has_no_checksum(verified: VerifiedFiles, model: Path) -> None:
    assert verified.sha256(model) is None


def test_an_unchanged_file_keeps_its_checksum_over_a_restart(
    verified: VerifiedFiles, model: Path, machine: Database
) -> None:
    verified.remember(model, SHA256)
    assert verified.sha256(model) == SHA256
    machine.close()
    again = open_machine(machine.path, NOW).database
    assert VerifiedFiles(again).sha256(model) == SHA256
    again.close()


def test_a_file_of_another_size_has_to_be_read_again(verified: VerifiedFiles, model: Path) -> None:
    verified.remember(model, SHA256)
    status = model.stat()
    model.write_bytes(b"GGUF")
    os.utime(model, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert verified.sha256(model) is None


def test_a_file_written_at_another_time_has_to_be_read_again(verified: VerifiedFiles, model: Path) -> None:
    verified.remember(model, SHA256)
    status = model.stat()
    os.utime(model, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000))
    assert verified.sha256(model) is None


def test_remembering_again_replaces(verified: VerifiedFiles, model: Path) -> None:
    verified.remember(model, SHA256)
    model.write_bytes(b"GGUF2")
    verified.remember(model, OTHER)
    assert verified.sha256(model) == OTHER


def test_files_are_told_apart(verified: VerifiedFiles, model: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.gguf"
    copy.write_bytes(model.read_bytes())
    os.utime(copy, ns=(model.stat().st_atime_ns, model.stat().st_mtime_ns))
    verified.remember(model, SHA256)
    assert verified.sha256(copy) is None


def test_a_relative_path_is_the_same_file(
    verified: VerifiedFiles, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified.remember(model, SHA256)
    monkeypatch.chdir(model.parent)
    assert verified.sha256(Path(model.name)) == SHA256


def test_a_missing_file_has_no_checksum_and_is_not_remembered(verified: VerifiedFiles, model: Path) -> None:
    verified.remember(model, SHA256)
    model.unlink()
    assert verified.sha256(model) is None
    with pytest.raises(StorageError) as caught:
        verified.remember(model, SHA256)
    assert str(model) in caught.value.sentence
