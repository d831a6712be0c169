"""What happens to the KV cache when the conversation, the model or the application changes."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.core.cancel import CancelToken
from app.core.conversation import Message, Role
from app.core.errors import StateFileError, StorageError
from app.core.generation import SamplingParameters
from app.core.model import KvCacheType, LoadParameters
from app.core.prompt import GenerationRequest, PromptMessage
from app.core.settings import Settings
from app.engine.fake import FakeEngine, FakeScript
from app.services.chat import ChatService
from app.services.events import MessageSaved, ReplyFinished
from app.services.prompt_cache import PromptCache, model_key
from app.storage.conversations import ConversationStore
from app.storage.state_files import StateFiles
from app.storage.temporary_chats import TemporaryChats, temporary_database
from tests.included import INCLUDED_MODEL
from tests.unit.services.conftest import Parts, load_included

MakeParts = Callable[[FakeScript], Parts]
LONG = " ".join(f"word{n}" for n in range(100))


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    made = make_parts(FakeScript(reply="An answer."))
    load_included(made)
    return made


def ask(parts: Parts, text: str, conversation_id: int | None = None) -> tuple[int, int]:
    """Send a message; the conversation, and how many tokens of the prompt were reused."""
    events = list(parts.chat.send(text, CancelToken(), conversation_id=conversation_id))
    statistics = next(e.message.statistics for e in events if isinstance(e, ReplyFinished))
    assert statistics is not None
    return next(e.conversation.id for e in events if isinstance(e, MessageSaved)), statistics.reused_tokens


def restart(parts: Parts) -> Parts:
    """The same profile with an engine that has just been started."""
    parts.cache.save()
    engine = FakeEngine(parts.engine.script)
    engine.load(LoadParameters(path=INCLUDED_MODEL), CancelToken(), lambda _: None)
    assert engine.model is not None
    cache = PromptCache(engine, StateFiles(parts.states), lambda: 10**9)
    return replace(parts, engine=engine, cache=cache)


def test_coming_back_to_a_conversation_finds_what_was_read_of_it(parts: Parts) -> None:
    first, _ = ask(parts, LONG)
    second, reused = ask(parts, "other " + LONG)
    assert (first != second, reused < 5) == (True, True)
    _, reused = ask(parts, "And then?", first)
    assert reused > 100
    _, reused = ask(parts, "And then?", second)
    assert reused > 100


def test_going_on_in_one_conversation_writes_no_file(parts: Parts) -> None:
    conversation, _ = ask(parts, LONG)
    _, reused = ask(parts, "And then?", conversation)
    assert reused > 100
    assert not parts.states.exists()


def test_closing_saves_and_the_next_start_reads_it(parts: Parts) -> None:
    conversation, _ = ask(parts, LONG)
    again = restart(parts)
    assert again.engine.cached_tokens == 0
    again.cache.switch_to(conversation)
    assert again.engine.cached_tokens > 100


def test_a_temporary_chat_is_never_saved_and_leaves_nothing_to_be_saved(parts: Parts) -> None:
    memory = temporary_database()
    store = ConversationStore(parts.database, temporary=memory)
    temporary = TemporaryChats(memory, store)
    chat = ChatService(parts.engine, parts.models, store, parts.settings, parts.cache)
    id_ = temporary.begin().id
    list(chat.send(LONG, CancelToken(), conversation_id=id_))
    assert parts.engine.cached_tokens > 100
    parts.cache.save()
    kept = store.create("Kept").id
    parts.cache.switch_to(kept)
    assert parts.engine.cached_tokens == 0, "else the state of the next conversation could hold them"
    list(chat.send(LONG, CancelToken(), conversation_id=id_))
    chat.forget(kept)
    assert parts.engine.cached_tokens > 100, "they are another conversation's"
    chat.forget(id_)
    assert parts.engine.cached_tokens == 0
    parts.cache.save()
    assert not parts.states.exists()
    temporary.close()


def test_what_has_not_changed_is_not_written_again(parts: Parts) -> None:
    conversation, _ = ask(parts, LONG)
    parts.cache.save()
    (state,) = parts.states.glob("*.state")
    state.unlink()
    parts.cache.save()
    assert not state.exists()
    parts.cache.switch_to(conversation)
    parts.cache.note_use()
    parts.cache.save()
    assert state.exists()


def test_short_conversations_are_not_worth_a_file(parts: Parts) -> None:
    ask(parts, "Short")
    ask(parts, "Other")
    assert not parts.states.exists()


def test_a_damaged_state_is_deleted_and_the_conversation_read_anew(
    parts: Parts, caplog: pytest.LogCaptureFixture
) -> None:
    first, _ = ask(parts, LONG)
    ask(parts, "other " + LONG)
    (state,) = parts.states.glob(f"{first}-*.state")
    state.write_bytes(state.read_bytes()[:-1])
    with caplog.at_level(logging.INFO, logger="app"):
        _, reused = ask(parts, "And then?", first)
    assert reused < 5
    assert not state.exists()
    assert "cut short" in caplog.text


def test_another_context_or_cache_type_has_states_of_its_own(parts: Parts) -> None:
    model = parts.engine.model
    assert model is not None
    keys = {
        model_key(model),
        model_key(replace(model, context_length=2048)),
        model_key(replace(model, load=replace(model.load, kv_cache_type=KvCacheType.Q8_0))),
        model_key(replace(model, engine_version="other")),
        model_key(replace(model, size_bytes=1)),
    }
    assert len(keys) == 5
    assert model_key(replace(model, load=replace(model.load, threads=1))) in keys, "threads change no state"


@pytest.mark.parametrize("same", [True, False])
def test_a_state_follows_what_the_model_s_file_holds_not_where_it_lies(
    parts: Parts, tmp_path: Path, same: bool
) -> None:
    cached = []
    for drive, content in (("D", b"GGUF1"), ("E", b"GGUF1" if same else b"GGUF2")):
        file = tmp_path / drive / "m.gguf"
        file.parent.mkdir()
        file.write_bytes(content)
        engine = FakeEngine(FakeScript(reply="An answer."), sha256_of=lambda path: path.read_bytes().hex())
        engine.load(LoadParameters(file), CancelToken(), lambda _: None)
        cache = PromptCache(engine, StateFiles(parts.states), lambda: 10**9)
        cache.switch_to(1)
        cached.append(engine.cached_tokens)
        request = GenerationRequest((PromptMessage(Role.USER, LONG),), SamplingParameters())
        list(cache.generate(request, CancelToken()))
        cache.save()
    assert cached[0] == 0
    assert (cached[1] > 100) == same


def test_deleting_a_conversation_deletes_its_states_and_none_is_written_later(parts: Parts) -> None:
    first, _ = ask(parts, LONG)
    second, _ = ask(parts, "other " + LONG)
    parts.conversations.delete(first)
    assert list(parts.states.iterdir()) == []
    parts.conversations.delete(second)
    parts.cache.save()
    assert list(parts.states.iterdir()) == [], "the KV cache still holds it, but no file will"


def test_what_was_deleted_is_not_saved_when_no_answer_could_be_begun(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation, _ = ask(parts, LONG)
    parts.conversations.delete_message(parts.conversations.messages(conversation)[0].id)
    add = parts.conversations.add_message

    def full(conversation_id: int, role: Role, *arguments: Any, **named: Any) -> Message:
        if role is Role.ASSISTANT:
            raise StorageError("The disk is full.", "")
        return add(conversation_id, role, *arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(parts.conversations, "add_message", full)
        with pytest.raises(StorageError):
            ask(parts, "Short", conversation)
    parts.cache.save()
    assert not list(parts.states.glob("*"))
    ask(parts, "again " + LONG, conversation)
    parts.cache.save()
    (state,) = parts.states.glob("*.state")
    assert state.read_text(encoding="utf-8").count('"word7"') == 1


def test_a_limit_of_nothing_saves_nothing_and_deletes_what_there_was(parts: Parts) -> None:
    ask(parts, LONG)
    ask(parts, "other " + LONG)
    assert list(parts.states.iterdir())
    parts.settings.save(Settings(prompt_cache_megabytes=0))
    ask(parts, "third " + LONG)
    assert list(parts.states.iterdir()) == []


def test_the_files_stay_within_the_limit(parts: Parts) -> None:
    cache = PromptCache(parts.engine, StateFiles(parts.states), lambda: 2500)
    for conversation in range(1, 6):
        cache.switch_to(conversation)
        parts.engine.clear_cache()
        request = GenerationRequest((PromptMessage("user", f"{conversation} {LONG}"),), SamplingParameters())  # type: ignore[arg-type]
        list(parts.engine.generate(request, CancelToken()))
        cache.note_use()
    cache.save()
    kept = sorted(parts.states.glob("*.state"))
    assert [p.name.partition("-")[0] for p in kept] == ["4", "5"]
    assert sum(p.stat().st_size for p in kept) <= 2500


def test_a_temporary_chat_leaves_no_file(parts: Parts) -> None:
    cache = PromptCache(parts.engine, None)
    chat = type(parts.chat)(parts.engine, parts.models, parts.conversations, parts.settings, cache)
    for text in (LONG, "other " + LONG):
        list(chat.send(text, CancelToken()))
    cache.save()
    assert not parts.states.exists()


def test_a_speed_test_in_between_is_noticed(parts: Parts) -> None:
    conversation, _ = ask(parts, LONG)
    parts.cache.save()
    parts.engine.clear_cache()
    _, reused = ask(parts, "And then?", conversation)
    assert reused > 100, "it was restored, though the conversation is still the last one"


def test_another_model_takes_up_its_own_state(parts: Parts) -> None:
    conversation, _ = ask(parts, LONG)
    parts.cache.save()
    parts.engine.load(LoadParameters(path=INCLUDED_MODEL, context_length=2048), CancelToken(), lambda _: None)
    parts.cache.switch_to(conversation)
    assert parts.engine.cached_tokens == 0
    parts.engine.load(LoadParameters(path=INCLUDED_MODEL), CancelToken(), lambda _: None)
    parts.cache.switch_to(conversation)
    assert parts.engine.cached_tokens > 100


def test_a_state_that_cannot_be_saved_harms_nothing(
    parts: Parts, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_path: object) -> None:
        raise StateFileError("The state of the conversation could not be saved: the disk is full.")

    ask(parts, LONG)
    monkeypatch.setattr(parts.engine, "save_state", fail)
    with caplog.at_level(logging.INFO, logger="app"):
        _, reused = ask(parts, "other " + LONG)
    assert reused < 5
    assert "disk is full" in caplog.text


def test_tidying_deletes_what_belongs_to_no_conversation(parts: Parts) -> None:
    first, _ = ask(parts, LONG)
    second, _ = ask(parts, "other " + LONG)
    parts.cache.save()
    parts.cache.tidy({second})
    assert {p.name.partition("-")[0] for p in parts.states.iterdir()} == {str(second)} != {str(first)}
