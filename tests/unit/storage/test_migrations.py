"""Old databases open, every step is one transaction, and a failing step leaves the database as it was."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from app.core.conversation import Draft, MessageState, Role
from app.core.errors import DatabaseNewerError, StorageError
from app.core.generation import GenerationStatistics, StopReason
from app.storage.conversations import ConversationStore
from app.storage.database import Database, migrate, open_database
from app.storage.drafts import DraftStore
from app.storage.migrations import MIGRATIONS
from app.storage.stored_version import stored_version
from tests.unit.storage.conftest import NOW, ROOT

SAMPLES = ROOT / "tests" / "data"


def _sample(version: int) -> Path:
    return SAMPLES / f"conversations-v{version}.db"


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_a_database_of_an_earlier_version_opens_with_all_it_holds(path: Path, version: int) -> None:
    shutil.copy(_sample(version), path)
    assert stored_version(path) == version
    opened = open_database(path, NOW)
    assert opened.set_aside is None
    assert opened.database.read("PRAGMA user_version")[0][0] == len(MIGRATIONS)
    store = ConversationStore(opened.database)
    capital, broken_off = store.list()
    assert (capital.title, broken_off.title) == ("What is the capital of France?", "Zwölf Gedichte")
    question, answer = store.messages(capital.id)
    assert (question.role, question.text) == (Role.USER, "What is the capital of France?")
    assert (answer.role, answer.text) == (Role.ASSISTANT, "The capital of France is **Paris**. 🇫🇷")
    assert answer.stop_reason is StopReason.END_OF_TURN
    assert answer.statistics == GenerationStatistics(31, 0, 8, 0.25, 0.125, 0.375)
    assert (answer.reasoning, answer.provenance, answer.memory_begins) == ("", None, None)
    assert store.summaries(capital.id) == []
    assert broken_off.system_prompt == "Antworte kurz."
    assert [m.state for m in store.messages(broken_off.id)] == [MessageState.COMPLETE, MessageState.INTERRUPTED]
    assert (question.parent_id, answer.parent_id) == (None, question.id)
    assert (answer.version, answer.version_count) == (1, 1)
    drafts = DraftStore(opened.database)
    assert [drafts.get(id_) for id_ in (None, capital.id, broken_off.id)] == [Draft()] * 3
    drafts.save(capital.id, Draft("And of"))
    assert drafts.get(capital.id) == Draft("And of")
    added = store.add_message(capital.id, Role.USER, "And of Italy?")
    assert store.messages(capital.id) == [question, answer, added]
    opened.database.close()


def test_what_was_thought_remembered_and_summarised_in_the_third_version_is_kept(path: Path) -> None:
    shutil.copy(_sample(3), path)
    database = open_database(path, NOW).database
    store = ConversationStore(database)
    question, answer = store.messages(store.list()[1].id)
    assert (answer.reasoning, answer.memory_begins) == ("Zwölf also…", question.id)
    (summary,) = store.summaries(question.conversation_id)
    assert (summary.text, summary.last_message_id) == ("Es geht um Gedichte.", question.id)
    database.close()


def test_the_versions_in_the_fourth_are_kept(path: Path) -> None:
    shutil.copy(_sample(4), path)
    database = open_database(path, NOW).database
    store = ConversationStore(database)
    answer = store.messages(store.list()[1].id)[-1]
    assert (answer.text, answer.version) == ("Erstens", 1)
    assert [store.message(id_).text for id_ in store.versions(answer.id)] == ["Erstens", "Zwölf Zeilen."]
    database.close()


def test_what_stood_in_one_line_follows_one_another(tmp_path: Path) -> None:
    """More messages than SQLite's triggers may be deep, and two conversations that were written at the same time."""
    first, last = MIGRATIONS[:3], MIGRATIONS
    database = open_database(tmp_path / "long.db", NOW, first).database
    with database.transaction() as connection:
        connection.executemany(
            "INSERT INTO conversations (title, system_prompt, created_at, updated_at) VALUES (?, '', 0, 0)", ["a", "b"]
        )
        connection.executemany(
            "INSERT INTO messages (conversation_id, position, role, text, state, created_at) "
            "VALUES (?, ?, 'user', ?, 'complete', 0)",
            [(1 + n % 2, 1 + n // 2, str(n)) for n in range(2400)],
        )
    migrate(database, last)
    store = ConversationStore(database)
    assert [m.text for m in store.messages(1)] == [str(n) for n in range(0, 2400, 2)]
    assert [m.text for m in store.messages(2)] == [str(n) for n in range(1, 2400, 2)]
    store.delete_message(store.messages(1)[0].id)
    store.delete(2)
    assert database.read("SELECT * FROM messages") == []
    database.close()


def test_samples_are_of_known_versions_only() -> None:
    assert sorted(SAMPLES.glob("conversations-v*.db")) == [_sample(v) for v in range(1, len(MIGRATIONS))]


def test_old_and_new_databases_end_in_the_same_shape(tmp_path: Path) -> None:
    shapes = []
    shutil.copy(_sample(1), tmp_path / "old.db")
    for name in ("old.db", "new.db"):
        database = open_database(tmp_path / name, NOW).database
        sql = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name"
        shapes.append([tuple(row) for row in database.read(sql)])
        database.close()
    assert shapes[0] == shapes[1]
    assert len(shapes[0]) >= 5


def test_a_failing_migration_leaves_the_database_as_it_was(database: Database) -> None:
    ConversationStore(database).create("Kept")
    shape = [tuple(row) for row in database.read("SELECT * FROM sqlite_master")]

    def breaks_in_the_middle(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE half_done (id INTEGER)")
        connection.execute("UPDATE conversations SET title = 'changed'")
        connection.execute("ALTER TABLE conversations ADD COLUMN title TEXT")

    with pytest.raises(StorageError):
        migrate(database, (*MIGRATIONS, breaks_in_the_middle))
    assert database.read("PRAGMA user_version")[0][0] == len(MIGRATIONS)
    assert [tuple(row) for row in database.read("SELECT * FROM sqlite_master")] == shape
    assert [c.title for c in ConversationStore(database).list()] == ["Kept"]


def test_the_steps_before_a_failing_one_stay(database: Database) -> None:
    def adds(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE done (id INTEGER)")

    def fails(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE done (id INTEGER)")

    with pytest.raises(StorageError):
        migrate(database, (*MIGRATIONS, adds, fails))
    assert database.read("PRAGMA user_version")[0][0] == len(MIGRATIONS) + 1
    assert database.read("SELECT * FROM done") == []


def test_each_step_runs_once_and_in_order(database: Database) -> None:
    ran: list[str] = []

    def third(_: sqlite3.Connection) -> None:
        ran.append("third")

    def fourth(_: sqlite3.Connection) -> None:
        ran.append("fourth")

    migrate(database, (*MIGRATIONS, third))
    migrate(database, (*MIGRATIONS, third, fourth))
    migrate(database, (*MIGRATIONS, third, fourth))
    assert ran == ["third", "fourth"]


def test_a_version_that_grew_after_the_first_look_is_refused(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 3}")
    with pytest.raises(DatabaseNewerError):
        migrate(database)


def test_migrations_are_named_by_their_number() -> None:
    for number, migration in enumerate(MIGRATIONS, start=1):
        assert migration.__name__.startswith(f"m{number:03d}_")
        assert migration.__doc__
