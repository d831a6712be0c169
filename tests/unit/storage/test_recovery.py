"""What a killed process was writing is found again; what a living one writes is left alone."""

import os
import subprocess
import sys

import psutil
import pytest

from app.core.conversation import MessageState, Role
from app.core.generation import StopReason
from app.storage.conversations import ConversationStore
from app.storage.database import Database, open_database
from app.storage.writers import is_alive, this_writer
from tests.unit.storage.conftest import NOW, StartProcess, kill

WRITE_A_REPLY = """
import sys, time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from app.core.conversation import MessageState, Role
from app.storage.conversations import ConversationStore
from app.storage.database import open_database
database = open_database(Path(sys.argv[1]), datetime.now(UTC)).database
store = ConversationStore(database)
conversation = store.create("Counting")
store.add_message(conversation.id, Role.USER, "Count for ever.")
message = store.add_message(conversation.id, Role.ASSISTANT, "", MessageState.STREAMING, "counter")
text = ""
for number in count():
    text += f"{number} "
    store.journal(message.id, text)
    if number == 20:
        print("ready", flush=True)
        print(number, flush=True)
    elif number > 20:
        print(number, flush=True)
    time.sleep(0.005)
"""


def _read_on(process: subprocess.Popen[str], lines: int) -> int:
    """The last number that the process says it has journalled."""
    assert process.stdout is not None
    return max(int(process.stdout.readline()) for _ in range(lines))


def test_killed_in_mid_answer_the_text_is_there_and_marked(database: Database, start_process: StartProcess) -> None:
    process = start_process(WRITE_A_REPLY, database.path)
    reached = _read_on(process, 20)
    kill(process)
    database.close()
    opened = open_database(database.path, NOW)
    assert opened.set_aside is None
    store = ConversationStore(opened.database)
    (conversation,) = store.list()
    assert store.recover_interrupted() == 1
    question, answer = store.messages(conversation.id)
    assert (question.text, question.state) == ("Count for ever.", MessageState.COMPLETE)
    assert answer.state is MessageState.INTERRUPTED
    numbers = [int(word) for word in answer.text.split()]
    assert numbers == list(range(len(numbers)))
    assert numbers[-1] >= reached
    assert (answer.model_name, answer.stop_reason, answer.statistics) == ("counter", None, None)
    assert store.recover_interrupted() == 0
    opened.database.close()


def test_a_living_window_keeps_its_message(
    store: ConversationStore, database: Database, start_process: StartProcess
) -> None:
    process = start_process(WRITE_A_REPLY, database.path)
    assert store.recover_interrupted() == 0
    (conversation,) = store.list()
    assert store.messages(conversation.id)[1].state is MessageState.STREAMING
    _read_on(process, 5)
    kill(process)
    assert store.recover_interrupted() == 1


def test_our_own_message_is_left_alone(store: ConversationStore) -> None:
    answer = store.add_message(store.create("x").id, Role.ASSISTANT, "", MessageState.STREAMING)
    assert store.recover_interrupted() == 0
    assert store.messages(answer.conversation_id)[0].state is MessageState.STREAMING


def test_finished_messages_are_left_alone(store: ConversationStore) -> None:
    conversation = store.create("x")
    store.add_message(conversation.id, Role.USER, "Hello")
    answer = store.add_message(conversation.id, Role.ASSISTANT, "", MessageState.STREAMING)
    store.finish(answer.id, "Hi", MessageState.COMPLETE, StopReason.END_OF_TURN, None)
    before = store.messages(conversation.id)
    assert store.recover_interrupted() == 0
    assert store.messages(conversation.id) == before


def test_a_process_id_that_is_used_again_does_not_count_as_alive(store: ConversationStore, database: Database) -> None:
    answer = store.add_message(store.create("x").id, Role.ASSISTANT, "kept", MessageState.STREAMING)
    started = psutil.Process().create_time()
    with database.transaction() as connection:
        connection.execute("UPDATE messages SET writer = ?", (f"{os.getpid()} {started - 60:.3f}",))
    assert store.recover_interrupted() == 1
    (message,) = store.messages(answer.conversation_id)
    assert (message.text, message.state) == ("kept", MessageState.INTERRUPTED)


def test_recovery_does_not_move_conversations_up(store: ConversationStore, database: Database) -> None:
    answer = store.add_message(store.create("old").id, Role.ASSISTANT, "", MessageState.STREAMING)
    store.create("new")
    before = store.list()
    with database.transaction() as connection:
        connection.execute("UPDATE messages SET writer = '1 1.000' WHERE id = ?", (answer.id,))
    assert store.recover_interrupted() == 1
    assert store.list() == before


def test_a_window_taken_for_dead_gets_its_message_back(store: ConversationStore, database: Database) -> None:
    answer = store.add_message(store.create("x").id, Role.ASSISTANT, "", MessageState.STREAMING)
    with database.transaction() as connection:
        connection.execute("UPDATE messages SET writer = '1 1.000'")
    assert store.recover_interrupted() == 1
    store.journal(answer.id, "Still here")
    assert store.messages(answer.conversation_id)[0].state is MessageState.STREAMING
    assert store.recover_interrupted() == 0
    finished = store.finish(answer.id, "Still here.", MessageState.COMPLETE, StopReason.END_OF_TURN, None)
    assert finished.state is MessageState.COMPLETE


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no zombies")
def test_a_killed_process_whose_parent_has_not_looked_is_not_alive(
    store: ConversationStore, database: Database, start_process: StartProcess
) -> None:
    process = start_process(WRITE_A_REPLY, database.path)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE
    assert store.recover_interrupted() == 1


def test_this_process_is_alive_and_nonsense_is_not() -> None:
    assert is_alive(this_writer())
    for name in ("", "x y", "1", "-1 0.0", "99999999999999999999 0.0", f"{os.getpid()} soon"):
        assert not is_alive(name), name
