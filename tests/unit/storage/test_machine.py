"""What is learnt about this computer is kept apart from the conversations, by migrations of its own."""

from pathlib import Path

import pytest

from app.core.errors import DatabaseNewerError
from app.storage.database import Database, open_database
from app.storage.machine import MACHINE_MIGRATIONS, open_machine
from tests.unit.storage.conftest import NOW


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
