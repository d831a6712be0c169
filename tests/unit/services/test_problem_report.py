"""The report of a problem: all that helps, and nothing that names the user or was kept from the log."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from app import __version__, logs
from app.core.errors import StorageError
from app.core.settings import Settings
from app.engine.fake import FakeMachineSource
from app.services.problem_report import PROMISE, ReportSources, problem_report, save_report
from app.storage.settings import SettingsStore


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home" / "jane"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def sources(home: Path) -> ReportSources:
    store = SettingsStore(home / "profile" / "settings.json")
    (home / "profile").mkdir()
    return ReportSources(home / "profile" / "inglenook.log", store, lambda: FakeMachineSource().ask(None))


def test_it_has_what_one_looks_for(sources: ReportSources, home: Path) -> None:
    text = problem_report(sources, details="Traceback:\nit broke", home=home)
    assert text.startswith(f"Inglenook {__version__}: report of a problem\n{PROMISE}")
    for words in ("llama-cpp-python 0.", "Python 3.", "System: ", "Processor: ", " cores", "RAM: ", " GB", "it broke"):
        assert words in text
    assert "# Settings that differ from the defaults\nNone" in text
    assert "# Model in use\nNone" in text


def test_settings_are_told_without_the_user_s_name_or_a_password(sources: ReportSources, home: Path) -> None:
    chosen = replace(
        Settings(),
        model_path=str(home / "models" / "x.gguf"),
        other_model_folders=("/media/jane/STICK",),
        proxy="http://jane:topsecret@proxy:3128",
    )
    sources.settings.save(chosen)
    text = problem_report(sources, home=home)
    assert f"model_path = {Path('~/models/x.gguf')}" in text
    assert "proxy = http://…@proxy:3128" in text
    assert "theme" not in text, "it is the default"
    assert "jane" not in text
    assert "topsecret" not in text


def test_the_log_s_last_lines_come_in_their_order(sources: ReportSources, home: Path) -> None:
    log = sources.log_file
    for name, text in (("", f"newest {home}"), (".1", "before hf_abcdefgh"), (".2", "old\n" * 500), (".bak", "other")):
        log.with_name(log.name + name).write_text(f"{text}\n", encoding="utf-8")
    lines = problem_report(sources, home=home).splitlines()
    assert lines[-2:] == ["before hf_…", "newest ~"]
    assert lines.count("old") == 297, "300 lines, blank ones counted"
    assert "other" not in lines


def test_a_log_in_use_is_told_with_its_latest_line(sources: ReportSources, home: Path) -> None:
    logs.start_logging(sources.log_file, debug=False)
    try:
        logging.getLogger("app.tests").info("the latest line")
        assert "the latest line" in problem_report(sources, home=home)
    finally:
        logs.stop_logging()


def test_bytes_that_are_no_text_do_no_harm(sources: ReportSources, home: Path) -> None:
    sources.log_file.write_bytes(b"caf\xe9\n")
    assert "caf\ufffd" in problem_report(sources, home=home)


def test_it_is_saved_as_it_was_shown(tmp_path: Path) -> None:
    save_report("shown — so\n", tmp_path / "report.txt")
    assert (tmp_path / "report.txt").read_text(encoding="utf-8") == "shown — so\n"


def test_one_that_cannot_be_saved_is_a_known_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        save_report("text", tmp_path)
    assert str(tmp_path) in caught.value.sentence
