"""A process that dies inside the engine loses no text, and the next start is a safe one."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.bootstrap import Options, assemble
from app.core.cancel import CancelToken
from app.core.conversation import MessageState
from app.core.run import RunStep
from tests.e2e.process import inglenook, start
from tests.e2e.test_chat import LONG, wait_for

QUESTION = "Say this again, word for word: " + " ".join(f"word{n}" for n in range(400))


def kill_when(profile: Path, happened: Callable[[], bool], *arguments: str, question: str = QUESTION) -> None:
    """Start a chat, ask, and kill the process once `happened`."""
    process = start("--profile", profile, *arguments, "chat")
    assert process.stdin is not None
    try:
        process.stdin.write(question + "\n")
        process.stdin.flush()
        wait_for(happened)
    finally:
        process.kill()
        process.communicate()


def stored_answer(profile: Path) -> str:
    """What is on disk of the answer that is being written."""
    if not (profile / "conversations.db").is_file():
        return ""
    try:
        with closing(sqlite3.connect(profile / "conversations.db")) as connection:
            rows = connection.execute("SELECT text FROM messages WHERE role = 'assistant'").fetchall()
    except sqlite3.OperationalError:  # its tables are not made yet
        return ""
    return str(rows[0][0]) if rows else ""


def test_the_next_start_knows_model_and_step_and_all_text_is_there(tmp_path: Path) -> None:
    kill_when(tmp_path, lambda: len(stored_answer(tmp_path)) > 20, "--fake-engine")
    application = assemble(Options(profile=tmp_path, fake_engine=True))
    try:
        crash = application.crash
        assert crash is not None
        assert crash.step is RunStep.WRITING
        assert "SmolLM2" in crash.model_name
        assert crash.model_path.suffix == ".gguf"
        assert crash.log_file.is_file()
        question, answer = application.conversations.messages(1)
        assert question.text == QUESTION
        assert answer.state is MessageState.INTERRUPTED
        assert answer.text.startswith("You said: Say this again")
        application.models.load(None, CancelToken(), lambda _: None)
        list(application.chat.continue_reply(answer.id, CancelToken()))
        written_on = application.conversations.messages(1)[-1]
        assert written_on.state is MessageState.COMPLETE
        assert written_on.text.startswith(answer.text)
        assert len(written_on.text) > len(answer.text)
    finally:
        application.models.unload()
        application.close()


def test_the_terminal_says_so_and_loads_nothing_by_itself(tmp_path: Path) -> None:
    kill_when(tmp_path, lambda: len(stored_answer(tmp_path)) > 20, "--fake-engine")
    after = inglenook("--profile", tmp_path, "--fake-engine", "chat", stdin="Hello\n")
    assert "ended unexpectedly while SmolLM2" in after.stderr
    assert "Nothing was loaded" in after.stderr
    assert "No model is loaded" in after.stderr
    assert "is ready" not in after.stderr
    again = inglenook("--profile", tmp_path, "--fake-engine", "chat", stdin="Hello\n")
    assert again.returncode == 0
    assert "You said: Hello" in again.stdout
    assert "unexpectedly" not in again.stderr


@pytest.mark.real_model
def test_a_death_inside_llama_cpp_is_told_too(tmp_path: Path) -> None:
    kill_when(tmp_path, lambda: bool(stored_answer(tmp_path)), question=LONG)
    application = assemble(Options(profile=tmp_path, fake_engine=True))
    application.close()
    assert application.crash is not None
    assert application.crash.step is RunStep.WRITING
    assert "SmolLM2" in application.crash.model_name
