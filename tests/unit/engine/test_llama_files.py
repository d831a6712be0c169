"""What a bad file, a long token or a strange template does to the real engine: a sentence, never more."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.cancel import CancelToken
from app.core.conversation import Role
from app.core.errors import ModelFileError, ModelLoadError
from app.core.model import LoadParameters
from app.core.prompt import PromptMessage
from app.engine.guards.gguf import ValueType
from app.engine.llama import LlamaEngine
from tests.gguf_files import Header
from tests.included import INCLUDED_MODEL, included_parameters

pytestmark = pytest.mark.real_model

HELLO = [PromptMessage(Role.USER, "Hello")]


def load(path: Path, **changes: object) -> LlamaEngine:
    engine = LlamaEngine()
    engine.load(LoadParameters(path=path, **changes), CancelToken(), lambda _: None)  # type: ignore[arg-type]
    return engine


@pytest.mark.expects_log_records
def test_a_truncated_file_is_called_incomplete(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(INCLUDED_MODEL.read_bytes()[:50_000_000])
    with pytest.raises(ModelFileError, match="incomplete") as caught:
        load(cut)
    assert str(cut) in caught.value.sentence
    assert caught.value.detail, "llama.cpp's own last error line is kept for the log"
    assert any(r.name == "app.engine.llama_cpp" and r.levelno == logging.ERROR for r in caplog.records)


@pytest.mark.expects_log_records
@pytest.mark.parametrize("size", [4, 20, 1000, 100_000])
def test_a_file_cut_in_its_header_is_refused_in_words(tmp_path: Path, size: int) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(INCLUDED_MODEL.read_bytes()[:size])
    with pytest.raises((ModelFileError, ModelLoadError)) as caught:
        load(cut)
    assert str(cut) in caught.value.sentence
    assert "Traceback" not in caught.value.sentence


@pytest.mark.expects_log_records
def test_an_unknown_architecture_asks_for_a_newer_version(tmp_path: Path) -> None:
    header = Header({"general.architecture": (ValueType.STRING, "quux")})
    path = tmp_path / "quux.gguf"
    path.write_bytes(header.to_bytes() + bytes(64))
    with pytest.raises(ModelLoadError, match=r"newer Inglenook.*quux"):
        load(path)


def test_after_a_failed_load_a_good_model_loads() -> None:
    engine = LlamaEngine()
    engine.load(included_parameters(), CancelToken(), lambda _: None)
    assert engine.count_prompt_tokens(HELLO) > 3
    engine.unload()


def test_the_included_model_gets_no_system_block_unless_the_user_writes_one() -> None:
    ours, own = LlamaEngine(), load(INCLUDED_MODEL)
    ours.load(included_parameters(), CancelToken(), lambda _: None)
    with_prompt = [PromptMessage(Role.SYSTEM, "Be brief."), *HELLO]
    assert ours.count_prompt_tokens(HELLO) < own.count_prompt_tokens(HELLO)
    assert ours.count_prompt_tokens(with_prompt) > ours.count_prompt_tokens(HELLO)
    ours.unload()
    own.unload()


def test_every_token_s_piece_is_whole_and_the_tokens_of_a_text_spell_it() -> None:
    from app.engine.instance import ModelInstance

    instance = ModelInstance(included_parameters(), CancelToken(), lambda _: None)
    text = "Zwölf  indented\n\t\tlines, 数字 and 👩‍👩‍👧" + " " * 90 + "end"
    tokens = instance.vocabulary.tokenize(text, add_special=False)
    assert b"".join(instance.vocabulary.piece(token) for token in tokens).decode() == text
    assert max(len(instance.vocabulary.piece(token)) for token in range(instance.vocabulary.size)) > 32
    instance.close()
    instance.close()


def test_the_first_piece_longer_than_the_buffer_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.engine import vocabulary as module
    from app.engine.instance import ModelInstance

    monkeypatch.setattr(module, "_PIECE_BYTES", 1)
    instance = ModelInstance(included_parameters(), CancelToken(), lambda _: None)
    token = instance.vocabulary.tokenize(" capital", add_special=False)[0]
    assert instance.vocabulary.piece(token) == b" capital"
    instance.close()


def test_the_library_has_the_structures_that_we_rely_on() -> None:
    import llama_cpp
    import llama_cpp.llama_cpp as llama

    assert llama_cpp.__version__ == "0.3.36"
    model = {field[0] for field in llama.llama_model_params._fields_}
    context = {field[0] for field in llama.llama_context_params._fields_}
    assert "progress_callback" in model
    for name in ("n_ctx", "n_batch", "n_ubatch", "n_outputs_max", "n_threads", "n_threads_batch", "flash_attn_type"):
        assert name in context
    assert "no_perf" in context
    defaults = llama.llama_context_default_params()
    assert (defaults.n_ctx, defaults.n_batch, defaults.n_ubatch) == (512, 2048, 512), "the fields lie where C has them"


def test_a_context_longer_than_the_training_is_lowered() -> None:
    engine = LlamaEngine()
    info = engine.load(replace(included_parameters(), context_length=100_000), CancelToken(), lambda _: None)
    assert info.context_length == info.trained_context_length == 8192
    engine.unload()
