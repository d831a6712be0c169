"""The log is written where it should be, and never stands in the way."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.logs import RecentLines, start_logging, stop_logging


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


def test_recent_lines_keep_the_last_ones_and_know_the_errors() -> None:
    recent = RecentLines(count=2)
    for level, text in ((logging.ERROR, "old"), (logging.ERROR, "broken"), (logging.INFO, "fine")):
        recent.handle(logging.LogRecord("app", level, "", 0, text, (), None))
    assert recent.errors() == ["broken"]
    recent.clear()
    assert recent.errors() == []
