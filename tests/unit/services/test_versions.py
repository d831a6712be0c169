"""Another answer to the same question, an edited question: each stands beside the old one, and nothing is lost."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.cancel import CancelToken
from app.core.conversation import Message, MessageState, Role
from app.core.errors import (
    ContextFullError,
    GenerationError,
    GoneError,
    InglenookError,
    InvalidParameterError,
    NoModelError,
    OutputFormatError,
    PromptTooLongError,
)
from app.core.generation import Chunk, OutputFormat, OutputKind, SamplingParameters, StopReason
from app.core.prompt import GenerationRequest, PromptMessage
from app.core.settings import OverflowPolicy
from app.engine.fake import FakeScript
from app.services.events import (
    ChatEvent,
    HistorySummarised,
    HistoryTrimmed,
    MessageSaved,
    ReplyFinished,
    ReplyStarted,
    SummaryWriting,
)
from app.storage.conversations import ConversationStore
from app.storage.database import open_database
from tests.unit.services.conftest import Parts, load_included
from tests.unit.storage.conftest import NOW, ROOT

MakeParts = Callable[[FakeScript], Parts]
Noting = Callable[[Parts], list[GenerationRequest]]
LONG = " ".join(f"word{n}" for n in range(100))


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    """Two turns: France? Paris. Italy? Rome."""
    made = make_parts(FakeScript())
    load_included(made)
    for number, (question, answer) in enumerate((("France?", "Paris."), ("Italy?", "Rome."))):
        made.engine.script = FakeScript(reply=answer)
        list(made.chat.send(question, CancelToken(), conversation_id=1 if number else None, system_prompt="Be brief."))
    return made


def shown(parts: Parts) -> list[str]:
    return [
        m.text if m.version_count == 1 else f"{m.text} {m.version}/{m.version_count}"
        for m in parts.conversations.messages(1)
    ]


def message(parts: Parts, text: str) -> Message:
    return next(m for m in parts.conversations.messages(1) if m.text == text)


def retry(parts: Parts, text: str, reply: str, overflow: OverflowPolicy | None = None) -> list[ChatEvent]:
    parts.engine.script = FakeScript(reply=reply)
    return list(parts.chat.retry(message(parts, text).id, CancelToken(), overflow=overflow))


def edit(parts: Parts, text: str, edited: str, reply: str) -> list[ChatEvent]:
    parts.engine.script = FakeScript(reply=reply)
    return list(parts.chat.edit(message(parts, text).id, edited, CancelToken()))


def reused(events: Sequence[ChatEvent]) -> int:
    statistics = next(e.message.statistics for e in events if isinstance(e, ReplyFinished))
    assert statistics is not None
    return statistics.reused_tokens


def test_the_last_answer_is_written_anew_beside_the_old_one(parts: Parts, asked: Noting) -> None:
    requests = asked(parts)
    events = retry(parts, "Rome.", "Rome, again.")
    assert isinstance(events[0], ReplyStarted)
    assert isinstance(events[-1], ReplyFinished)
    assert (events[-1].message.version, events[-1].message.version_count) == (2, 2)
    assert shown(parts) == ["France?", "Paris.", "Italy?", "Rome, again. 2/2"]
    assert [m.text for m in requests[0].messages] == ["Be brief.", "France?", "Paris.", "Italy?"]
    first, _ = parts.conversations.versions(parts.conversations.messages(1)[-1].id)
    parts.conversations.show_version(first)
    assert shown(parts) == ["France?", "Paris.", "Italy?", "Rome. 1/2"]


def test_an_earlier_answer_is_written_anew_and_the_path_ends_there(parts: Parts) -> None:
    old = message(parts, "Paris.")
    retry(parts, "Paris.", "Paris, of course.")
    assert shown(parts) == ["France?", "Paris, of course. 2/2"]
    parts.conversations.show_version(old.id)
    assert shown(parts) == ["France?", "Paris. 1/2", "Italy?", "Rome."]


def test_a_question_whose_answer_never_came_is_answered(parts: Parts) -> None:
    question = parts.conversations.add_message(1, Role.USER, "Spain?")
    parts.engine.script = FakeScript(reply="Madrid.")
    list(parts.chat.retry(question.id, CancelToken()))
    assert shown(parts)[-2:] == ["Spain?", "Madrid."]


def test_a_version_has_a_seed_of_its_own_and_the_form_of_the_old_one(parts: Parts) -> None:
    sampling, form = SamplingParameters(seed=5), OutputFormat(OutputKind.JSON)
    list(parts.chat.send("List", CancelToken(), conversation_id=1, sampling=sampling, output=form))
    old = parts.conversations.messages(1)[-1]
    list(parts.chat.retry(old.id, CancelToken(), sampling=sampling))
    made = parts.conversations.messages(1)[-1].provenance
    assert made is not None
    assert made.output == form
    assert made.sampling.seed not in (5, None)
    assert replace(made.sampling, seed=5) == sampling


def test_a_question_is_edited_beside_the_old_one_and_answered(parts: Parts, asked: Noting) -> None:
    requests = asked(parts)
    events = edit(parts, "Italy?", "Spain?\nPlease", "Madrid.")
    assert [type(e) for e in events[:2]] == [MessageSaved, ReplyStarted]
    assert isinstance(events[0], MessageSaved)
    assert (events[0].message.version, events[0].message.version_count) == (2, 2)
    assert shown(parts) == ["France?", "Paris.", "Spain?\nPlease 2/2", "Madrid."]
    assert [m.text for m in requests[0].messages] == ["Be brief.", "France?", "Paris.", "Spain?\nPlease"]
    parts.conversations.show_version(parts.conversations.versions(events[0].message.id)[0])
    assert shown(parts) == ["France?", "Paris.", "Italy? 1/2", "Rome."]


def test_the_first_question_is_edited_too_and_the_title_stays(parts: Parts) -> None:
    edit(parts, "France?", "Germany?", "Berlin.")
    assert shown(parts) == ["Germany? 2/2", "Berlin."]
    assert parts.conversations.get(1).title == "France?"
    list(parts.chat.send("And Austria?", CancelToken(), conversation_id=1))
    assert shown(parts)[:3] == ["Germany? 2/2", "Berlin.", "And Austria?"], "the chat goes on on the path that is shown"


def test_what_was_shown_before_is_in_no_prompt_of_another_version(parts: Parts, asked: Noting) -> None:
    edit(parts, "France?", "Germany?", "Berlin.")
    requests = asked(parts)
    list(parts.chat.send("And?", CancelToken(), conversation_id=1))
    assert [m.text for m in requests[0].messages] == ["Be brief.", "Germany?", "Berlin.", "And?"]


def test_what_the_versions_share_is_not_read_again(parts: Parts) -> None:
    list(parts.chat.send(LONG, CancelToken(), conversation_id=1))
    question, answer = parts.conversations.messages(1)[-2:]
    assert reused(list(parts.chat.retry(answer.id, CancelToken()))) > 100
    assert reused(list(parts.chat.edit(question.id, f"{LONG} indeed", CancelToken()))) > 100


def test_deleted_messages_are_in_no_saved_state(parts: Parts) -> None:
    list(parts.chat.send(f"secret {LONG}", CancelToken(), conversation_id=1))
    parts.cache.save()
    (state,) = parts.states.glob("1-*.state")
    assert "secret" in state.read_text()
    parts.conversations.delete_message(parts.conversations.messages(1)[-2].id)
    assert list(parts.states.iterdir()) == []
    parts.cache.save()
    list(parts.chat.send("Other", CancelToken()))
    assert list(parts.states.iterdir()) == [], "the KV cache still held them"
    list(parts.chat.send(LONG, CancelToken(), conversation_id=1))
    parts.cache.save()
    (state,) = parts.states.glob("1-*.state")
    assert "secret" not in state.read_text()


@pytest.mark.parametrize(
    ("prepare", "error"),
    [
        (lambda parts: parts.models.unload(), NoModelError),
        (lambda parts: parts.conversations.delete(1), GoneError),
        (lambda parts: parts.conversations.add_message(1, Role.SYSTEM, "x"), InvalidParameterError),
    ],
    ids=["no model", "gone", "wrong message"],
)
@pytest.mark.parametrize("call", ["retry", "edit"])
def test_what_cannot_be_done_is_refused_before_anything_changes(
    parts: Parts, prepare: Callable[[Parts], object], error: type[InglenookError], call: str
) -> None:
    last = parts.conversations.messages(1)[-1]
    asked_for = last.id if call == "retry" else last.parent_id
    prepare(parts)
    if error is InvalidParameterError:
        asked_for = parts.conversations.messages(1)[-1].id
    before = [m for c in parts.conversations.list() for m in parts.conversations.messages(c.id)]
    assert asked_for is not None
    cancel = CancelToken()
    events = parts.chat.retry(asked_for, cancel) if call == "retry" else parts.chat.edit(asked_for, "Spain?", cancel)
    with pytest.raises(error):
        list(events)
    assert [m for c in parts.conversations.list() for m in parts.conversations.messages(c.id)] == before


@pytest.mark.parametrize(
    ("text", "output", "overflow", "error"),
    [
        (" \n", OutputFormat(), None, InvalidParameterError),
        ("x", OutputFormat(OutputKind.SCHEMA, '{"type": "integr"}'), None, OutputFormatError),
        ("word " * 5000, OutputFormat(), None, PromptTooLongError),
        ("word " * 3800, OutputFormat(), OverflowPolicy.STOP, ContextFullError),
    ],
    ids=["blank", "form", "too long", "full"],
)
def test_an_edit_that_cannot_be_sent_leaves_the_question_as_it_is(
    parts: Parts, text: str, output: OutputFormat, overflow: OverflowPolicy | None, error: type[InglenookError]
) -> None:
    parts.engine.script = FakeScript(reply="word " * 100)
    list(parts.chat.send("Long", CancelToken(), conversation_id=1))
    list(parts.chat.send("Longer", CancelToken(), conversation_id=1))
    before = parts.conversations.messages(1)
    with pytest.raises(error):
        list(parts.chat.edit(before[-2].id, text, CancelToken(), output=output, overflow=overflow))
    assert parts.conversations.messages(1) == before


def test_only_answers_that_have_ended_are_written_anew(parts: Parts) -> None:
    question = parts.conversations.add_message(1, Role.USER, "Spain?")
    answer = parts.conversations.add_message(1, Role.ASSISTANT, "Ma", MessageState.STREAMING)
    with pytest.raises(InvalidParameterError, match="still being written"):
        list(parts.chat.retry(answer.id, CancelToken()))
    with pytest.raises(InvalidParameterError, match="wrote yourself"):
        list(parts.chat.edit(answer.id, "Madrid", CancelToken()))
    assert parts.conversations.versions(answer.id) == [answer.id]
    assert parts.conversations.versions(question.id) == [question.id]


def test_a_stopped_version_keeps_the_part_so_far_and_the_old_one(parts: Parts) -> None:
    parts.engine.script = FakeScript(reply="one two three four")
    cancel = CancelToken()
    for event in parts.chat.retry(message(parts, "Rome.").id, cancel):
        if isinstance(event, Chunk) and event.completion_tokens == 2:
            cancel.cancel()
    assert shown(parts)[-1] == "one two 2/2"
    assert parts.conversations.messages(1)[-1].stop_reason is StopReason.CANCELLED


def test_an_engine_that_fails_in_a_version_leaves_both(parts: Parts) -> None:
    parts.engine.script = FakeScript(reply="one two three", error_after_tokens=1)
    old = message(parts, "Rome.")
    with pytest.raises(GenerationError):
        list(parts.chat.retry(old.id, CancelToken()))
    new = parts.conversations.messages(1)[-1]
    assert (new.text, new.state, new.version_count) == ("one", MessageState.INTERRUPTED, 2)
    parts.conversations.show_version(old.id)
    assert shown(parts)[-1] == "Rome. 1/2"


def test_a_version_can_be_continued(parts: Parts) -> None:
    limited = SamplingParameters(max_tokens=2)
    parts.engine.script = FakeScript(reply="one two three")
    list(parts.chat.retry(message(parts, "Rome.").id, CancelToken(), sampling=limited))
    parts.engine.script = FakeScript(reply=" three")
    list(parts.chat.continue_reply(parts.conversations.messages(1)[-1].id, CancelToken()))
    assert shown(parts)[-1] == "one two three 2/2"


def test_the_memory_of_a_version_begins_where_its_own_path_says(parts: Parts) -> None:
    parts.engine.script = FakeScript(reply="word " * 900)
    for text in ("first ", "second ", "third "):
        list(parts.chat.send(text * 900, CancelToken(), conversation_id=1))
    old = parts.conversations.messages(1)[-1]
    assert old.memory_begins is not None
    (trimmed,) = [e for e in parts.chat.retry(old.id, CancelToken()) if isinstance(e, HistoryTrimmed)]
    assert trimmed.first_seen_message_id == old.memory_begins == parts.conversations.messages(1)[-1].memory_begins
    short = list(parts.chat.edit(parts.conversations.messages(1)[0].id, "Short", CancelToken()))
    assert not [e for e in short if isinstance(e, HistoryTrimmed)]
    assert parts.conversations.messages(1)[-1].memory_begins is None


def test_a_summary_stands_for_messages_of_its_own_path_only(parts: Parts, asked: Noting) -> None:
    parts.engine.script = FakeScript(reply="word " * 900)
    for text in ("first ", "second "):
        list(parts.chat.send(text * 900, CancelToken(), conversation_id=1))
    summary = OverflowPolicy.SUMMARY
    parts.engine.script = FakeScript(reply="They talked.")
    list(parts.chat.send("third " * 900, CancelToken(), conversation_id=1, overflow=summary))
    again = retry(parts, "They talked.", "Yes.", overflow=summary)
    assert not [e for e in again if isinstance(e, SummaryWriting)], "what was summarised is on this path too"
    assert [e.summary for e in again if isinstance(e, HistorySummarised)] == ["They talked."]
    requests = asked(parts)
    parts.engine.script = FakeScript(reply="word " * 900)
    list(parts.chat.edit(parts.conversations.messages(1)[0].id, "other " * 1500, CancelToken(), overflow=summary))
    list(parts.chat.send("more " * 1500, CancelToken(), conversation_id=1, overflow=summary))
    written = [m.text for r in requests for m in r.messages if m.role is Role.SYSTEM]
    assert not [text for text in written if "They talked." in text], "the other path was summarised there"


def test_a_branch_goes_on_by_itself(parts: Parts, asked: Noting) -> None:
    branch = parts.conversations.branch(message(parts, "Paris.").id)
    requests = asked(parts)
    parts.engine.script = FakeScript(reply="Madrid.")
    list(parts.chat.send("Spain?", CancelToken(), conversation_id=branch.id))
    assert requests[0].messages[0] == PromptMessage(Role.SYSTEM, "Be brief.")
    assert [m.text for m in requests[0].messages[1:]] == ["France?", "Paris.", "Spain?"]
    assert shown(parts) == ["France?", "Paris.", "Italy?", "Rome."]


RETRY_FOR_EVER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from app.core.cancel import CancelToken
from app.core.generation import Chunk
from app.engine.fake import FakeEngine, FakeScript
from app.services import journal
from app.services.chat import ChatService
from app.storage.conversations import ConversationStore
from app.storage.database import open_database
from app.storage.machine import open_machine
from tests.included import model_service
journal.JOURNAL_SECONDS = 0.0
store = ConversationStore(open_database(Path(sys.argv[1]), datetime.now(UTC)).database)
engine = FakeEngine(FakeScript(reply="again " * 100_000, token_seconds=0.001))
models = model_service(engine, open_machine(Path(sys.argv[2]), datetime.now(UTC)).database)
models.load(None, CancelToken(), lambda _: None)
for event in ChatService(engine, models, store).retry(store.messages(1)[-1].id, CancelToken()):
    if isinstance(event, Chunk) and event.completion_tokens == 20:
        print("ready", flush=True)
"""


def test_a_process_killed_while_it_writes_a_version_leaves_the_old_one(parts: Parts, tmp_path: Path) -> None:
    old = message(parts, "Rome.")
    command = [sys.executable, "-c", RETRY_FOR_EVER, str(parts.database.path), str(tmp_path / "other.db")]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.kill()
    parts.database.close()
    database = open_database(parts.database.path, NOW).database
    store = ConversationStore(database)
    assert store.recover_interrupted() == 1
    new = store.messages(1)[-1]
    assert (new.state, new.version, new.version_count) == (MessageState.INTERRUPTED, 2, 2)
    assert new.text.count("again") >= 19
    store.show_version(store.versions(new.id)[0])
    assert store.messages(1)[-1] == replace(old, version_count=2)
    database.close()
