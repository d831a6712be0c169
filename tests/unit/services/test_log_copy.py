"""The log as one file to send."""

import logging
from pathlib import Path

import pytest

from app import __version__, logs
from app.core.errors import StorageError
from app.services.log_copy import save_log_copy


def test_the_files_are_joined_in_their_order_under_the_facts(tmp_path: Path) -> None:
    log = tmp_path / "inglenook.log"
    for name, text in (("", "newest"), (".1", "before"), (".2", "oldest"), (".10", "ancient"), (".bak", "other")):
        log.with_name(log.name + name).write_text(f"{text} line\n", encoding="utf-8")
    save_log_copy(log, tmp_path / "copy.txt")
    head, _, rest = (tmp_path / "copy.txt").read_text(encoding="utf-8").partition("\n\n")
    assert rest.split() == ["ancient", "line", "oldest", "line", "before", "line", "newest", "line"]
    assert f"Inglenook {__version__}" in head
    for words in ("llama-cpp-python 0.", "Python 3.", "System: ", "Processor: ", " cores", "Memory: ", " GB"):
        assert words in head


def test_a_log_in_use_is_copied_with_its_latest_line(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "inglenook.log"
    logs.start_logging(log, debug=False)
    try:
        logging.getLogger("app.tests").info("the latest line")
        save_log_copy(log, tmp_path / "copy.txt")
    finally:
        logs.stop_logging()
    assert "the latest line" in (tmp_path / "copy.txt").read_text(encoding="utf-8")


def test_without_a_log_the_facts_are_still_there(tmp_path: Path) -> None:
    save_log_copy(tmp_path / "none" / "inglenook.log", tmp_path / "copy.txt")
    assert (tmp_path / "copy.txt").read_text(encoding="utf-8").startswith("Inglenook ")


def test_bytes_that_are_no_text_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "inglenook.log").write_bytes(b"caf\xe9\n")
    save_log_copy(tmp_path / "inglenook.log", tmp_path / "copy.txt")
    assert "caf�" in (tmp_path / "copy.txt").read_text(encoding="utf-8")


def test_a_copy_that_cannot_be_written_is_a_known_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        save_log_copy(tmp_path / "inglenook.log", tmp_path)
    assert str(tmp_path) in caught.value.sentence
