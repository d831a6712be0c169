"""Chats in memory: nothing of them is in a file, unless they are kept after all, and then all of it is."""

import inspect
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.conversation import FIRST_TEMPORARY_ID, Message, MessageState, Role
from app.core.errors import GoneError, StorageError
from app.storage.conversations import ConversationStore
from app.storage.database import open_database
from app.storage.temporary_chats import TemporaryChats, temporary_database

SECRET = "the-colour-of-the-door-is-viridian"


class Stores:
    """Stored conversations, and temporary chats beside them."""

    def __init__(self, folder: Path) -> None:
        self.database = open_database(folder / "conversations.db", datetime.now(UTC)).database
        memory = temporary_database()
        self.all = ConversationStore(self.database, temporary=memory)
        self.temporary = TemporaryChats(memory, self.all)

    @property
    def kept(self) -> list[int]:
        """The conversations that the next start would find."""
        return [conversation.id for conversation in ConversationStore(self.database).list()]


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    made = Stores(tmp_path)
    yield made
    made.temporary.close()
    made.database.close()


def _chat(stores: Stores, text: str = SECRET) -> tuple[int, Message, Message]:
    """A temporary chat with a question and its answer."""
    chat = stores.temporary.begin()
    question = stores.all.add_message(chat.id, Role.USER, text)
    answer = stores.all.add_message(chat.id, Role.ASSISTANT, "", MessageState.STREAMING, "A model")
    stores.all.journal(answer.id, "Half of")
    stores.all.finish(answer.id, f"Half of {text}", MessageState.COMPLETE, None, None)
    return chat.id, question, stores.all.message(answer.id)


def test_a_temporary_chat_is_listed_and_in_no_file(stores: Stores, tmp_path: Path) -> None:
    kept = stores.all.create("Kept")
    chat, question, answer = _chat(stores)
    assert [c.id for c in stores.all.list()] == [chat, kept.id]
    assert stores.all.get(chat).title == "Temporary chat"
    assert min(chat, question.id, answer.id) >= FIRST_TEMPORARY_ID
    assert stores.all.messages(chat) == [question, answer]
    assert stores.kept == [kept.id]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]


def test_a_dropped_chat_is_gone(stores: Stores) -> None:
    chat, question, _ = _chat(stores)
    stores.temporary.drop(chat)
    stores.temporary.drop(chat)
    with pytest.raises(GoneError):
        stores.all.get(chat)
    with pytest.raises(GoneError):
        stores.all.message(question.id)


def test_a_chat_that_is_kept_keeps_every_version(stores: Stores, tmp_path: Path) -> None:
    chat, question, answer = _chat(stores)
    other = stores.all.add_message(chat, Role.ASSISTANT, "Another answer", parent=question.id)
    stores.all.show_version(answer.id)
    stores.all.add_summary(chat, question.id, "A summary", "A model")
    before = [(m.role, m.text, m.version, m.version_count, m.model_name) for m in stores.all.messages(chat)]
    made = stores.temporary.keep(chat)
    assert made.title == SECRET
    assert not made.is_temporary
    after = stores.all.messages(made.id)
    assert [(m.role, m.text, m.version, m.version_count, m.model_name) for m in after] == before
    texts = [stores.all.message(id_).text for id_ in stores.all.versions(after[1].id)]
    assert texts == [answer.text, other.text]
    assert [s.text for s in stores.all.summaries(made.id)] == ["A summary"]
    assert [c.id for c in stores.all.list()] == [made.id]
    assert any(SECRET.encode() in path.read_bytes() for path in tmp_path.rglob("conversations.db*"))


def test_a_chat_stays_when_it_cannot_be_kept(stores: Stores) -> None:
    chat, question, answer = _chat(stores)
    stores.database.close()
    with pytest.raises(StorageError):
        stores.temporary.keep(chat)
    assert stores.all.messages(chat) == [question, answer]


def test_a_branch_of_a_temporary_chat_is_temporary(stores: Stores) -> None:
    _, _, answer = _chat(stores)
    assert stores.all.branch(answer.id).is_temporary
    assert stores.kept == []


def test_threads_share_the_memory_and_wait_for_one_another(stores: Stores) -> None:
    chat, _, answer = _chat(stores)
    failures: list[StorageError] = []

    def write() -> None:
        try:
            stores.all.write_on(answer.id, "A model")
            for number in range(200):
                stores.all.journal(answer.id, f"text {number}")
        except StorageError as error:
            failures.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    while thread.is_alive():
        assert len(stores.all.messages(chat)) == 2
    thread.join()
    assert failures == []
    assert stores.all.message(answer.id).text == "text 199"


def test_after_the_end_a_sentence_says_so(stores: Stores) -> None:
    chat, _, _ = _chat(stores)
    stores.temporary.close()
    with pytest.raises(StorageError, match="Temporary chats are over"):
        stores.all.messages(chat)


# Each is given the ids of a temporary chat, its question and its answer, which is being written.
METHODS: dict[str, Callable[[ConversationStore, int, int, int], object]] = {
    "get": lambda store, chat, _question, _answer: store.get(chat),
    "messages": lambda store, chat, _question, _answer: store.messages(chat),
    "message": lambda store, _chat, question, _answer: store.message(question),
    "path_to": lambda store, _chat, _question, answer: store.path_to(answer),
    "versions": lambda store, _chat, question, _answer: store.versions(question),
    "count_below": lambda store, _chat, question, _answer: store.count_below(question),
    "rename": lambda store, chat, _question, _answer: store.rename(chat, "Another"),
    "delete": lambda store, chat, _question, _answer: store.delete(chat),
    "add_message": lambda store, chat, question, _answer: store.add_message(chat, Role.USER, "More", parent=question),
    "add_version": lambda store, _chat, question, _answer: store.add_version(question, "Other words"),
    "show_version": lambda store, _chat, _question, answer: store.show_version(answer),
    "delete_message": lambda store, _chat, question, _answer: store.delete_message(question),
    "branch": lambda store, _chat, _question, answer: store.branch(answer),
    "write_on": lambda store, _chat, _question, answer: (
        store.finish(answer, "Cut", MessageState.INTERRUPTED, None, None),
        store.write_on(answer, "A model"),
    ),
    "journal": lambda store, _chat, _question, answer: store.journal(answer, "Half"),
    "finish": lambda store, _chat, _question, answer: store.finish(answer, "Done", MessageState.COMPLETE, None, None),
    "summaries": lambda store, chat, _question, _answer: store.summaries(chat),
    "add_summary": lambda store, chat, question, _answer: store.add_summary(chat, question, "In short", "A model"),
}
ABOUT_NO_ID = {"list", "create", "adopt", "recover_interrupted"}


@pytest.mark.parametrize("call", METHODS.values(), ids=METHODS.keys())
def test_what_is_asked_of_a_temporary_chat_is_not_asked_of_the_disk(
    stores: Stores, call: Callable[[ConversationStore, int, int, int], object]
) -> None:
    chat = stores.temporary.begin()
    question = stores.all.add_message(chat.id, Role.USER, SECRET)
    answer = stores.all.add_message(chat.id, Role.ASSISTANT, "", MessageState.STREAMING, "A model")
    stores.database.close()
    call(stores.all, chat.id, question.id, answer.id)


def test_every_method_of_the_store_is_tried_so() -> None:
    """Else a new one might ask the stored conversations for an id that they cannot have."""
    public = {name for name, _ in inspect.getmembers(ConversationStore, inspect.isfunction) if name[0] != "_"}
    assert public == METHODS.keys() | ABOUT_NO_ID
