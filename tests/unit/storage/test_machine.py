"""What is learnt about this computer is kept apart from the conversations, by migrations of its own."""

import shutil
from pathlib import Path

import pytest

from app.core.download import DownloadState
from app.core.errors import DatabaseNewerError
from app.core.model_file import FileStamp
from app.storage.connections import ConnectionStore
from app.storage.database import Database, open_database
from app.storage.downloads import DownloadStore
from app.storage.library import LibraryIndex
from app.storage.machine import MACHINE_MIGRATIONS, open_machine
from app.storage.model_checks import ModelCheckStore
from app.storage.model_choices import ModelChoice, ModelChoiceStore
from app.storage.speed_reports import SpeedReportStore
from app.storage.stored_version import stored_version
from app.storage.this_computer import ThisComputerStore
from tests.unit.storage.conftest import NOW, ROOT

SAMPLES = ROOT / "tests" / "data"
MODEL = Path("/models/Zwölf-7B-Q4_K_M.gguf")  # which is not there: the samples remember it
STAMP = FileStamp(4_400_000_000, 1_700_000_000_000_000_000)


def test_it_opens_again_at_its_own_version(machine: Database) -> None:
    machine.close()
    again = open_machine(machine.path, NOW)
    assert again.set_aside is None
    assert again.database.read("PRAGMA user_version")[0][0] == len(MACHINE_MIGRATIONS)
    again.database.close()


def test_a_damaged_one_is_set_aside_and_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "machine.db"
    path.write_bytes(b"nonsense" * 1000)
    opened = open_machine(path, NOW)
    assert opened.set_aside is not None
    assert opened.database.read("SELECT * FROM model_checks") == []
    opened.database.close()


def test_a_newer_one_is_refused_by_its_own_count_of_versions(machine: Database) -> None:
    with machine.transaction() as connection:
        connection.execute(f"PRAGMA user_version = {len(MACHINE_MIGRATIONS) + 1}")
    machine.close()
    with pytest.raises(DatabaseNewerError) as caught:
        open_machine(machine.path, NOW)
    assert f"known are {len(MACHINE_MIGRATIONS)}" in caught.value.detail


def test_the_conversations_know_nothing_of_it(tmp_path: Path) -> None:
    opened = open_database(tmp_path / "conversations.db", NOW)
    names = {row[0] for row in opened.database.read("SELECT name FROM sqlite_master WHERE type = 'table'")}
    opened.database.close()
    assert "conversations" in names
    assert "model_checks" not in names


def test_its_migrations_are_named_by_their_number() -> None:
    for number, migration in enumerate(MACHINE_MIGRATIONS, start=1):
        assert migration.__name__.startswith(f"m{number:03d}_")
        assert migration.__doc__


@pytest.mark.parametrize("version", [2, 3, 4, 5])
def test_one_of_an_earlier_version_opens_with_all_it_holds(tmp_path: Path, version: int) -> None:
    path = tmp_path / "machine.db"
    shutil.copy(SAMPLES / f"machine-v{version}.db", path)
    assert stored_version(path) == version
    opened = open_machine(path, NOW)
    database = opened.database
    assert opened.set_aside is None
    assert database.read("PRAGMA user_version")[0][0] == len(MACHINE_MIGRATIONS)
    choice = ModelChoiceStore(database).get(MODEL)
    assert choice == ModelChoice({"context_length": 8192, "gpu_layers": 12}, {"temperature": 0.3})
    trial = ModelCheckStore(database).get(MODEL, STAMP, "0.3.36-21")
    assert trial is None if version == 2 else trial is not None and trial.ok, "version 2 wrote a trial in another form"
    assert database.read("SELECT sha256 FROM verified_files")[0][0] == "ab" * 32
    (report,) = SpeedReportStore(database).list()
    assert (report.model_name, report.sha256) == ("Zwölf 7B", "ab" * 32)
    assert ThisComputerStore(database).get() == ('{"kept": "as it was"}' if version > 2 else None)
    downloads = DownloadStore(database).list()
    assert [(one.name, one.state) for one in downloads] == ([("Zwölf 7B", DownloadState.PAUSED)] if version > 3 else [])
    library = LibraryIndex(database).all()
    assert [(one.name, one.quantization) for one in library] == ([("Zwölf 7B", "Q4_K_M")] if version > 4 else [])
    assert ConnectionStore(database).newest() == []
    database.close()


def test_every_version_that_was_in_use_has_a_sample() -> None:
    """The first was never in use: the second came with it."""
    assert sorted(SAMPLES.glob("machine-v*.db")) == [
        SAMPLES / f"machine-v{version}.db" for version in range(2, len(MACHINE_MIGRATIONS))
    ]
