"""A damaged database is set aside whole, a newer one is left as it is, and a leftover log is not lost."""

import os
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.conversation import Role
from app.core.errors import DatabaseNewerError, ProfileError
from app.storage.conversations import ConversationStore
from app.storage.database import open_database
from app.storage.migrations import MIGRATIONS
from app.storage.stored_version import stored_version
from tests.unit.storage.conftest import NOW, MakeReadOnly, StartProcess, kill

WRITE_VERSION_AND_WAIT = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA wal_autocheckpoint = 0")
connection.execute(f"PRAGMA user_version = {sys.argv[2]}")
connection.execute("INSERT INTO conversations VALUES (77, 'only in the log', '', 0, 0)")
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def filled(path: Path) -> Path:
    """A closed database of a few dozen pages."""
    database = open_database(path, NOW).database
    store = ConversationStore(database)
    for number in range(5):
        conversation = store.create(f"Conversation {number}")
        for _ in range(20):
            store.add_message(conversation.id, Role.USER, "What is the capital of France? " * 40)
    database.close()
    return path


def _contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def _garbage_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\x13\x37" * 50)


def _middle_overwritten(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xab" * 8192)


def _truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _shorter_than_a_header(path: Path) -> None:
    os.truncate(path, 50)


def _text_file(path: Path) -> None:
    path.write_text("This is no database.\n" * 500)


@pytest.mark.parametrize(
    "damage", [_garbage_header, _middle_overwritten, _truncated, _shorter_than_a_header, _text_file]
)
def test_a_damaged_database_is_set_aside_and_a_new_one_begun(filled: Path, damage: Callable[[Path], None]) -> None:
    damage(filled)
    damaged = filled.read_bytes()
    opened = open_database(filled, NOW)
    assert opened.set_aside == filled.with_name("conversations-damaged-2026-11-23T150000.db")
    assert opened.set_aside.read_bytes() == damaged
    store = ConversationStore(opened.database)
    assert store.list() == []
    store.create("Begun anew")
    opened.database.close()
    again = open_database(filled, NOW)
    assert again.set_aside is None
    assert [c.title for c in ConversationStore(again.database).list()] == ["Begun anew"]
    again.database.close()


def test_a_sound_database_is_not_set_aside(filled: Path) -> None:
    opened = open_database(filled, NOW)
    assert opened.set_aside is None
    assert len(ConversationStore(opened.database).list()) == 5
    opened.database.close()


def test_two_damaged_databases_of_one_second_are_both_kept(path: Path) -> None:
    kept = []
    for text in (b"first " * 100, b"second " * 100):
        path.write_bytes(text)
        opened = open_database(path, NOW)
        opened.database.close()
        assert opened.set_aside is not None
        kept.append((opened.set_aside, text))
    assert kept[0][0] != kept[1][0]
    assert [file.read_bytes() for file, _ in kept] == [text for _, text in kept]


def test_the_log_goes_with_the_damaged_file(filled: Path, start_process: StartProcess) -> None:
    kill(start_process(WRITE_VERSION_AND_WAIT, filled, str(len(MIGRATIONS))))
    log = filled.with_name(filled.name + "-wal").read_bytes()
    os.truncate(filled, 0)  # SQLite deletes the log beside an empty database as soon as it opens it
    opened = open_database(filled, NOW)
    opened.database.close()
    assert opened.set_aside is not None
    assert opened.set_aside.with_name(opened.set_aside.name + "-wal").read_bytes() == log


def test_a_log_without_its_database_is_kept(filled: Path, start_process: StartProcess) -> None:
    kill(start_process(WRITE_VERSION_AND_WAIT, filled, str(len(MIGRATIONS))))
    log = filled.with_name(filled.name + "-wal").read_bytes()
    filled.unlink()
    opened = open_database(filled, NOW)
    opened.database.close()
    assert opened.set_aside is not None
    assert opened.set_aside.with_name(opened.set_aside.name + "-wal").read_bytes() == log


def test_an_empty_file_is_a_new_database(path: Path) -> None:
    path.touch()
    opened = open_database(path, NOW)
    assert opened.set_aside is None
    opened.database.close()


def test_a_newer_database_is_left_byte_for_byte(filled: Path) -> None:
    newer = len(MIGRATIONS) + 1
    with filled.open("r+b") as file:
        file.seek(60)
        file.write(struct.pack(">i", newer))
    before = _contents(filled.parent)
    with pytest.raises(DatabaseNewerError) as caught:
        open_database(filled, NOW)
    assert _contents(filled.parent) == before
    assert str(filled) in caught.value.sentence
    assert "newer" in caught.value.sentence


def test_a_newer_version_that_is_only_in_the_log_is_seen_and_left(filled: Path, start_process: StartProcess) -> None:
    newer = len(MIGRATIONS) + 1
    kill(start_process(WRITE_VERSION_AND_WAIT, filled, str(newer)))
    assert struct.unpack_from(">i", filled.read_bytes(), 60)[0] == len(MIGRATIONS)
    before = _contents(filled.parent)
    assert filled.name + "-wal" in before
    with pytest.raises(DatabaseNewerError):
        open_database(filled, NOW)
    assert _contents(filled.parent) == before


def test_the_log_of_a_killed_process_is_read(filled: Path, start_process: StartProcess) -> None:
    kill(start_process(WRITE_VERSION_AND_WAIT, filled, str(len(MIGRATIONS))))
    assert stored_version(filled) == len(MIGRATIONS)
    opened = open_database(filled, NOW)
    assert opened.set_aside is None
    assert ConversationStore(opened.database).get(77).title == "only in the log"
    opened.database.close()


def test_a_log_with_a_torn_end_is_no_newer_version(filled: Path, start_process: StartProcess) -> None:
    kill(start_process(WRITE_VERSION_AND_WAIT, filled, str(len(MIGRATIONS) + 1)))
    log = filled.with_name(filled.name + "-wal")
    with log.open("r+b") as file:
        file.seek(32)
        file.write(b"\0" * 16)  # as after a power cut: the first frame has no page, no commit and no salts
    assert stored_version(filled) == len(MIGRATIONS)
    opened = open_database(filled, NOW)
    assert len(ConversationStore(opened.database).list()) == 5
    opened.database.close()


@pytest.mark.parametrize(("same_round", "committed"), [(True, False), (False, True), (False, False)])
def test_a_frame_that_sqlite_would_not_read_is_no_newer_version(
    filled: Path, start_process: StartProcess, same_round: bool, committed: bool
) -> None:
    kill(start_process(WRITE_VERSION_AND_WAIT, filled, str(len(MIGRATIONS))))
    log = filled.with_name(filled.name + "-wal")
    salts = log.read_bytes()[16:24] if same_round else b"leftover"
    page = bytearray(4096)
    struct.pack_into(">i", page, 60, len(MIGRATIONS) + 1)
    with log.open("ab") as file:
        file.write(struct.pack(">II", 1, 50 if committed else 0) + salts + bytes(8) + page)
    assert stored_version(filled) == len(MIGRATIONS)


@pytest.mark.parametrize("log", [b"", b"short", b"\0" * 32, b"\xff" * 5000])
def test_a_senseless_log_beside_a_sound_database_is_no_newer_version(filled: Path, log: bytes) -> None:
    filled.with_name(filled.name + "-wal").write_bytes(log)
    assert stored_version(filled) == len(MIGRATIONS)


def test_a_negative_version_is_damage(filled: Path) -> None:
    with filled.open("r+b") as file:
        file.seek(60)
        file.write(struct.pack(">i", -7))
    opened = open_database(filled, NOW)
    opened.database.close()
    assert opened.set_aside is not None


def test_a_damaged_database_that_cannot_be_moved_stays_where_it_is(path: Path, make_read_only: MakeReadOnly) -> None:
    path.write_bytes(b"no database " * 100)
    make_read_only(path.parent)
    with pytest.raises(ProfileError):
        open_database(path, NOW)
    assert _contents(path.parent) == {path.name: b"no database " * 100}


def test_the_date_in_the_name_is_the_one_given(path: Path) -> None:
    path.write_bytes(b"no database " * 100)
    opened = open_database(path, datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC))
    opened.database.close()
    assert opened.set_aside == path.with_name("conversations-damaged-2031-02-03T040506.db")
