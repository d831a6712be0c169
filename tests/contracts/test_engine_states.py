"""The real engine's saved states: restored as they were, refused when they are not whole or of another model."""

import os
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.cancel import CancelToken
from app.core.conversation import Role
from app.core.errors import StateFileError
from app.core.model import KvCacheType
from app.core.prompt import PromptMessage
from app.engine import state_sidecar
from app.engine.llama import LlamaEngine
from app.services.model_files import sha256_of
from app.storage.lock.ciphers import new_key
from app.storage.lock.sealed_files import FileSealer
from app.storage.state_files import StateFiles
from tests.contracts.conftest import STORY, Open, complete, request_for
from tests.included import INCLUDED_MODEL, included_parameters

pytestmark = pytest.mark.real_model

KEY = new_key()
OTHER = (PromptMessage(Role.USER, "What is the capital of France?"),)


def test_a_restored_conversation_is_not_read_again_and_answers_the_same(open_model: Open, tmp_path: Path) -> None:
    engine = open_model()
    cold, first = complete(engine, request_for())
    engine.save_state(tmp_path / "story.state")
    held = engine.cached_tokens
    complete(engine, request_for(OTHER))
    assert engine.restore_state(tmp_path / "story.state") == held
    warm, second = complete(engine, request_for())
    assert warm == cold
    assert second.statistics.reused_tokens == first.statistics.prompt_tokens - 1


def test_an_encrypted_state_answers_the_same_and_only_to_its_key(tmp_path: Path) -> None:
    path = tmp_path / "story.state"
    engine = LlamaEngine(FileSealer(KEY))
    engine.load(included_parameters(), CancelToken(), lambda _: None)
    try:
        cold, _ = complete(engine, request_for())
        engine.save_state(path)
        held = engine.cached_tokens
        tokens = struct.pack("<3i", *engine._require().live.cached[:3])
        complete(engine, request_for(OTHER))
        assert engine.restore_state(path) == held
        warm, _ = complete(engine, request_for())
        assert warm == cold
        assert tokens not in path.read_bytes()
        for stranger, word in ((FileSealer(new_key()), "decrypted"), (None, "encrypted")):
            engine._sealer = stranger
            with pytest.raises(StateFileError, match=word):
                engine.restore_state(path)
    finally:
        engine.unload()


def test_a_state_is_read_by_another_run_of_the_engine(open_model: Open, tmp_path: Path) -> None:
    first = open_model()
    cold, _ = complete(first, request_for())
    first.save_state(tmp_path / "story.state")
    first.unload()
    second = open_model()
    second.restore_state(tmp_path / "story.state")
    warm, finished = complete(second, request_for())
    assert warm == cold
    assert finished.statistics.reused_tokens > 0


def test_a_state_of_this_run_is_restored_without_reading_all_of_it_first(
    open_model: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[Path] = []
    measured = state_sidecar._measured

    def count(path: Path) -> tuple[int, str]:
        checked.append(path)
        return measured(path)

    files, engine = StateFiles(tmp_path), open_model()
    complete(engine, request_for())
    path = files.place(1, "abc")
    assert path is not None
    engine.save_state(path)
    monkeypatch.setattr(state_sidecar, "_measured", count)
    assert files.find(1, "abc") == path
    engine.restore_state(path)
    assert checked == []
    data = bytearray(path.read_bytes())
    path.write_bytes(data)
    engine.restore_state(path)  # written by somebody else since
    assert checked == [path]


def test_nothing_read_is_nothing_saved(open_model: Open, tmp_path: Path) -> None:
    with pytest.raises(StateFileError, match="nothing to save"):
        open_model().save_state(tmp_path / "empty.state")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["cut", "flipped", "no sidecar", "missing"])
def test_a_damaged_state_is_refused_before_llama_cpp_sees_it(open_model: Open, tmp_path: Path, damage: str) -> None:
    engine = open_model()
    cold, _ = complete(engine, request_for())
    path = tmp_path / "story.state"
    engine.save_state(path)
    data = bytearray(path.read_bytes())
    if damage == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif damage == "flipped":
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    elif damage == "no sidecar":
        (tmp_path / "story.state.json").unlink()
    else:
        path.unlink()
    with pytest.raises(StateFileError):
        engine.restore_state(path)
    assert complete(engine, request_for())[0] == cold


def test_a_state_of_another_layout_is_refused(open_model: Open, tmp_path: Path) -> None:
    engine = open_model(context_length=512)
    complete(engine, request_for())
    engine.save_state(tmp_path / "story.state")
    engine.unload()
    for changes in ({"context_length": 1024}, {"context_length": 512, "kv_cache_type": KvCacheType.Q8_0}):
        other = open_model(**changes)
        with pytest.raises(StateFileError, match="is not what it was"):
            other.restore_state(tmp_path / "story.state")
        other.unload()


def test_clearing_forgets_everything(open_model: Open) -> None:
    engine = open_model()
    cold, _ = complete(engine, request_for())
    assert engine.cached_tokens > 0
    engine.clear_cache()
    assert engine.cached_tokens == 0
    again, finished = complete(engine, request_for(STORY))
    assert again == cold
    assert finished.statistics.reused_tokens == 0


def _summed(path: Path) -> str:
    return sha256_of(path, CancelToken())


def test_a_state_is_read_where_the_same_model_lies_elsewhere(tmp_path: Path) -> None:
    """As in a portable folder that got another drive letter."""
    first, second = tmp_path / "D" / "m.gguf", tmp_path / "E" / "m.gguf"
    for place in (first, second):
        place.parent.mkdir()
    os.link(INCLUDED_MODEL, first)
    engine = LlamaEngine(sha256_of=_summed)
    try:
        engine.load(replace(included_parameters(), path=first), CancelToken(), lambda _: None)
        cold, _ = complete(engine, request_for())
        engine.save_state(tmp_path / "story.state")
        held = engine.cached_tokens
        first.rename(second)
        engine.load(replace(included_parameters(), path=second), CancelToken(), lambda _: None)
        assert engine.restore_state(tmp_path / "story.state") == held
        warm, finished = complete(engine, request_for())
        assert warm == cold
        assert finished.statistics.reused_tokens > 0
    finally:
        engine.unload()


def test_a_state_of_a_model_of_the_same_size_and_name_is_refused(tmp_path: Path) -> None:
    sums = {"now": "aa" * 32}
    engine = LlamaEngine(sha256_of=lambda _: sums["now"])
    try:
        engine.load(included_parameters(), CancelToken(), lambda _: None)
        complete(engine, request_for())
        engine.save_state(tmp_path / "story.state")
        sums["now"] = "bb" * 32
        engine.load(included_parameters(), CancelToken(), lambda _: None)
        with pytest.raises(StateFileError, match="the model's file is not what it was"):
            engine.restore_state(tmp_path / "story.state")
        assert engine.cached_tokens == 0
    finally:
        engine.unload()
