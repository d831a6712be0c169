"""What a full context does to a reply under each policy, and that the transcript can show where the memory begins."""

from collections.abc import Callable

import pytest

from app.core.cancel import CancelToken
from app.core.conversation import MessageState, Role
from app.core.errors import ContextFullError, GenerationError
from app.core.generation import Chunk, ContextShifted, StopReason
from app.core.settings import OverflowPolicy, Settings
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
from app.services.summary import INSTRUCTION
from app.storage.conversations import ConversationStore
from tests.unit.services.conftest import Parts, load_included

MakeParts = Callable[[FakeScript], Parts]
CONTEXT = 4096


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    made = make_parts(FakeScript(reply="word " * 900))
    load_included(made)
    return made


def ask(parts: Parts, text: str, policy: OverflowPolicy | None = None) -> list[ChatEvent]:
    """Go on in the first conversation, or begin it."""
    known = [c.id for c in parts.conversations.list()]
    return list(parts.chat.send(text, CancelToken(), conversation_id=known[0] if known else None, overflow=policy))


def fill(parts: Parts) -> None:
    """Two turns of 1,800 words each: a third does not fit."""
    ask(parts, "first " * 900)
    ask(parts, "second " * 900)


def only(events: list[ChatEvent], kind: type) -> ChatEvent:
    (found,) = [e for e in events if isinstance(e, kind)]
    return found


def test_the_first_message_seen_is_told_and_kept_with_the_answer(parts: Parts) -> None:
    fill(parts)
    trimmed = only(ask(parts, "third " * 900), HistoryTrimmed)
    assert isinstance(trimmed, HistoryTrimmed)
    stored = ConversationStore(parts.database).messages(1)
    assert trimmed.first_seen_message_id == stored[2].id
    assert [m.memory_begins for m in stored if m.role is Role.ASSISTANT] == [None, None, stored[2].id]


def test_a_question_that_fills_the_context_is_all_that_is_seen(parts: Parts) -> None:
    fill(parts)
    trimmed = only(ask(parts, "third " * 3500), HistoryTrimmed)
    assert isinstance(trimmed, HistoryTrimmed)
    question, answer = parts.conversations.messages(1)[-2:]
    assert (trimmed.left_out, trimmed.first_seen_message_id) == (4, question.id)
    assert answer.memory_begins == question.id
    assert answer.stop_reason is StopReason.CONTEXT_FULL


def test_stop_sends_nothing_and_says_what_to_do(parts: Parts) -> None:
    fill(parts)
    with pytest.raises(ContextFullError, match="full"):
        ask(parts, "third " * 900, OverflowPolicy.STOP)
    assert len(parts.conversations.messages(1)) == 4


def test_the_setting_decides_where_nothing_is_said(parts: Parts) -> None:
    parts.settings.save(Settings(overflow=OverflowPolicy.STOP))
    fill(parts)
    with pytest.raises(ContextFullError):
        ask(parts, "third " * 900)
    assert only(ask(parts, "third " * 900, OverflowPolicy.TRIM), HistoryTrimmed)


def test_shift_goes_on_where_trim_ends(parts: Parts) -> None:
    parts.engine.script = FakeScript(reply="word " * 1500)
    events = ask(parts, "long " * 3000, OverflowPolicy.SHIFT)
    assert only(events, ContextShifted)
    assert parts.conversations.messages(1)[-1].stop_reason is StopReason.END_OF_TURN
    assert len(parts.conversations.messages(1)[-1].text.split()) == 1500


def test_a_summary_takes_the_place_of_the_oldest_turns(parts: Parts) -> None:
    fill(parts)
    parts.engine.script = FakeScript(reply="They talked about first things.")
    events = ask(parts, "third " * 900, OverflowPolicy.SUMMARY)
    kinds = [type(e) for e in events if not isinstance(e, Chunk)]
    order = [MessageSaved, SummaryWriting, HistorySummarised, ReplyStarted, ReplyFinished]
    assert [k for k in dict.fromkeys(kinds) if k in order] == order
    summarised = only(events, HistorySummarised)
    stored = parts.conversations.messages(1)
    assert summarised == HistorySummarised(2, "They talked about first things.", stored[2].id)
    assert stored[-1].memory_begins == stored[2].id
    (kept,) = parts.conversations.summaries(1)
    assert (kept.text, kept.last_message_id) == ("They talked about first things.", stored[1].id)
    assert kept.model_name == "SmolLM2 135M"
    assert [m.role for m in stored] == [Role.USER, Role.ASSISTANT] * 3, "the summary's own question is not kept"


def test_a_summary_is_used_again_until_more_must_be_summarised(parts: Parts) -> None:
    fill(parts)
    parts.engine.script = FakeScript(reply="They talked.")
    ask(parts, "third " * 900, OverflowPolicy.SUMMARY)
    events = ask(parts, "And?", OverflowPolicy.SUMMARY)
    assert not [e for e in events if isinstance(e, SummaryWriting)]
    assert only(events, HistorySummarised)
    again = ask(parts, "fourth " * 1500, OverflowPolicy.SUMMARY)
    assert [e for e in again if isinstance(e, SummaryWriting)]
    first, second = parts.conversations.summaries(1)
    assert first.last_message_id < second.last_message_id


def test_what_is_summarised_is_asked_as_the_conversation_goes_on(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the KV cache, which holds the conversation, is used."""
    fill(parts)
    prompts = []
    generate = parts.engine.generate

    def noting(request: object, cancel: CancelToken) -> object:
        prompts.append(request)
        return generate(request, cancel)  # type: ignore[arg-type]

    monkeypatch.setattr(parts.engine, "generate", noting)
    parts.engine.script = FakeScript(reply="They talked.")
    ask(parts, "third " * 900, OverflowPolicy.SUMMARY)
    asked = prompts[0].messages  # type: ignore[attr-defined]
    stored = parts.conversations.messages(1)
    assert [m.text for m in asked] == [stored[0].text, stored[1].text, INSTRUCTION]
    assert prompts[0].sampling.max_tokens == 400  # type: ignore[attr-defined]
    assert "They talked." in prompts[1].messages[0].text  # type: ignore[attr-defined]


def test_a_history_longer_than_the_context_is_summarised_in_parts(parts: Parts) -> None:
    conversation = parts.conversations.create("Long")
    for number in range(12):
        role = (Role.USER, Role.ASSISTANT)[number % 2]
        parts.conversations.add_message(conversation.id, role, f"m{number} " * 1500)
    parts.engine.script = FakeScript(reply="All of it.")
    events = ask(parts, "And now?", OverflowPolicy.SUMMARY)
    beginnings = [e for e in events if isinstance(e, SummaryWriting) and not e.text]
    assert len(beginnings) > 2
    (kept,) = parts.conversations.summaries(conversation.id)
    assert only(events, HistorySummarised) == HistorySummarised(10, "All of it.", kept.last_message_id + 1)


def test_a_summary_can_be_stopped_and_the_message_stays(parts: Parts) -> None:
    fill(parts)
    parts.engine.script = FakeScript(reply="word " * 300)
    cancel = CancelToken()
    events = []
    for event in parts.chat.send("third " * 900, cancel, conversation_id=1, overflow=OverflowPolicy.SUMMARY):
        events.append(event)
        if isinstance(event, SummaryWriting) and event.text:
            cancel.cancel()
    last = events[-1]
    assert isinstance(last, ReplyFinished)
    assert last.message.stop_reason is StopReason.CANCELLED
    assert parts.conversations.summaries(1) == []
    assert parts.conversations.messages(1)[-2].text == "third " * 900


@pytest.mark.expects_log_records
@pytest.mark.parametrize("script", [FakeScript(reply=" "), FakeScript(reply="x", error_after_tokens=0)])
def test_a_summary_that_fails_leaves_the_turns_out_and_says_so(
    parts: Parts, monkeypatch: pytest.MonkeyPatch, script: FakeScript
) -> None:
    fill(parts)
    generate = parts.engine.generate

    def first_fails(request: object, cancel: CancelToken) -> object:
        parts.engine.script = script if request.messages[-1].text == INSTRUCTION else FakeScript(reply="Fine.")  # type: ignore[attr-defined]
        return generate(request, cancel)  # type: ignore[arg-type]

    monkeypatch.setattr(parts.engine, "generate", first_fails)
    events = ask(parts, "third " * 900, OverflowPolicy.SUMMARY)
    assert only(events, HistoryTrimmed)
    assert parts.conversations.messages(1)[-1].text == "Fine."


def test_a_conversation_that_fits_needs_no_summary(parts: Parts) -> None:
    events = ask(parts, "Hello", OverflowPolicy.SUMMARY)
    assert not [e for e in events if isinstance(e, SummaryWriting | HistorySummarised | HistoryTrimmed)]


def test_an_engine_that_fails_in_the_answer_after_a_summary_keeps_both(parts: Parts) -> None:
    fill(parts)
    parts.engine.script = FakeScript(reply="They talked a lot.", error_after_tokens=4)
    with pytest.raises(GenerationError):
        parts.engine.script = FakeScript(reply="They talked.")
        for event in parts.chat.send("third " * 900, CancelToken(), conversation_id=1, overflow=OverflowPolicy.SUMMARY):
            if isinstance(event, ReplyStarted):
                parts.engine.script = FakeScript(reply="one two three", error_after_tokens=2)
    assert len(parts.conversations.summaries(1)) == 1
    last = parts.conversations.messages(1)[-1]
    assert (last.text, last.state) == ("one two", MessageState.INTERRUPTED)
    assert last.memory_begins is not None
