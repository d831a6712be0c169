"""A process that dies inside the engine loses no text, and the next start is a safe one."""

import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.bootstrap import Options, assemble
from app.core.cancel import CancelToken
from app.core.conversation import MessageState
from app.core.generation import SamplingParameters
from app.core.run import RunStep
from tests.e2e.process import inglenook, start
from tests.e2e.test_chat import LONG, wait_for
from tests.included import INCLUDED_MODEL

QUESTION = "Say this again, word for word: " + " ".join(f"word{n}" for n in range(200))


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
        assert crash.model_name == "SmolLM2 135M"
        assert crash.model_path.suffix == ".gguf"
        assert crash.log_file.is_file()
        question, answer = application.conversations.messages(1)
        assert question.text == QUESTION
        assert answer.state is MessageState.INTERRUPTED
        assert answer.text.startswith("You said: Say this again")
        application.models.load(None, CancelToken(), lambda _: None)
        few = SamplingParameters(max_tokens=3)
        list(application.chat.continue_reply(answer.id, CancelToken(), sampling=few))
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
@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not let a file in use be cut")
def test_a_death_inside_llama_cpp_is_told_and_loses_nothing(tmp_path: Path) -> None:
    """The file under the model is cut while it writes: the next decode touches pages that are no longer there."""
    profile, model = tmp_path / "profile", tmp_path / "copy.gguf"
    shutil.copyfile(INCLUDED_MODEL, model)
    process = start("--profile", profile, "chat", "--model", model)
    assert process.stdin is not None
    process.stdin.write(LONG + "\n")
    process.stdin.flush()
    wait_for(lambda: bool(stored_answer(profile)))
    os.truncate(model, 1_000_000)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGBUS, "llama.cpp itself died"
    inglenook("--profile", profile, "bench", "--only", "pp512", "--runs", "1", "--fake-engine")
    application = assemble(Options(profile=profile, fake_engine=True))
    messages = application.conversations.messages(1)
    application.close()
    assert application.crash is not None
    assert application.crash.step is RunStep.WRITING
    assert application.crash.model_path == model
    assert messages[0].text == LONG
    assert messages[1].state is MessageState.INTERRUPTED
    assert messages[1].text


@pytest.mark.real_model
def test_a_conversation_is_taken_up_after_a_restart_without_being_read_again(tmp_path: Path) -> None:
    story = "Here is a story to remember. " + "The river ran past the old mill and the boats went by. " * 20
    few = SamplingParameters(temperature=0.0, max_tokens=4)
    first = assemble(Options(profile=tmp_path))
    first.models.load(None, CancelToken(), lambda _: None)
    list(first.chat.send(story, CancelToken(), sampling=few))
    first.models.unload()
    first.close()
    second = assemble(Options(profile=tmp_path))
    second.models.load(None, CancelToken(), lambda _: None)
    list(second.chat.send("What ran past the mill?", CancelToken(), conversation_id=1, sampling=few))
    answer = second.conversations.messages(1)[-1]
    second.models.unload()
    second.close()
    assert answer.statistics is not None
    assert answer.statistics.reused_tokens > 250
    assert answer.statistics.prompt_tokens - answer.statistics.reused_tokens < 40


@pytest.mark.real_model
def test_a_file_that_changed_under_an_unsaved_conversation_keeps_no_other_model_from_opening(tmp_path: Path) -> None:
    model = tmp_path / "copy.gguf"
    shutil.copyfile(INCLUDED_MODEL, model)
    application = assemble(Options(profile=tmp_path / "profile"))
    application.models.load(model, CancelToken(), lambda _: None)
    long = "The river ran past the old mill and the boats went by. " * 12
    list(application.chat.send(long, CancelToken(), sampling=SamplingParameters(max_tokens=2)))
    os.utime(model, ns=(1, 1))
    application.models.load(None, CancelToken(), lambda _: None)
    assert application.models.current is not None
    assert application.models.current.info.path == INCLUDED_MODEL
    list(application.chat.send("Hello", CancelToken(), sampling=SamplingParameters(max_tokens=2)))
    application.models.unload()
    application.close()
