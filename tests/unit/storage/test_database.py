"""A database is shared by threads and processes, and its failures are sentences that name the file."""

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from app.core.errors import (
    DatabaseBusyError,
    DatabaseCorruptError,
    DiskFullError,
    ProfileError,
    StorageError,
)
from app.storage.database import Database, open_database
from tests.unit.storage.conftest import NOW, ROOT, MakeReadOnly, StartProcess

HOLD_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    connection.execute(statement)
print("ready", flush=True)
sys.stdin.read()
"""

OPEN_AND_CLOSE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from app.storage.database import open_database
print("ready", flush=True)
sys.stdin.readline()
opened = open_database(Path(sys.argv[1]), datetime.now(UTC))
assert opened.set_aside is None
opened.database.close()
"""


def _add(database: Database, text: str) -> None:
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO conversations (title, system_prompt, created_at, updated_at) VALUES (?, '', 0, 0)", (text,)
        )


def _titles(database: Database) -> list[str]:
    return [row["title"] for row in database.read("SELECT title FROM conversations ORDER BY id")]


def test_a_new_database_is_set_up_as_the_design_says(database: Database, path: Path) -> None:
    assert database.path == path
    assert database.read("PRAGMA journal_mode")[0][0] == "wal"
    assert database.read("PRAGMA synchronous")[0][0] == 1
    assert database.read("PRAGMA foreign_keys")[0][0] == 1
    assert database.read("PRAGMA busy_timeout")[0][0] == 2000


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such rights")
def test_only_the_user_may_read_the_files(database: Database, path: Path) -> None:
    _add(database, "private")
    for file in path.parent.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file


def test_a_block_that_raises_is_undone_whole(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as connection:  # noqa: PT012
        connection.execute("INSERT INTO conversations VALUES (1, 'lost', '', 0, 0)")
        _ = 1 / 0
    assert _titles(database) == []
    _add(database, "next")
    assert _titles(database) == ["next"]


def test_a_thread_reads_while_another_is_in_the_middle_of_writing(database: Database) -> None:
    _add(database, "before")
    seen: list[list[str]] = []
    with database.transaction() as connection:
        connection.execute("INSERT INTO conversations VALUES (2, 'half', '', 0, 0)")
        reader = threading.Thread(target=lambda: seen.append(_titles(database)))
        reader.start()
        reader.join()
    assert seen == [["before"]]
    assert _titles(database) == ["before", "half"]


@pytest.mark.skipif(sys.platform == "win32", reason="counts open files as POSIX shows them")
def test_connections_of_ended_threads_are_closed(database: Database, path: Path) -> None:
    for _ in range(10):
        thread = threading.Thread(target=lambda: _titles(database))
        thread.start()
        thread.join()
    open_files = [file for file in psutil.Process().open_files() if Path(file.path) == path]
    assert len(open_files) <= 2


def test_closing_folds_the_log_into_the_file(path: Path) -> None:
    database = open_database(path, NOW).database
    _add(database, "kept")
    thread = threading.Thread(target=lambda: _titles(database))
    thread.start()
    thread.join()
    database.close()
    database.close()
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    with pytest.raises(StorageError, match="closed"):
        _titles(database)
    again = open_database(path, NOW).database
    assert _titles(again) == ["kept"]
    again.close()


def test_a_writer_elsewhere_makes_us_wait_and_then_say_so(
    database: Database, path: Path, start_process: StartProcess
) -> None:
    _add(database, "before")
    start_process(HOLD_LOCK, path, "BEGIN IMMEDIATE")
    assert _titles(database) == ["before"]
    with pytest.raises(DatabaseBusyError) as caught:
        _add(database, "refused")
    assert str(path) in caught.value.sentence
    assert "SQLITE_BUSY" in caught.value.detail


def test_a_short_wait_for_another_writer_is_not_noticed(
    database: Database, path: Path, start_process: StartProcess
) -> None:
    holder = start_process(HOLD_LOCK, path, "BEGIN IMMEDIATE")
    timer = threading.Timer(0.3, holder.kill)
    timer.start()
    _add(database, "patient")
    timer.join()
    assert _titles(database) == ["patient"]


def test_a_database_locked_at_opening_is_not_taken_for_damaged(path: Path, start_process: StartProcess) -> None:
    open_database(path, NOW).database.close()
    start_process(HOLD_LOCK, path, "PRAGMA locking_mode = EXCLUSIVE", "BEGIN EXCLUSIVE")
    before = path.read_bytes()
    with pytest.raises(DatabaseBusyError) as caught:
        open_database(path, NOW)
    assert str(path) in caught.value.sentence
    assert path.read_bytes() == before
    assert not list(path.parent.glob("*damaged*"))


def test_a_lock_on_a_file_without_a_log_yet_is_waited_for(path: Path, start_process: StartProcess) -> None:
    holder = start_process(HOLD_LOCK, path, "CREATE TABLE other (id)", "BEGIN IMMEDIATE")
    timer = threading.Timer(0.3, holder.kill)
    timer.start()
    opened = open_database(path, NOW)
    timer.join()
    assert opened.database.read("PRAGMA journal_mode")[0][0] == "wal"
    opened.database.close()


def test_windows_started_at_once_make_one_database(path: Path, start_process: StartProcess) -> None:
    for attempt in range(5):
        target = path.with_name(f"{attempt}.db")
        processes = [start_process(OPEN_AND_CLOSE, target) for _ in range(3)]
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        assert [process.wait(timeout=20) for process in processes] == [0, 0, 0]
        # Of processes that end at the same moment none may fold the log in; the next to open the file does.
        open_database(target, NOW).database.close()
        assert [file.name for file in path.parent.glob(f"{attempt}*")] == [target.name]


def test_a_full_database_says_so_and_keeps_what_was_there(database: Database, path: Path) -> None:
    _add(database, "before")
    pages: int = database.read("PRAGMA page_count")[0][0]
    database.read(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(DiskFullError) as caught:
        _add(database, "x" * 100_000)
    assert str(path) in caught.value.sentence
    assert _titles(database) == ["before"]
    _add(database, "small enough")


def test_a_full_disk_says_so_and_saving_works_again_when_there_is_room(small_disk: Path) -> None:
    path = small_disk / "conversations.db"
    database = open_database(path, NOW).database
    _add(database, "before")
    filler = small_disk / "filler"
    _fill(filler)
    with pytest.raises(DiskFullError) as caught:
        _add(database, "x" * 20_000)
    assert str(path) in caught.value.sentence
    assert _titles(database) == ["before"]
    filler.unlink()
    _add(database, "x" * 20_000)
    database.close()
    again = open_database(path, NOW)
    assert _titles(again.database) == ["before", "x" * 20_000]
    assert again.set_aside is None
    again.database.close()


def test_a_disk_that_is_full_from_the_start_says_so(small_disk: Path) -> None:
    _fill(small_disk / "filler")
    with pytest.raises(DiskFullError, match="full"):
        open_database(small_disk / "conversations.db", NOW)


def test_a_sound_database_on_a_full_disk_says_so_and_stays(small_disk: Path) -> None:
    path = small_disk / "conversations.db"
    open_database(path, NOW).database.close()
    before = path.read_bytes()
    _fill(small_disk / "filler")
    with pytest.raises(DiskFullError) as caught:
        open_database(path, NOW)
    assert str(path) in caught.value.sentence
    assert path.read_bytes() == before
    assert not list(small_disk.glob("*damaged*"))


def test_a_damaged_database_on_a_full_disk_is_named_in_the_error(small_disk: Path) -> None:
    path = small_disk / "conversations.db"
    path.write_bytes(b"no database " * 1000)
    _fill(small_disk / "filler")
    with pytest.raises(DiskFullError, match=r"conversations-damaged-2026-11-23T150000\.db"):
        open_database(path, NOW)
    assert (small_disk / "conversations-damaged-2026-11-23T150000.db").read_bytes() == b"no database " * 1000


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue  # the disk is full, which is what this is for


def test_a_folder_that_cannot_be_written_says_so(path: Path, make_read_only: MakeReadOnly) -> None:
    make_read_only(path.parent)
    with pytest.raises(ProfileError) as caught:
        open_database(path, NOW)
    assert str(path) in caught.value.sentence


def test_a_database_that_cannot_be_written_says_so(path: Path, make_read_only: MakeReadOnly) -> None:
    open_database(path, NOW).database.close()
    before = path.read_bytes()
    make_read_only(path.parent)
    with pytest.raises(ProfileError) as caught:
        open_database(path, NOW)
    assert str(path) in caught.value.sentence
    assert path.read_bytes() == before


def test_a_path_below_a_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ProfileError) as caught:
        open_database(tmp_path / "file" / "conversations.db", NOW)
    assert str(tmp_path / "file") in caught.value.sentence


def test_a_folder_in_the_database_s_place_says_so(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StorageError) as caught:
        open_database(path, NOW)
    assert str(path) in caught.value.sentence
    assert path.is_dir()


def test_an_error_of_ours_still_leaves_as_a_known_error(database: Database, path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        database.read("SELECT nothing FROM nowhere")
    assert str(path) in caught.value.sentence
    assert not isinstance(caught.value, DatabaseCorruptError)
    assert isinstance(caught.value.__cause__, sqlite3.OperationalError)


def test_storage_is_light_to_import() -> None:
    script = (
        "import sys, app.storage.conversations, app.storage.settings, app.storage.verified, app.storage.profile; "
        "sys.exit('psutil' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
