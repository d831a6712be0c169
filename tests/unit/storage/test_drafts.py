"""What was written and not sent lies beside the messages of its conversation, and goes with them."""

import sqlite3
from pathlib import Path

import pytest

from app.core.conversation import FIRST_TEMPORARY_ID, Draft
from app.core.errors import DiskFullError
from app.core.generation import OutputFormat, OutputKind
from app.storage.conversations import ConversationStore
from app.storage.database import Database, open_database
from app.storage.drafts import DraftStore
from tests.unit.storage.conftest import NOW

SCHEMA = OutputFormat(OutputKind.SCHEMA, '{"type": "object"}')


@pytest.fixture
def drafts(database: Database) -> DraftStore:
    return DraftStore(database)


def test_each_conversation_has_its_own_and_so_has_the_new_chat(drafts: DraftStore, store: ConversationStore) -> None:
    first, second = store.create("first"), store.create("second")
    written = {None: Draft("new"), first.id: Draft("Zwölf 🪵", SCHEMA), second.id: Draft("", SCHEMA)}
    for id_, draft in written.items():
        drafts.save(id_, Draft("an older one"))
        drafts.save(id_, draft)
    assert {id_: drafts.get(id_) for id_ in written} == written


def test_an_empty_one_leaves_nothing(drafts: DraftStore, database: Database) -> None:
    drafts.save(None, Draft("new"))
    drafts.save(None, Draft())
    assert drafts.get(None) == Draft()
    assert database.read("SELECT * FROM drafts") == []


def test_there_is_one_new_chat_only(drafts: DraftStore, database: Database) -> None:
    drafts.save(None, Draft("new"))
    with pytest.raises(sqlite3.IntegrityError), sqlite3.connect(database.path) as other:
        other.execute("INSERT INTO drafts VALUES (NULL, 'another', 'text', '')")
    other.close()


def test_it_is_deleted_with_its_conversation(drafts: DraftStore, store: ConversationStore, database: Database) -> None:
    gone, kept = store.create("gone"), store.create("kept")
    for id_ in (gone.id, kept.id, None):
        drafts.save(id_, Draft("text"))
    store.delete(gone.id)
    assert [row["conversation_id"] for row in database.read("SELECT * FROM drafts ORDER BY 1")] == [None, kept.id]
    drafts.save(gone.id, Draft("late"))
    assert drafts.get(gone.id) == Draft()


def test_a_temporary_chat_has_none(drafts: DraftStore, database: Database) -> None:
    drafts.save(FIRST_TEMPORARY_ID, Draft("secret"))
    assert database.read("SELECT * FROM drafts") == []


def test_a_lone_surrogate_costs_no_more_than_itself(drafts: DraftStore) -> None:
    drafts.save(None, Draft("a\ud800b"))
    assert drafts.get(None) == Draft("a\ufffdb")


def test_a_form_of_a_later_version_costs_no_more_than_the_form(drafts: DraftStore, database: Database) -> None:
    with database.transaction() as connection:
        connection.execute("INSERT INTO drafts VALUES (NULL, 'text', 'hologram', 'x')")
    assert drafts.get(None) == Draft("text")


def test_on_a_full_disk_the_older_one_stays(small_disk: Path) -> None:
    database = open_database(small_disk / "conversations.db", NOW).database
    drafts = DraftStore(database)
    drafts.save(None, Draft("older"))
    with pytest.raises(DiskFullError):
        drafts.save(None, Draft("newer " * 100_000))
    assert drafts.get(None) == Draft("older")
    database.close()
