"""Versions of messages: which path is shown, and that only what was asked for is ever lost."""

from collections.abc import Callable

import pytest

from app.core.conversation import Message, MessageState, Role
from app.core.errors import GoneError
from app.core.generation import StopReason
from app.storage.conversations import ConversationStore
from app.storage.database import Database, open_database
from app.storage.message_tree import PATH_TO, SHOWN_PATH
from tests.unit.storage.conftest import NOW

ASSISTANT, USER = Role.ASSISTANT, Role.USER


@pytest.fixture
def talk(store: ConversationStore) -> list[Message]:
    """Two turns: their four messages."""
    conversation = store.create("Capitals", "Be brief.")
    turns = ((USER, "France?"), (ASSISTANT, "Paris"), (USER, "Italy?"), (ASSISTANT, "Rome"))
    return [store.add_message(conversation.id, role, text) for role, text in turns]


def shown(store: ConversationStore, conversation_id: int = 1) -> list[str]:
    """The path as a person sees it, with the versions that can be turned to."""
    return [
        m.text if m.version_count == 1 else f"{m.text} {m.version}/{m.version_count}"
        for m in store.messages(conversation_id)
    ]


def every_text(database: Database) -> set[str]:
    return {row["text"] for row in database.read("SELECT text FROM messages")}


def test_a_message_follows_the_end_of_what_is_shown(store: ConversationStore, talk: list[Message]) -> None:
    assert store.messages(1) == talk
    assert [m.parent_id for m in talk] == [None, *(m.id for m in talk[:-1])]


def test_another_answer_to_the_same_question_is_a_version_of_it(
    store: ConversationStore, database: Database, talk: list[Message]
) -> None:
    again = store.add_message(1, ASSISTANT, "Paris, of course", parent=talk[0].id)
    assert (again.version, again.version_count, again.parent_id) == (2, 2, talk[0].id)
    assert shown(store) == ["France?", "Paris, of course 2/2"]
    assert every_text(database) == {"France?", "Paris", "Italy?", "Rome", "Paris, of course"}


def test_an_edited_question_stands_beside_the_old_one(store: ConversationStore, talk: list[Message]) -> None:
    edited = store.add_version(talk[2].id, "Spain?")
    assert (edited.role, edited.parent_id, edited.state) == (USER, talk[1].id, MessageState.COMPLETE)
    store.add_message(1, ASSISTANT, "Madrid")
    assert shown(store) == ["France?", "Paris", "Spain? 2/2", "Madrid"]
    first = store.add_version(talk[0].id, "Germany?")
    assert first.parent_id is None
    assert shown(store) == ["Germany? 2/2"]


def test_turning_to_a_version_shows_what_was_last_shown_below_it(store: ConversationStore, talk: list[Message]) -> None:
    store.add_version(talk[2].id, "Spain?")
    store.add_message(1, ASSISTANT, "Madrid")
    again = store.add_message(1, ASSISTANT, "Paris!", parent=talk[0].id)
    assert store.versions(again.id) == [talk[1].id, again.id]
    store.show_version(talk[1].id)
    assert shown(store) == ["France?", "Paris 1/2", "Spain? 2/2", "Madrid"]
    store.show_version(talk[2].id)
    assert shown(store) == ["France?", "Paris 1/2", "Italy? 1/2", "Rome"]
    store.show_version(again.id)
    assert shown(store) == ["France?", "Paris! 2/2"]
    store.show_version(talk[3].id)
    assert shown(store) == ["France?", "Paris 1/2", "Italy? 1/2", "Rome"], "also from far above it"


def test_the_choice_is_there_after_a_restart(store: ConversationStore, database: Database, talk: list[Message]) -> None:
    store.add_version(talk[2].id, "Spain?")
    store.show_version(talk[2].id)
    before = store.messages(1)
    database.close()
    again = open_database(database.path, NOW).database
    assert ConversationStore(again).messages(1) == before
    assert before[2].version_count == 2
    again.close()


def test_looking_at_a_version_does_not_move_the_conversation_up(store: ConversationStore, talk: list[Message]) -> None:
    store.add_version(talk[2].id, "Spain?")
    store.create("Newer")
    before = store.list()
    store.show_version(talk[2].id)
    assert store.list() == before


def test_the_path_to_a_message_that_is_not_shown(store: ConversationStore, talk: list[Message]) -> None:
    store.add_version(talk[0].id, "Germany?")
    assert [m.id for m in store.path_to(talk[2].id)] == [m.id for m in talk[:3]]
    assert store.path_to(talk[0].id)[0].version_count == 2


def test_a_message_goes_with_everything_below_it(
    store: ConversationStore, database: Database, talk: list[Message]
) -> None:
    store.add_version(talk[2].id, "Spain?")
    store.add_summary(1, talk[0].id, "France was asked for.", "M")
    store.add_summary(1, talk[3].id, "And Italy.", "M")
    assert store.count_below(talk[1].id) == 3
    store.delete_message(talk[1].id)
    assert shown(store) == ["France?"]
    assert every_text(database) == {"France?"}
    assert [s.text for s in store.summaries(1)] == ["France was asked for."]
    assert store.count_below(talk[0].id) == 0


@pytest.mark.parametrize(("deleted", "left"), [(0, "B 1/2"), (1, "A 1/2"), (2, "B 2/2")])
def test_a_neighbour_takes_the_place_of_a_deleted_version(
    store: ConversationStore, talk: list[Message], deleted: int, left: str
) -> None:
    store.delete_message(talk[1].id)
    ids = [store.add_message(1, ASSISTANT, text, parent=talk[0].id).id for text in "ABC"]
    store.show_version(ids[deleted])
    store.delete_message(ids[deleted])
    assert shown(store) == ["France?", left]


def test_deleting_what_is_not_shown_changes_nothing_that_is(store: ConversationStore, talk: list[Message]) -> None:
    store.add_message(1, ASSISTANT, "Paris!", parent=talk[0].id)
    store.delete_message(talk[1].id)
    assert shown(store) == ["France?", "Paris!"]


def test_the_only_question_leaves_an_empty_conversation_to_go_on_in(
    store: ConversationStore, talk: list[Message]
) -> None:
    store.delete_message(talk[0].id)
    assert store.messages(1) == []
    assert (store.get(1).title, store.get(1).system_prompt) == ("Capitals", "Be brief.")
    store.add_message(1, USER, "Anew")
    assert shown(store) == ["Anew"]


def test_whoever_keeps_what_was_read_hears_of_a_deletion(database: Database) -> None:
    heard: list[int] = []
    store = ConversationStore(database, on_shortened=heard.append)
    message = store.add_message(store.create("x").id, USER, "Hello")
    store.add_version(message.id, "Hello there")
    assert heard == []
    store.delete_message(message.id)
    assert heard == [message.conversation_id]


def test_a_branch_is_a_conversation_of_its_own(store: ConversationStore, talk: list[Message]) -> None:
    store.finish(talk[1].id, "Paris", MessageState.COMPLETE, StopReason.END_OF_TURN, None, memory_begins=talk[0].id)
    store.add_version(talk[2].id, "Spain?")
    store.add_summary(1, talk[0].id, "France was asked for.", "M")
    store.add_summary(1, talk[3].id, "And Italy.", "M")
    before = store.messages(1)
    branch = store.branch(talk[2].id)
    assert (branch.title, branch.system_prompt) == ("Capitals (branch)", "Be brief.")
    assert store.list()[0] == branch
    copies = store.messages(branch.id)
    assert shown(store, branch.id) == ["France?", "Paris", "Italy?"], "without the other versions"
    assert not {m.id for m in copies} & {m.id for m in talk}
    assert copies[1].memory_begins == copies[0].id
    assert copies[1].created_at == talk[1].created_at
    (summary,) = store.summaries(branch.id)
    assert (summary.text, summary.last_message_id) == ("France was asked for.", copies[0].id)
    store.delete(branch.id)
    assert store.messages(1) == before
    assert len(store.summaries(1)) == 2


def test_a_branch_of_a_branch_is_not_called_so_twice(store: ConversationStore, talk: list[Message]) -> None:
    again = store.branch(talk[0].id)
    assert store.branch(store.messages(again.id)[0].id).title == "Capitals (branch)"


def test_a_branch_takes_what_is_being_written_as_far_as_it_has_come(
    store: ConversationStore, talk: list[Message]
) -> None:
    answer = store.add_message(1, ASSISTANT, "", MessageState.STREAMING, parent=talk[2].id)
    store.journal(answer.id, "Ro")
    copy = store.messages(store.branch(answer.id).id)[-1]
    assert (copy.text, copy.state) == ("Ro", MessageState.INTERRUPTED)
    store.journal(answer.id, "Rome")
    assert store.recover_interrupted() == 0


def test_a_message_is_not_put_below_one_of_another_conversation(store: ConversationStore, talk: list[Message]) -> None:
    other = store.create("Other")
    with pytest.raises(GoneError):
        store.add_message(other.id, USER, "x", parent=talk[3].id)
    assert store.messages(other.id) == []


def test_an_answer_that_is_written_on_is_summarised_anew(store: ConversationStore, talk: list[Message]) -> None:
    for message in talk[1::2]:
        store.add_summary(1, message.id, message.text, "M")
    store.write_on(talk[3].id, "M")
    assert [s.text for s in store.summaries(1)] == ["Paris"]


@pytest.mark.parametrize(
    "damage",
    ["UPDATE messages SET parent_id = id", "UPDATE messages SET parent_id = 4", "UPDATE messages SET is_chosen = 0"],
)
def test_a_damaged_tree_is_read_and_written_without_end_or_failure(
    store: ConversationStore, database: Database, talk: list[Message], damage: str
) -> None:
    with database.transaction() as connection:
        connection.execute(damage)
    assert len(store.messages(1)) in (0, 4)
    for message in talk:
        assert store.path_to(message.id)[-1].id == message.id
        store.show_version(message.id)
    store.add_message(1, USER, "Still there")
    assert shown(store)[-1] == "Still there"
    store.delete_message(talk[0].id)


def test_a_long_conversation_of_many_versions_is_read_and_deleted(store: ConversationStore, database: Database) -> None:
    conversation = store.create("Long")
    with database.transaction() as connection:
        connection.executemany(
            "INSERT INTO messages (id, conversation_id, position, parent_id, role, text, state, created_at) "
            "VALUES (?, ?, ?, ?, 'user', 'x', 'complete', 0)",
            [(n, conversation.id, n, n - 1 if n > 1 else None) for n in range(1, 3001)],
        )
    assert len(store.messages(conversation.id)) == 3000
    assert len(store.messages(store.branch(3000).id)) == 3000
    store.delete_message(1)
    assert store.messages(conversation.id) == []


@pytest.mark.parametrize("sql", [SHOWN_PATH, PATH_TO])
def test_no_path_is_found_by_looking_at_every_message(database: Database, sql: str) -> None:
    plan = [row["detail"] for row in database.read(f"EXPLAIN QUERY PLAN {sql}", (1,))]
    assert any("messages_by_parent" in step for step in plan)
    assert not [step for step in plan if step.startswith(("SCAN message", "SCAN sibling"))]


def test_what_fails_half_way_changes_nothing(
    store: ConversationStore, talk: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise GoneError("It is gone.")

    monkeypatch.setattr("app.storage.conversations.copy_path", fails)
    calls: tuple[Callable[[], object], ...] = (
        lambda: store.branch(talk[0].id),
        lambda: store.add_message(1, USER, "x", parent=4711),
    )
    before = (store.list(), store.messages(1))
    for call in calls:
        with pytest.raises(GoneError):
            call()
    assert (store.list(), store.messages(1)) == before
