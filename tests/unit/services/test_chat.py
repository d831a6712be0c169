"""What is saved, journalled, left out and said while a reply travels."""

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing

import pytest

from app.core.cancel import CancelToken
from app.core.conversation import MessageState, Role
from app.core.errors import (
    DatabaseBusyError,
    GenerationError,
    InvalidParameterError,
    NoModelError,
    OutputFormatError,
    PromptTooLongError,
)
from app.core.generation import (
    Chunk,
    OutputFormat,
    OutputKind,
    PromptRepaired,
    ReasoningChunk,
    SamplingParameters,
    StopReason,
)
from app.core.prompt import GenerationRequest, PromptMessage
from app.engine.fake import FakeScript
from app.services import journal as journal_module
from app.services.events import ChatEvent, HistoryTrimmed, MessageSaved, ReplyFinished, ReplyStarted, SaveFailed
from tests.unit.services.conftest import Parts, load_included

MakeParts = Callable[[FakeScript], Parts]


def loaded(make_parts: MakeParts, script: FakeScript) -> Parts:
    parts = make_parts(script)
    load_included(parts)
    return parts


def conversation_of(events: list[ChatEvent]) -> int:
    return next(e.conversation.id for e in events if isinstance(e, MessageSaved))


def test_a_message_begins_a_conversation_and_both_turns_are_stored(parts: Parts) -> None:
    events = list(parts.chat.send("What is the capital of France?\nIn one word.", CancelToken()))
    assert [type(e) for e in events[:2]] == [MessageSaved, ReplyStarted]
    assert isinstance(events[-1], ReplyFinished)
    (conversation,) = parts.conversations.list()
    assert conversation.title == "What is the capital of France?"
    question, answer = parts.conversations.messages(conversation.id)
    assert (question.role, answer.role) == (Role.USER, Role.ASSISTANT)
    assert answer.text == "Paris is the capital of France."
    assert answer.state is MessageState.COMPLETE
    assert answer.stop_reason is StopReason.END_OF_TURN
    assert answer.model_name == "SmolLM2 135M"
    assert answer.statistics is not None
    assert answer.statistics.completion_tokens == 6


def test_the_next_message_goes_on_in_the_conversation_and_remembers_it(parts: Parts) -> None:
    first = list(parts.chat.send("One", CancelToken(), system_prompt="Be brief."))
    before = parts.engine.count_prompt_tokens([])
    list(parts.chat.send("Two", CancelToken(), conversation_id=conversation_of(first)))
    (conversation,) = parts.conversations.list()
    messages = parts.conversations.messages(conversation.id)
    assert [m.text for m in messages if m.role is Role.USER] == ["One", "Two"]
    assert conversation.system_prompt == "Be brief."
    assert messages[-1].statistics is not None
    assert messages[-1].statistics.prompt_tokens > before + 4


@pytest.mark.parametrize("text", ["", "   ", "\n\t "])
def test_a_blank_message_is_not_sent_and_nothing_is_stored(parts: Parts, text: str) -> None:
    with pytest.raises(InvalidParameterError, match="empty"):
        list(parts.chat.send(text, CancelToken()))
    assert parts.conversations.list() == []


def test_without_a_model_nothing_is_stored(make_parts: MakeParts) -> None:
    parts = make_parts(FakeScript())
    with pytest.raises(NoModelError):
        list(parts.chat.send("Hello", CancelToken()))
    assert parts.conversations.list() == []


def test_stopping_keeps_the_part_so_far(make_parts: MakeParts) -> None:
    parts = loaded(make_parts, FakeScript(reply="one two three four five six"))
    cancel = CancelToken()
    for event in parts.chat.send("Count", cancel):
        if isinstance(event, Chunk) and event.completion_tokens == 3:
            cancel.cancel()
    answer = parts.conversations.messages(1)[-1]
    assert answer.text == "one two three"
    assert answer.stop_reason is StopReason.CANCELLED
    assert answer.state is MessageState.COMPLETE


def test_the_text_is_on_disk_while_it_streams(make_parts: MakeParts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "JOURNAL_SECONDS", 0.0)
    parts = loaded(make_parts, FakeScript(reply="one two three four"))
    seen = []
    for event in parts.chat.send("Count", CancelToken()):
        if isinstance(event, Chunk):
            with closing(sqlite3.connect(parts.database.path)) as other:
                seen.append(other.execute("SELECT text, state FROM messages ORDER BY id DESC LIMIT 1").fetchone())
    assert seen[-1] == ("one two three", "streaming"), "the chunk being shown is written right after it"


def test_an_engine_that_fails_in_mid_answer_leaves_an_interrupted_message(make_parts: MakeParts) -> None:
    parts = loaded(make_parts, FakeScript(reply="one two three four", error_after_tokens=2))
    with pytest.raises(GenerationError):
        list(parts.chat.send("Count", CancelToken()))
    answer = parts.conversations.messages(1)[-1]
    assert (answer.text, answer.state) == ("one two", MessageState.INTERRUPTED)
    parts.engine.script = FakeScript(reply="fine again")
    list(parts.chat.send("And now?", CancelToken(), conversation_id=1))
    assert parts.conversations.messages(1)[-1].text == "fine again"


def test_a_reader_that_goes_away_leaves_an_interrupted_message(make_parts: MakeParts) -> None:
    parts = loaded(make_parts, FakeScript(reply="one two three four"))
    events = parts.chat.send("Count", CancelToken())
    for event in events:
        if isinstance(event, Chunk):
            break
    events.close()  # type: ignore[attr-defined]  # a generator, which Iterator does not say
    assert parts.conversations.messages(1)[-1].state is MessageState.INTERRUPTED


@pytest.mark.expects_log_records
def test_a_reply_that_cannot_be_saved_goes_on_and_is_saved_on_retry(
    make_parts: MakeParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "JOURNAL_SECONDS", 0.0)
    parts = loaded(make_parts, FakeScript(reply="one two three"))
    events = []
    with closing(sqlite3.connect(parts.database.path, isolation_level=None)) as other:
        for event in parts.chat.send("Count", CancelToken()):
            events.append(event)
            if isinstance(event, ReplyStarted):
                other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusyError):
            parts.chat.retry_unsaved()
    failures = [e for e in events if isinstance(e, SaveFailed)]
    assert [type(f.error) for f in failures] == [DatabaseBusyError, DatabaseBusyError], (
        "at its beginning and at the end"
    )
    assert "".join(e.text for e in events if isinstance(e, Chunk)) == "one two three", "the answer was shown whole"
    assert parts.conversations.messages(1)[-1].text == ""
    (saved,) = parts.chat.retry_unsaved()
    assert saved.text == parts.conversations.messages(1)[-1].text == "one two three"
    assert parts.chat.retry_unsaved() == []


def test_the_oldest_turns_are_left_out_when_the_context_is_full_and_it_is_said(make_parts: MakeParts) -> None:
    parts = loaded(make_parts, FakeScript(reply="word " * 900))
    conversation = conversation_of(list(parts.chat.send("first " * 900, CancelToken())))
    list(parts.chat.send("second " * 900, CancelToken(), conversation_id=conversation))
    events = list(parts.chat.send("third " * 900, CancelToken(), conversation_id=conversation))
    (trimmed,) = [e for e in events if isinstance(e, HistoryTrimmed)]
    assert trimmed.left_out == 2, "whole turns: a question goes with its answer"
    assert len(parts.conversations.messages(conversation)) == 6, "nothing is lost from the conversation itself"


def test_a_message_longer_than_the_context_is_refused_before_it_is_stored(parts: Parts) -> None:
    with pytest.raises(PromptTooLongError, match="too long"):
        list(parts.chat.send("word " * 5000, CancelToken()))
    assert parts.conversations.list() == []


def test_two_questions_in_a_row_are_joined_for_the_template(parts: Parts) -> None:
    conversation = parts.conversations.create("Lost answer")
    parts.conversations.add_message(conversation.id, Role.USER, "One")
    parts.conversations.add_message(conversation.id, Role.ASSISTANT, "", MessageState.STREAMING)
    events = list(parts.chat.send("Two", CancelToken(), conversation_id=conversation.id))
    (finished,) = [e for e in events if isinstance(e, ReplyFinished)]
    assert finished.message.statistics is not None
    assert finished.message.statistics.prompt_tokens == 4, "role, One, Two, role"


def test_deleting_a_conversation_while_its_reply_is_written_is_no_failure(make_parts: MakeParts) -> None:
    parts = loaded(make_parts, FakeScript(reply="one two three"))
    events = []
    for event in parts.chat.send("Count", CancelToken()):
        events.append(event)
        if isinstance(event, Chunk) and event.completion_tokens == 1:
            parts.conversations.delete(1)
    assert not [e for e in events if isinstance(e, SaveFailed)]
    assert isinstance(events[-1], ReplyFinished)
    assert parts.chat.retry_unsaved() == []
    assert parts.conversations.list() == []


def test_an_answer_keeps_what_made_it(parts: Parts) -> None:
    sampling = SamplingParameters(temperature=0.0, seed=5)
    output = OutputFormat(OutputKind.JSON)
    list(parts.chat.send("Hello", CancelToken(), sampling=sampling, output=output))
    provenance = parts.conversations.messages(1)[-1].provenance
    model = parts.models.current
    assert provenance is not None
    assert model is not None
    assert (provenance.sampling, provenance.output) == (sampling, output)
    assert provenance.load == model.info.load
    assert (provenance.file_name, provenance.size_bytes) == (model.info.path.name, model.info.size_bytes)
    assert (provenance.sha256, provenance.device, provenance.engine_version) == (model.sha256, "CPU", "fake")


def test_the_seed_that_was_drawn_is_kept_and_gives_the_same_answer(make_parts: MakeParts) -> None:
    parts = loaded(make_parts, FakeScript())
    for _ in range(4):
        list(parts.chat.send("Hello", CancelToken()))
    answers = [parts.conversations.messages(c.id)[-1] for c in parts.conversations.list()]
    drawn = [a.provenance.sampling for a in answers if a.provenance is not None]
    assert len({s.seed for s in drawn}) == 4
    assert None not in {s.seed for s in drawn}
    for answer, sampling in zip(answers, drawn, strict=True):
        events = list(parts.chat.send("Hello", CancelToken(), sampling=sampling))
        (again,) = [e for e in events if isinstance(e, ReplyFinished)]
        assert again.message.text == answer.text


def test_reasoning_travels_is_journalled_and_goes_along_with_the_next_prompt(
    make_parts: MakeParts, monkeypatch: pytest.MonkeyPatch, asked: Callable[[Parts], list[GenerationRequest]]
) -> None:
    monkeypatch.setattr(journal_module, "JOURNAL_SECONDS", 0.0)
    parts = loaded(make_parts, FakeScript(reasoning="Let me think.", reply="Paris."))
    thought = ""
    for event in parts.chat.send("Capital?", CancelToken()):
        if isinstance(event, ReasoningChunk):
            with closing(sqlite3.connect(parts.database.path)) as other:
                (stored,) = other.execute("SELECT reasoning FROM messages ORDER BY id DESC LIMIT 1").fetchone()
            assert stored == thought, "a piece is written right after it is shown"
            thought += event.text
    answer = parts.conversations.messages(1)[-1]
    assert (answer.reasoning, answer.text) == ("Let me think.", "Paris.") == (thought, answer.text)
    assert answer.statistics is not None
    assert answer.statistics.reasoning_tokens == 3
    requests = asked(parts)
    list(parts.chat.send("And Italy's?", CancelToken(), conversation_id=1, thinking=False))
    assert requests[0].messages[1] == PromptMessage(Role.ASSISTANT, "Paris.", "Let me think.")
    assert requests[0].thinking is False


def test_a_repair_of_the_prompt_is_passed_on(make_parts: MakeParts) -> None:
    parts = loaded(make_parts, FakeScript(reply="Fine.", repair="The system prompt was put into the first message."))
    events = list(parts.chat.send("Hello", CancelToken()))
    assert [e.sentence for e in events if isinstance(e, PromptRepaired)] == [parts.engine.script.repair]


def test_the_time_to_the_first_token_counts_from_the_press_of_send(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = parts.engine.count_prompt_tokens

    def slow(*arguments: object) -> int:
        time.sleep(0.05)
        return count(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(parts.engine, "count_prompt_tokens", slow)
    list(parts.chat.send("Hello", CancelToken()))
    statistics = parts.conversations.messages(1)[-1].statistics
    assert statistics is not None
    assert statistics.time_to_first_token >= 0.05


def test_a_prompt_that_fits_is_counted_once(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    list(parts.chat.send("One", CancelToken()))
    calls = []
    count = parts.engine.count_prompt_tokens

    def counting(messages: Sequence[PromptMessage], thinking: bool | None = None) -> int:
        calls.append(messages)
        return count(messages, thinking)

    monkeypatch.setattr(parts.engine, "count_prompt_tokens", counting)
    list(parts.chat.send("Two", CancelToken(), conversation_id=1))
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("kind", "source"), [(OutputKind.SCHEMA, '{"type": "integr"}'), (OutputKind.GRAMMAR, "root ::= (")]
)
def test_a_form_that_cannot_be_used_is_refused_before_anything_is_saved(
    parts: Parts, kind: OutputKind, source: str
) -> None:
    with pytest.raises(OutputFormatError):
        list(parts.chat.send("Hello", CancelToken(), output=OutputFormat(kind, source)))
    assert parts.conversations.list() == []
