"""The log is written where it should be, and never stands in the way."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.errors import ChatTemplateError, InglenookError, OutputFormatError, StorageError
from app.logs import RecentErrors, start_logging, stop_logging, traceback_in_log


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    yield
    stop_logging()


def test_info_goes_to_the_file_and_debug_only_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "logs" / "inglenook.log"
    for debug in (False, True):
        start_logging(path, debug)
        logging.getLogger("app.some.room").info("information %s", debug)
        logging.getLogger("app.some.room").debug("detail %s", debug)
    stop_logging()
    text = path.read_text(encoding="utf-8")
    assert "information False" in text
    assert "detail False" not in text
    assert "detail True" in text
    assert "detail True" in capsys.readouterr().err


def test_a_log_that_cannot_be_written_is_said_and_nothing_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    start_logging(tmp_path / "file" / "inglenook.log", debug=False)
    logging.getLogger("app").info("goes nowhere")
    assert "No log is written" in capsys.readouterr().err


@pytest.mark.expects_log_records
def test_the_recent_errors_are_the_last_ones_and_nothing_else() -> None:
    logger, recent = logging.getLogger("app.any"), RecentErrors(count=2)
    logger.addHandler(recent)
    try:
        for level, text in ((40, "old"), (40, "broken"), (logging.INFO, "fine"), (50, "ended")):
            logger.log(level, text)
    finally:
        logger.removeHandler(recent)
    assert recent.lines() == ["broken", "ended"]
    recent.clear()
    assert recent.lines() == []


def written(tmp_path: Path) -> str:
    stop_logging()
    return (tmp_path / "inglenook.log").read_text(encoding="utf-8")


def test_what_looks_like_a_secret_is_masked_wherever_it_comes_from(tmp_path: Path) -> None:
    start_logging(tmp_path / "inglenook.log", debug=False)
    logging.getLogger("app.hub").info("%s failed", "https://me:word@proxy/x?Signature=abc")
    logging.getLogger("app.hub").info("token hf_abcdefgh")
    text = written(tmp_path)
    assert "https://…@proxy/x?… failed" in text
    assert "token hf_…" in text


def test_texts_of_a_model_s_header_are_withheld_and_its_figures_kept(tmp_path: Path) -> None:
    start_logging(tmp_path / "inglenook.log", debug=True)
    for line in (
        "llama_model_loader: - kv   0:                       general.architecture str              = llama",
        "llama_model_loader: - kv   5:                       llama.context_length u32              = 8192",
        "llama_model_loader: - kv  22:                    tokenizer.chat_template str              = {% private %}",
        'llama_model_loader: - kv  23:                     tokenizer.ggml.tokens arr[str,49152]  = ["private", ...',
    ):
        logging.getLogger("app.engine.llama_cpp").debug(line)
    text = written(tmp_path)
    assert "str              = llama\n" in text
    assert "u32              = 8192\n" in text
    assert "private" not in text
    assert text.count("= …\n") == 2


def failing(cause: KeyError, error: AttributeError) -> AttributeError:
    try:
        try:
            raise cause
        except KeyError as first:
            raise error from first
    except AttributeError as caught:
        return caught


@pytest.mark.expects_log_records
def test_a_traceback_tells_where_and_only_python_s_own_words(tmp_path: Path) -> None:
    start_logging(tmp_path / "inglenook.log", debug=False)
    words = "secret " + "text"
    caught = failing(KeyError(words), AttributeError("'NoneType' object has no attribute 'name'"))
    logging.getLogger("app.cli").error("an unknown error", exc_info=caught)
    text = written(tmp_path)
    assert "secret text" not in text
    assert text.index("KeyError") < text.index("which led to") < text.index("AttributeError: 'NoneType' object has no")
    assert text.count("in failing") == 2, "each part says where"


def test_errors_that_may_hold_a_text_are_named_only() -> None:
    for error in (ValueError("my text"), RuntimeError("my text"), UnicodeError("my text"), InglenookError("my text")):
        assert "my text" not in traceback_in_log(error)
        assert type(error).__name__ in traceback_in_log(error)
    assert "No such file" in traceback_in_log(FileNotFoundError(2, "No such file", "x.gguf"))


def test_what_an_error_that_quotes_may_say_of_itself() -> None:
    assert ChatTemplateError("it says: my text", "my text").logged == "ChatTemplateError"
    assert OutputFormatError("my schema").logged == "OutputFormatError"
    assert StorageError("The disk is full.", "errno 28").logged == "The disk is full. (errno 28)"
