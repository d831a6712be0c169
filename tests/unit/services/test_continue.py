"""An answer that was cut short is written on in the same message."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from app.core.cancel import CancelToken
from app.core.conversation import Message, MessageState, Role
from app.core.errors import GenerationError, GoneError, InvalidParameterError, NoModelError
from app.core.generation import Chunk, OutputFormat, OutputKind, ReasoningChunk, SamplingParameters, StopReason
from app.core.prompt import GenerationRequest
from app.core.settings import OverflowPolicy
from app.engine.fake import FakeScript
from app.services import journal as journal_module
from app.services.events import ChatEvent, HistoryTrimmed, ReplyFinished, ReplyStarted
from tests.unit.services.conftest import Parts, load_included

MakeParts = Callable[[FakeScript], Parts]
LIMITED = SamplingParameters(max_tokens=3)


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    made = make_parts(FakeScript(reply="one two three four five"))
    load_included(made)
    return made


def begun(parts: Parts, sampling: SamplingParameters | None = LIMITED) -> Message:
    """An answer that its limit has ended after three words."""
    list(parts.chat.send("Count", CancelToken(), sampling=sampling))
    return last(parts)


def last(parts: Parts) -> Message:
    return parts.conversations.messages(1)[-1]


def go_on(parts: Parts, message: Message, reply: str = " four five six", **options: object) -> list[ChatEvent]:
    parts.engine.script = FakeScript(reply=reply)
    return list(parts.chat.continue_reply(message.id, CancelToken(), **options))  # type: ignore[arg-type]


def requests_of(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> list[GenerationRequest]:
    """What the engine is asked from now on."""
    asked: list[GenerationRequest] = []
    generate = parts.engine.generate

    def noting(request: GenerationRequest, cancel: CancelToken) -> object:
        asked.append(request)
        return generate(request, cancel)

    monkeypatch.setattr(parts.engine, "generate", noting)
    return asked


def test_the_text_is_added_to_the_same_message(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    message = begun(parts)
    assert (message.text, message.stop_reason) == ("one two three", StopReason.MAX_TOKENS)
    asked = requests_of(parts, monkeypatch)
    events = go_on(parts, message, sampling=SamplingParameters())
    started, finished = events[0], events[-1]
    assert isinstance(started, ReplyStarted)
    assert (started.message.id, started.message.text) == (message.id, "one two three")
    assert "".join(e.text for e in events if isinstance(e, Chunk)) == " four five six"
    assert isinstance(finished, ReplyFinished)
    assert finished.message == last(parts)
    assert finished.message.text == "one two three four five six"
    assert finished.message.stop_reason is StopReason.END_OF_TURN
    assert len(parts.conversations.messages(1)) == 2
    assert asked[0].continues
    assert (asked[0].messages[-1].role, asked[0].messages[-1].text) == (Role.ASSISTANT, "one two three")


def test_the_figures_are_the_last_completion_s_and_count_the_tokens_before_it(parts: Parts) -> None:
    go_on(parts, begun(parts), " four five six seven", sampling=LIMITED)
    figures = last(parts).statistics
    assert figures is not None
    assert (figures.completion_tokens, figures.earlier_tokens) == (3, 3)
    go_on(parts, last(parts), " seven", sampling=SamplingParameters())
    figures = last(parts).statistics
    assert figures is not None
    assert (figures.completion_tokens, figures.earlier_tokens) == (1, 6)


def test_it_goes_on_with_what_the_answer_was_made_with_but_another_seed(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = begun(parts, SamplingParameters(max_tokens=3, temperature=1.5, seed=7))
    asked = requests_of(parts, monkeypatch)
    go_on(parts, message)
    assert (asked[0].sampling.temperature, asked[0].sampling.max_tokens) == (1.5, 3)
    assert asked[0].sampling.seed not in (None, 7)
    provenance = last(parts).provenance
    assert provenance is not None
    assert provenance.sampling == asked[0].sampling


def test_the_string_that_stopped_it_stops_it_no_more(parts: Parts) -> None:
    message = begun(parts, SamplingParameters(stop=("three",)))
    assert (message.text, message.stop_reason) == ("one two ", StopReason.STOP_STRING)
    go_on(parts, message, "three four")
    assert last(parts).text == "one two three four"


def test_an_answer_that_a_crash_cut_off_is_written_on(parts: Parts) -> None:
    conversation = parts.conversations.create("Crashed")
    parts.conversations.add_message(conversation.id, Role.USER, "Count")
    message = parts.conversations.add_message(conversation.id, Role.ASSISTANT, "one", MessageState.STREAMING)
    with parts.database.transaction() as connection:
        connection.execute("UPDATE messages SET writer = '4194300 1.000' WHERE state = 'streaming'")
    assert parts.conversations.recover_interrupted() == 1
    go_on(parts, message, " two")
    assert (last(parts).text, last(parts).state) == ("one two", MessageState.COMPLETE)
    assert last(parts).model_name == "SmolLM2 135M"


def test_an_answer_without_a_word_is_begun_anew(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    cancel = CancelToken()
    cancel.cancel()
    list(parts.chat.send("Count", cancel))
    assert last(parts).text == ""
    asked = requests_of(parts, monkeypatch)
    go_on(parts, last(parts), "one")
    assert not asked[0].continues
    assert [m.text for m in asked[0].messages] == ["Count"]
    assert last(parts).text == "one"


def test_reasoning_is_written_on_too(parts: Parts) -> None:
    parts.engine.script = FakeScript(reasoning="Let me see what", reply="one")
    list(parts.chat.send("Count", CancelToken(), sampling=LIMITED))
    assert (last(parts).reasoning, last(parts).text) == ("Let me see", "")
    parts.engine.script = FakeScript(reasoning=" what", reply="one")
    events = list(parts.chat.continue_reply(last(parts).id, CancelToken()))
    assert [e.text for e in events if isinstance(e, ReasoningChunk)] == [" what"]
    assert (last(parts).reasoning, last(parts).text) == ("Let me see what", "one")
    figures = last(parts).statistics
    assert figures is not None
    assert figures.reasoning_tokens == 4


def test_a_full_context_makes_room_by_leaving_out_the_oldest_turns(parts: Parts) -> None:
    parts.engine.script = FakeScript(reply="word " * 1000)
    list(parts.chat.send("first " * 1000, CancelToken()))
    parts.engine.script = FakeScript(reply="word " * 1500)
    list(parts.chat.send("second " * 1000, CancelToken(), conversation_id=1))
    message = last(parts)
    assert message.stop_reason is StopReason.CONTEXT_FULL
    events = go_on(parts, message, "the end", overflow=OverflowPolicy.STOP)
    question = parts.conversations.messages(1)[2]
    assert [e for e in events if isinstance(e, HistoryTrimmed)] == [HistoryTrimmed(2, question.id, 0)]
    assert last(parts).text == message.text + "the end"
    assert last(parts).memory_begins == question.id


def test_an_answer_that_fills_the_context_alone_goes_on_from_its_end(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts.engine.script = FakeScript(reply="\n".join(f"line {n} of it" for n in range(2000)))
    list(parts.chat.send("Tell me", CancelToken()))
    message = last(parts)
    assert message.stop_reason is StopReason.CONTEXT_FULL
    asked = requests_of(parts, monkeypatch)
    (trimmed,) = [e for e in go_on(parts, message, " the end") if isinstance(e, HistoryTrimmed)]
    seen = asked[0].messages[-1].text
    assert message.text.endswith(seen)
    assert trimmed.left_out_characters == len(message.text) - len(seen) > 0
    assert last(parts).text == message.text + " the end", "nothing is lost from the message itself"


def test_what_is_added_is_on_disk_while_it_streams(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "JOURNAL_SECONDS", 0.0)
    message = begun(parts)
    seen = []
    parts.engine.script = FakeScript(reply=" four five")
    for event in parts.chat.continue_reply(message.id, CancelToken()):
        if isinstance(event, Chunk):
            with closing(sqlite3.connect(parts.database.path)) as other:
                seen.append(
                    other.execute("SELECT text, state, writer IS NULL FROM messages ORDER BY id DESC").fetchone()
                )
    assert seen[-1] == ("one two three four", "streaming", 0)


def test_an_engine_that_fails_keeps_what_was_added(parts: Parts) -> None:
    message = begun(parts)
    parts.engine.script = FakeScript(reply=" four five", error_after_tokens=1)
    with pytest.raises(GenerationError):
        list(parts.chat.continue_reply(message.id, CancelToken()))
    assert (last(parts).text, last(parts).state) == ("one two three four", MessageState.INTERRUPTED)
    assert last(parts).statistics is None


def test_an_engine_that_fails_at_once_leaves_the_answer_as_it_was(parts: Parts) -> None:
    message = begun(parts)
    parts.engine.script = FakeScript(reply=" four", error_after_tokens=0)
    with pytest.raises(GenerationError):
        list(parts.chat.continue_reply(message.id, CancelToken()))
    assert last(parts) == message


def test_what_cannot_be_written_on_is_refused_with_a_sentence(parts: Parts) -> None:
    question, answer = _exchange(parts)
    for message, words in ((question, "last answer"), (answer, "complete")):
        with pytest.raises(InvalidParameterError, match=words):
            list(parts.chat.continue_reply(message.id, CancelToken()))
    list(parts.chat.send("More", CancelToken(), conversation_id=1, sampling=LIMITED))
    with pytest.raises(InvalidParameterError, match="last answer"):
        list(parts.chat.continue_reply(answer.id, CancelToken()))
    with pytest.raises(GoneError):
        list(parts.chat.continue_reply(4711, CancelToken()))


def _exchange(parts: Parts) -> tuple[Message, Message]:
    list(parts.chat.send("Count", CancelToken()))
    question, answer = parts.conversations.messages(1)
    return question, answer


def test_an_answer_in_a_fixed_form_is_not_continued(parts: Parts) -> None:
    list(parts.chat.send("Count", CancelToken(), sampling=LIMITED, output=OutputFormat(OutputKind.JSON)))
    with pytest.raises(InvalidParameterError, match="fixed form"):
        list(parts.chat.continue_reply(last(parts).id, CancelToken()))


def test_an_answer_being_written_elsewhere_is_left_alone(parts: Parts) -> None:
    conversation = parts.conversations.create("Busy")
    parts.conversations.add_message(conversation.id, Role.USER, "Count")
    message = parts.conversations.add_message(conversation.id, Role.ASSISTANT, "one", MessageState.STREAMING)
    with pytest.raises(InvalidParameterError, match="another window"):
        list(parts.chat.continue_reply(message.id, CancelToken()))


def test_without_a_model_the_answer_stays_as_it_is(parts: Parts) -> None:
    message = begun(parts)
    parts.models.unload()
    with pytest.raises(NoModelError):
        list(parts.chat.continue_reply(message.id, CancelToken()))
    assert last(parts) == message
