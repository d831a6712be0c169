"""Conversations and messages come back as they were stored, in their order, quickly."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import pytest

from app.core.conversation import Message, MessageState, Role
from app.core.errors import DatabaseCorruptError, GoneError, StorageError
from app.core.generation import (
    GenerationStatistics,
    OutputFormat,
    OutputKind,
    SamplingParameters,
    StopReason,
    TokenBias,
)
from app.core.model import FlashAttention, KvCacheType, LoadParameters, LoraAdapter
from app.core.provenance import Provenance
from app.storage.conversations import ConversationStore
from app.storage.database import Database, open_database
from tests.unit.storage.conftest import NOW

STATISTICS = GenerationStatistics(
    prompt_tokens=1440,
    reused_tokens=1200,
    completion_tokens=318,
    prompt_seconds=0.326,
    generation_seconds=4.415,
    time_to_first_token=0.42,
)
WITH_REASONING = replace(
    STATISTICS, reasoning_tokens=100, reasoning_seconds=1.5, drafted_tokens=40, accepted_tokens=30, earlier_tokens=7
)
PROVENANCE = Provenance(
    model_name="SmolLM2 135M",
    file_name="smol.gguf",
    size_bytes=98_362_432,
    sha256="ab" * 32,
    quantization="Q4_1",
    engine_version="0.3.36",
    device="CPU, 2 threads",
    load=LoadParameters(
        path=Path("/models/caf\udce9/smol.gguf"),
        gpu_layers=3,
        device_split=(1.0, 0.5),
        kv_cache_type=KvCacheType.Q8_0,
        flash_attention=FlashAttention.ON,
        adapters=(LoraAdapter(Path("/adapters/a.gguf"), 0.5),),
        chat_template="{{ '🪵' }}",
    ),
    sampling=SamplingParameters(
        temperature=0.0,
        seed=2**32 - 2,
        stop=("\n", "end"),
        logit_bias=(TokenBias(5, float("-inf")), TokenBias("a", 1.0)),
    ),
    output=OutputFormat(OutputKind.SCHEMA, '{"type": "object"}'),
)
UNKNOWN = 4711


@pytest.fixture
def ticking(database: Database) -> ConversationStore:
    """A store whose clock moves on by a second with every look at it."""
    seconds = iter(range(10_000))
    return ConversationStore(database, lambda: NOW + timedelta(seconds=next(seconds)))


def test_a_new_conversation_is_listed(store: ConversationStore) -> None:
    before = datetime.now(UTC)
    made = store.create("Capitals", "Answer briefly.")
    assert (made.title, made.system_prompt) == ("Capitals", "Answer briefly.")
    assert made.created_at == made.updated_at
    assert before <= made.created_at <= datetime.now(UTC)
    assert store.list() == [made]
    assert store.get(made.id) == made
    assert store.messages(made.id) == []
    assert store.create("Second").system_prompt == ""


def test_messages_keep_their_order_and_everything_in_them(store: ConversationStore) -> None:
    conversation = store.create("Capitals")
    question = store.add_message(conversation.id, Role.USER, "Which?\n\tTabs, 'quotes', 🇫🇷, \0 and \u2028.")
    answer = store.add_message(conversation.id, Role.ASSISTANT, "", MessageState.STREAMING, model_name="SmolLM2 135M")
    finished = store.finish(answer.id, "Paris.", MessageState.COMPLETE, StopReason.END_OF_TURN, STATISTICS)
    system = store.add_message(conversation.id, Role.SYSTEM, "Be brief.")
    assert store.messages(conversation.id) == [question, finished, system]
    assert question.text == "Which?\n\tTabs, 'quotes', 🇫🇷, \0 and \u2028."
    assert (question.role, question.state, question.model_name) == (Role.USER, MessageState.COMPLETE, None)
    assert question.created_at.utcoffset() == timedelta(0)
    assert finished == Message(
        id=answer.id,
        conversation_id=conversation.id,
        role=Role.ASSISTANT,
        text="Paris.",
        state=MessageState.COMPLETE,
        created_at=answer.created_at,
        model_name="SmolLM2 135M",
        stop_reason=StopReason.END_OF_TURN,
        statistics=STATISTICS,
        parent_id=question.id,
    )


def test_a_reply_keeps_what_it_was_thought_and_made_with(store: ConversationStore) -> None:
    question = store.add_message(store.create("x").id, Role.USER, "Hello")
    answer = store.add_message(question.conversation_id, Role.ASSISTANT, "", MessageState.STREAMING)
    finished = store.finish(
        answer.id,
        "Paris.",
        MessageState.COMPLETE,
        StopReason.END_OF_TURN,
        WITH_REASONING,
        reasoning="The capital…",
        provenance=PROVENANCE,
        memory_begins=question.id,
    )
    assert finished.statistics == WITH_REASONING
    assert finished.provenance == PROVENANCE
    assert (finished.reasoning, finished.memory_begins) == ("The capital…", question.id)
    assert store.message(answer.id) == finished == store.messages(question.conversation_id)[-1]


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"model_name": 5}', "[" * 100_000, "{"])
def test_a_damaged_provenance_costs_no_more_than_itself(
    store: ConversationStore, database: Database, text: str
) -> None:
    answer = store.add_message(store.create("x").id, Role.ASSISTANT, "", MessageState.STREAMING)
    store.finish(answer.id, "Paris.", MessageState.COMPLETE, None, None, provenance=PROVENANCE)
    with database.transaction() as connection:
        connection.execute("UPDATE messages SET provenance = ?", (text,))
    read = store.message(answer.id)
    assert (read.text, read.provenance) == ("Paris.", None)


def test_a_reply_is_opened_to_be_written_on(store: ConversationStore) -> None:
    answer = store.add_message(store.create("x").id, Role.ASSISTANT, "", MessageState.STREAMING)
    store.finish(answer.id, "Par", MessageState.COMPLETE, StopReason.MAX_TOKENS, STATISTICS, provenance=PROVENANCE)
    opened = store.write_on(answer.id, "Other model")
    assert (opened.text, opened.state, opened.model_name) == ("Par", MessageState.STREAMING, "Other model")
    assert (opened.stop_reason, opened.statistics, opened.provenance) == (None, None, None)
    store.journal(answer.id, "Paris", "Hm.")
    assert (store.message(answer.id).text, store.message(answer.id).reasoning) == ("Paris", "Hm.")
    with pytest.raises(GoneError):
        store.write_on(answer.id, "Another window's")


def test_only_an_answer_is_written_on(store: ConversationStore) -> None:
    question = store.add_message(store.create("x").id, Role.USER, "Hello")
    with pytest.raises(GoneError):
        store.write_on(question.id, "Model")
    assert store.message(question.id) == question


def test_summaries_are_kept_with_their_conversation(store: ConversationStore, database: Database) -> None:
    conversation, other = store.create("x"), store.create("y")
    assert store.summaries(conversation.id) == []
    first = store.add_summary(conversation.id, 2, "They met.", "SmolLM2 135M")
    second = store.add_summary(conversation.id, 4, "They met and parted.", "SmolLM2 135M")
    store.add_summary(other.id, 1, "Other.", "SmolLM2 135M")
    assert store.summaries(conversation.id) == [first, second]
    assert (second.last_message_id, second.text, second.model_name) == (4, "They met and parted.", "SmolLM2 135M")
    store.delete(conversation.id)
    assert [row["text"] for row in database.read("SELECT text FROM summaries")] == ["Other."]


def test_whoever_keeps_more_of_a_conversation_hears_of_its_end(database: Database) -> None:
    heard: list[int] = []
    store = ConversationStore(database, on_deleted=heard.append)
    kept, deleted = store.create("kept"), store.create("deleted")
    store.delete(deleted.id)
    with pytest.raises(GoneError):
        store.delete(deleted.id)
    assert heard == [deleted.id] != [kept.id]


def test_a_reply_can_end_without_reason_and_figures(store: ConversationStore) -> None:
    answer = store.add_message(store.create("x").id, Role.ASSISTANT, "", MessageState.STREAMING)
    finished = store.finish(answer.id, "Par", MessageState.INTERRUPTED, None, None)
    assert (finished.text, finished.state, finished.stop_reason, finished.statistics) == (
        "Par",
        MessageState.INTERRUPTED,
        None,
        None,
    )


def test_finishing_again_replaces_the_reply(store: ConversationStore) -> None:
    answer = store.add_message(store.create("x").id, Role.ASSISTANT, "", MessageState.STREAMING)
    store.finish(answer.id, "Par", MessageState.INTERRUPTED, None, None)
    store.finish(answer.id, "Paris.", MessageState.COMPLETE, StopReason.MAX_TOKENS, STATISTICS)
    assert [m.text for m in store.messages(answer.conversation_id)] == ["Paris."]


def test_journalling_replaces_the_partial_text(store: ConversationStore) -> None:
    answer = store.add_message(store.create("x").id, Role.ASSISTANT, "", MessageState.STREAMING)
    store.journal(answer.id, "The cap")
    store.journal(answer.id, "The capital of")
    (stored,) = store.messages(answer.conversation_id)
    assert (stored.text, stored.state) == ("The capital of", MessageState.STREAMING)


def test_a_complete_reply_is_not_journalled_over(store: ConversationStore) -> None:
    answer = store.add_message(store.create("x").id, Role.ASSISTANT, "", MessageState.STREAMING)
    store.finish(answer.id, "Paris.", MessageState.COMPLETE, StopReason.END_OF_TURN, STATISTICS)
    with pytest.raises(StorageError, match="complete"):
        store.journal(answer.id, "The")
    assert store.messages(answer.conversation_id)[0].text == "Paris."


def test_the_conversation_with_the_newest_message_comes_first(ticking: ConversationStore) -> None:
    first, second, third = (ticking.create(title) for title in ("first", "second", "third"))
    assert [c.title for c in ticking.list()] == ["third", "second", "first"]
    message = ticking.add_message(first.id, Role.USER, "Hello")
    assert [c.title for c in ticking.list()] == ["first", "third", "second"]
    assert ticking.get(first.id).updated_at == message.created_at > first.created_at
    answer = ticking.add_message(second.id, Role.ASSISTANT, "", MessageState.STREAMING)
    ticking.add_message(third.id, Role.USER, "Hello")
    ticking.finish(answer.id, "Hi", MessageState.COMPLETE, StopReason.END_OF_TURN, None)
    assert [c.title for c in ticking.list()] == ["second", "third", "first"]


def test_renaming_leaves_the_order_alone(ticking: ConversationStore) -> None:
    first, second = ticking.create("first"), ticking.create("second")
    ticking.rename(first.id, "Renamed 🪵")
    assert [c.title for c in ticking.list()] == ["second", "Renamed 🪵"]
    assert ticking.get(second.id) == second


def test_deleting_takes_the_messages_along_and_nothing_else(store: ConversationStore, database: Database) -> None:
    kept, deleted = store.create("kept"), store.create("deleted")
    for conversation in (kept, deleted):
        store.add_message(conversation.id, Role.USER, "Hello")
    store.delete(deleted.id)
    assert store.list() == [store.get(kept.id)]
    assert [row["conversation_id"] for row in database.read("SELECT conversation_id FROM messages")] == [kept.id]


def test_an_id_is_never_used_again(store: ConversationStore) -> None:
    deleted = store.create("deleted")
    message = store.add_message(deleted.id, Role.USER, "Hello")
    store.delete(deleted.id)
    later = store.create("later")
    assert later.id != deleted.id
    assert store.add_message(later.id, Role.USER, "Hello").id != message.id


@pytest.mark.parametrize(
    "call",
    [
        lambda store: store.get(UNKNOWN),
        lambda store: store.messages(UNKNOWN),
        lambda store: store.rename(UNKNOWN, "x"),
        lambda store: store.delete(UNKNOWN),
        lambda store: store.add_message(UNKNOWN, Role.USER, "x"),
        lambda store: store.add_message(store.list()[0].id, Role.USER, "x", parent=UNKNOWN),
        lambda store: store.add_version(UNKNOWN, "x"),
        lambda store: store.show_version(UNKNOWN),
        lambda store: store.delete_message(UNKNOWN),
        lambda store: store.branch(UNKNOWN),
        lambda store: store.versions(UNKNOWN),
        lambda store: store.path_to(UNKNOWN),
        lambda store: store.message(UNKNOWN),
        lambda store: store.write_on(UNKNOWN, "x"),
        lambda store: store.add_summary(UNKNOWN, 1, "x", "x"),
        lambda store: store.journal(UNKNOWN, "x"),
        lambda store: store.finish(UNKNOWN, "x", MessageState.COMPLETE, None, None),
    ],
    ids=[
        "get",
        "messages",
        "rename",
        "delete",
        "add_message",
        "parent",
        "add_version",
        "show_version",
        "delete_message",
        "branch",
        "versions",
        "path_to",
        "message",
        "write_on",
        "add_summary",
        "journal",
        "finish",
    ],
)
def test_an_unknown_id_is_answered_with_a_sentence(
    store: ConversationStore, call: Callable[[ConversationStore], object]
) -> None:
    known = store.create("known")
    with pytest.raises(StorageError) as caught:
        call(store)
    assert caught.value.sentence.endswith(".")
    assert str(UNKNOWN) in caught.value.detail
    assert store.list() == [known]


def test_a_reply_whose_conversation_was_deleted_says_so(store: ConversationStore) -> None:
    answer = store.add_message(store.create("x").id, Role.ASSISTANT, "", MessageState.STREAMING)
    store.delete(answer.conversation_id)
    with pytest.raises(StorageError, match="deleted"):
        store.journal(answer.id, "The")
    with pytest.raises(StorageError, match="deleted"):
        store.finish(answer.id, "The", MessageState.COMPLETE, StopReason.CANCELLED, None)


def test_undecodable_input_costs_its_own_characters_only(store: ConversationStore) -> None:
    text = b"caf\xe9 \xff au lait".decode("utf-8", "surrogateescape")
    conversation = store.create(text, text)
    assert conversation.title == conversation.system_prompt == "caf� � au lait"
    assert store.add_message(conversation.id, Role.USER, text).text == "caf� � au lait"


def test_a_flipped_bit_in_a_text_leaves_the_conversation_readable(store: ConversationStore, database: Database) -> None:
    conversation = store.create("x")
    message = store.add_message(conversation.id, Role.USER, "x")
    with database.transaction() as connection:
        connection.execute("UPDATE messages SET text = CAST(? AS TEXT) WHERE id = ?", (b"caf\xe9", message.id))
    assert store.messages(conversation.id)[0].text == "caf�"


def test_a_senseless_entry_is_a_known_error(store: ConversationStore, database: Database) -> None:
    conversation = store.create("x")
    store.add_message(conversation.id, Role.USER, "x")
    with database.transaction() as connection:
        connection.execute("UPDATE messages SET role = 'usfr'")
    with pytest.raises(DatabaseCorruptError) as caught:
        store.messages(conversation.id)
    assert str(database.path) in caught.value.sentence


def test_threads_append_without_losing_a_message(store: ConversationStore) -> None:
    conversation = store.create("busy")

    def append(name: str) -> None:
        for number in range(25):
            store.add_message(conversation.id, Role.USER, f"{name}{number}")

    threads = [threading.Thread(target=append, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    texts = [m.text for m in store.messages(conversation.id)]
    assert sorted(texts) == sorted(f"{name}{number}" for name in "ab" for number in range(25))
    assert [t for t in texts if t[0] == "a"] == [f"a{number}" for number in range(25)]


def test_a_large_profile_is_read_quickly(store: ConversationStore, database: Database) -> None:
    with database.transaction() as connection:
        connection.executemany(
            "INSERT INTO conversations (title, system_prompt, created_at, updated_at) VALUES (?, '', ?, ?)",
            [(f"Conversation {number}", number, number) for number in range(300)],
        )
        connection.executemany(
            "INSERT INTO messages (conversation_id, position, role, text, state, created_at) "
            "VALUES (?, ?, 'user', ?, 'complete', 0)",
            [(2 + n % 299, n // 299, "What is the capital of France? " * 10) for n in range(2990)],
        )
    parent = None
    for _ in range(300):
        parent = store.add_message(1, Role.USER, "What is the capital of France? " * 10, parent=parent).id
    assert len(store.list()) == 300
    assert len(store.messages(1)) == 300
    # A few milliseconds in truth; the bound leaves room for a machine that is busy with other things.
    assert min(_seconds(store.list) for _ in range(5)) < 0.03
    assert min(_seconds(lambda: store.messages(1)) for _ in range(5)) < 0.03
    assert min(_seconds(store.recover_interrupted) for _ in range(5)) < 0.01


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        ("SELECT * FROM conversations ORDER BY updated_at DESC, id DESC", "conversations_by_update"),
        ("SELECT id FROM messages WHERE parent_id IS NULL AND conversation_id = 1 ORDER BY id", "messages_by_parent"),
        ("SELECT id, writer FROM messages WHERE state = 'streaming'", "messages_being_written"),
    ],
)
def test_an_index_answers(database: Database, sql: str, index: str) -> None:
    plan = [row["detail"] for row in database.read(f"EXPLAIN QUERY PLAN {sql}")]
    assert len(plan) == 1, "a second step would be a sort"
    assert index in plan[0]


def test_everything_is_there_after_a_restart(database: Database, store: ConversationStore) -> None:
    conversation = store.create("Capitals", "Answer briefly.")
    store.add_message(conversation.id, Role.USER, "Hello")
    before = (store.list(), store.messages(conversation.id))
    database.close()
    again = open_database(database.path, NOW).database
    reopened = ConversationStore(again)
    assert (reopened.list(), reopened.messages(conversation.id)) == before
    again.close()


def _seconds(call: Callable[[], object]) -> float:
    start = perf_counter()
    call()
    return perf_counter() - start
