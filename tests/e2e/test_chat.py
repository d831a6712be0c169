"""`inglenook chat`, as a process: lines in, answers out, and a kill in mid-answer that loses nothing."""

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.bootstrap import Options, assemble
from app.core.conversation import MessageState, Role
from tests.e2e.process import inglenook, start

LONG = "Tell me a very long story about the sea, the ships and the people who live by the water."


def wait_for(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.mark.real_model
def test_lines_are_answered_in_turn_and_kept(tmp_path: Path) -> None:
    done = inglenook("--profile", tmp_path, "chat", stdin="What is the capital of France?\n\nAnd of Italy?\n")
    assert done.returncode == 0
    assert "Paris" in done.stdout
    assert "SmolLM2 135M is ready. Tiny model, expect mistakes." in done.stderr
    application = assemble(Options(profile=tmp_path))
    (conversation,) = application.conversations.list()
    roles = [m.role for m in application.conversations.messages(conversation.id)]
    application.close()
    assert roles == [Role.USER, Role.ASSISTANT] * 2


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("trim", "The context is full: the model no longer sees the 2 oldest messages."),
        ("summary", "The context is full: the model sees the 2 oldest messages as a summary."),
    ],
)
def test_what_the_model_no_longer_sees_is_said(tmp_path: Path, policy: str, words: str) -> None:
    (tmp_path / "settings.json").write_text(f'{{"overflow": "{policy}"}}', encoding="utf-8")
    line = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen\n"
    options = ("--context-length", "104", "--temperature", "0")  # at 0 the answers are always of the same length
    done = inglenook("--profile", tmp_path, "--fake-engine", "chat", *options, stdin=line * 3)
    assert done.returncode == 0
    assert words in done.stderr.splitlines()


def files_with(folder: Path, word: str) -> list[str]:
    """The names of the files below a folder in which this word stands."""
    return [path.name for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]


def test_a_temporary_chat_leaves_nothing_behind(tmp_path: Path) -> None:
    lines = "The safe opens with pumpernickel\n/retry\n/edit It is pumpernickel again\n/new\nOnce more pumpernickel\n"
    done = inglenook("--profile", tmp_path, "--fake-engine", "--debug", "chat", "--temporary", stdin=lines)
    assert done.returncode == 0
    assert done.stdout.count("You said: ") == 4
    assert done.stderr.count("A temporary chat: kept in memory only, gone when you leave it.") == 2
    assert files_with(tmp_path, "pumpernickel") == []
    assert "pumpernickel" not in done.stderr
    assert files_with(tmp_path, "Inglenook"), "the log is looked at too"


def test_a_temporary_chat_can_be_kept_after_all(tmp_path: Path) -> None:
    lines = "/temporary\n/keep\nFirst\n/keep\n/keep\nSecond\n/temporary\nThird\n"
    done = inglenook("--profile", tmp_path, "--fake-engine", "chat", stdin=lines)
    for said in ("There is nothing to keep yet.", "Kept: First", "This conversation is kept already."):
        assert said in done.stderr.splitlines()
    application = assemble(Options(profile=tmp_path))
    (conversation,) = application.conversations.list()
    texts = [m.text for m in application.conversations.messages(conversation.id) if m.role is Role.USER]
    application.close()
    assert texts == ["First", "Second"]


def test_new_begins_another_conversation(tmp_path: Path) -> None:
    done = inglenook("--profile", tmp_path, "--fake-engine", "chat", stdin="One\n/new\nTwo\n/quit\nThree\n")
    assert done.returncode == 0
    application = assemble(Options(profile=tmp_path))
    titles = [c.title for c in application.conversations.list()]
    application.close()
    assert titles == ["Two", "One"]


def test_an_answer_is_written_anew_and_a_message_edited_and_nothing_is_lost(tmp_path: Path) -> None:
    lines = "One\nTwo\n/retry\n/edit Three\n"
    done = inglenook("--profile", tmp_path, "--fake-engine", "chat", "--temperature", "0", stdin=lines)
    assert done.returncode == 0, done.stderr
    assert "You said: Three" in done.stdout
    application = assemble(Options(profile=tmp_path))
    store = application.conversations
    one, _, three, _ = store.messages(1)
    assert (one.text, three.text, three.version, three.version_count) == ("One", "Three", 2, 2)
    store.show_version(store.versions(three.id)[0])
    _, _, two, again = store.messages(1)
    application.close()
    assert (two.text, again.version, again.version_count) == ("Two", 2, 2)


def test_the_last_turn_is_deleted_and_the_chat_goes_on(tmp_path: Path) -> None:
    lines = "One\nTwo\n/delete\nThree\n/delete\n/delete\n/delete\n/new\n"
    done = inglenook("--profile", tmp_path, "--fake-engine", "chat", stdin=lines)
    assert [line for line in done.stderr.splitlines() if line.startswith("Deleted")] == [
        "Deleted: Two",
        "Deleted: Three",
        "Deleted: One",
    ]
    assert "There is no message here that could be deleted." in done.stderr
    application = assemble(Options(profile=tmp_path))
    assert application.conversations.messages(1) == []
    application.close()


def test_commands_say_what_they_do(tmp_path: Path) -> None:
    lines = "/retry\n/edit\n/edit x\n/delete\n/stop\n/continue\n/model\n/model missing.gguf\n/bogus\n/help\n"
    done = inglenook("--profile", tmp_path, "--fake-engine", "chat", stdin=lines)
    assert done.returncode == 1, "one of the lines failed"
    for words in (
        "No answer is being written",
        "There is no answer here that could be continued",
        "There is no message here that could be answered anew",
        "There is no message here that could be edited",
        "There is no message here that could be deleted",
        "SmolLM2 135M:",
        "does not exist",
        "/bogus is not a command",
    ):
        assert words in done.stderr
    assert "/model FILE" in done.stdout


def test_a_refused_model_leaves_the_one_in_use(tmp_path: Path) -> None:
    done = inglenook("--profile", tmp_path, "--fake-engine", "chat", stdin="/model missing.gguf\nHello there\n")
    assert "You said: Hello there" in done.stdout


@pytest.mark.real_model
def test_an_answer_that_was_cut_short_is_continued(tmp_path: Path) -> None:
    lines = "Count from 1 to 20, with commas.\n/continue\n/continue\n"
    done = inglenook("--profile", tmp_path, "chat", "--max-tokens", "6", "--temperature", "0", stdin=lines)
    assert done.returncode == 0
    written = done.stdout.replace("\n", "")
    application = assemble(Options(profile=tmp_path))
    (conversation,) = application.conversations.list()
    messages = application.conversations.messages(conversation.id)
    application.close()
    assert [m.role for m in messages] == [Role.USER, Role.ASSISTANT]
    assert messages[-1].text.replace("\n", "") == written
    assert messages[-1].statistics is not None
    assert messages[-1].statistics.earlier_tokens == 12


@pytest.mark.real_model
def test_stop_ends_the_answer_and_the_next_line_is_answered(tmp_path: Path) -> None:
    process = start("--profile", tmp_path, "chat")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(LONG + "\n")
    process.stdin.flush()
    process.stdout.read(20)
    process.stdin.write("/stop\nWhat is the capital of France?\n")
    process.stdin.flush()
    rest, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "Paris" in rest
    application = assemble(Options(profile=tmp_path))
    stopped = application.conversations.messages(1)[1]
    application.close()
    assert stopped.stop_reason is not None
    assert stopped.stop_reason.value == "cancelled"


@pytest.mark.real_model
def test_a_killed_process_loses_less_than_a_second_of_its_answer(tmp_path: Path) -> None:
    process = start("--profile", tmp_path, "chat")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(LONG + "\n")
    process.stdin.flush()
    received: list[tuple[float, str]] = []
    stdout = process.stdout

    def read() -> None:
        while piece := stdout.read(1):
            received.append((time.monotonic(), piece))

    reader = threading.Thread(target=read)
    reader.start()
    wait_for(lambda: bool(received) and time.monotonic() - received[0][0] > 1.6)
    killed_at = time.monotonic()
    process.kill()
    process.wait()
    reader.join()
    process.stdin.close()
    stdout.close()
    assert process.stderr is not None
    process.stderr.close()

    application = assemble(Options(profile=tmp_path))
    question, answer = application.conversations.messages(1)
    application.close()
    assert question.text == LONG
    assert answer.state is MessageState.INTERRUPTED
    shown_a_second_before = "".join(piece for at, piece in received if at < killed_at - 1.0)
    assert shown_a_second_before
    assert answer.text.startswith(shown_a_second_before)

    after = inglenook("--profile", tmp_path, "--fake-engine", "chat", stdin="Hello again\n")
    assert after.returncode == 0, "the profile opens and works again"


def test_a_newer_database_is_left_alone_and_the_chat_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 9999")
    before = path.read_bytes()
    done = inglenook("--profile", tmp_path, "--fake-engine", "chat", stdin="Hello\n")
    assert "You said: Hello" in done.stdout
    assert "newer version" in done.stderr
    assert "will not be kept" in done.stderr
    assert "Traceback" not in done.stderr
    assert path.read_bytes() == before


def test_a_damaged_database_is_set_aside_and_the_chat_goes_on(tmp_path: Path) -> None:
    damaged = b"this is no database" * 1000
    (tmp_path / "conversations.db").write_bytes(damaged)
    done = inglenook("--profile", tmp_path, "--fake-engine", "chat", stdin="Hello\n")
    assert "set aside" in done.stderr
    kept = [path for path in tmp_path.iterdir() if path.is_file() and path.read_bytes() == damaged]
    assert len(kept) == 1
    again = inglenook("--profile", tmp_path, "--fake-engine", "chat", stdin="/quit\n")
    assert "set aside" not in again.stderr


def test_a_profile_that_cannot_be_made_is_said_and_the_chat_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = inglenook("--profile", tmp_path / "file" / "profile", "--fake-engine", "chat", stdin="Hello\n")
    assert "You said: Hello" in done.stdout
    assert "will not be kept" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_locked_database_is_said_and_the_chat_goes_on(tmp_path: Path) -> None:
    assemble(Options(profile=tmp_path)).close()
    with closing(sqlite3.connect(tmp_path / "conversations.db", isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("CREATE TABLE held (x)")
        done = inglenook("--profile", tmp_path, "--fake-engine", "chat", stdin="Hello\n")
        other.execute("ROLLBACK")
    assert "You said: Hello" in done.stdout
    assert "will not be kept" in done.stderr
    assert "Traceback" not in done.stderr
