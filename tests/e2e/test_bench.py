"""`inglenook bench`, as a process: all of it with the scripted engine, its shortest tests on the included model."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.bootstrap import Options, assemble
from tests.e2e.process import inglenook, start

TASKS = ["quick_question", "document_summary", "code_generation", "function_calling", "multi_turn_chat"]
TESTS = ["pp512", "tg128", "pp512@d4096", "tg128@d4096", *TASKS]


@pytest.fixture
def one_core() -> Iterator[None]:
    """One core for the process that is started: two threads wait for one another whenever something else runs here."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    yield
    os.sched_setaffinity(0, before)


def test_json_holds_machine_model_engine_and_every_test(tmp_path: Path) -> None:
    done = inglenook("--profile", tmp_path, "--fake-engine", "bench", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert list(report) == ["machine", "model", "engine", "results"]
    assert report["machine"]["cores"] >= 1
    assert report["machine"]["memory_bytes"] > 10**8
    assert len(report["model"]["sha256"]) == 64
    assert [result["test"] for result in report["results"]] == TESTS
    for result in report["results"]:
        rate = result["tokens_per_second"]
        assert 0 < rate["min"] <= rate["median"] <= rate["max"]
        assert result["total_ms"] > 0
        assert (result["time_to_first_token_ms"] is not None) == (result["test"] in TASKS)
        assert result["runs"] == 3
        fits = result["depth"] + result["prompt_tokens"] + result["completion_tokens"]
        assert fits <= report["model"]["load_parameters"]["context_length"]
    scaled = {result["test"]: result["scaled_from"] for result in report["results"] if result["scaled_from"]}
    assert scaled["multi_turn_chat"] == {"prompt_tokens": 8000, "completion_tokens": 300, "depth": 0}


def test_the_table_has_a_row_for_every_test_and_says_what_was_scaled(tmp_path: Path) -> None:
    done = inglenook("--profile", tmp_path, "--fake-engine", "bench")
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.split()[0] for line in done.stdout.splitlines() if line.split()[0] in TESTS]
    assert rows == TESTS
    assert "scaled down to the context from 8,000 read, 300 written" in done.stdout
    for line in ("Model    SmolLM2 135M", "Machine  A pretended processor", "Engine   "):
        assert line in done.stdout


def test_a_report_is_kept_in_the_profile(tmp_path: Path) -> None:
    for _ in range(2):
        assert inglenook("--profile", tmp_path, "--fake-engine", "bench", "--only", "pp512").returncode == 0
    application = assemble(Options(profile=tmp_path, fake_engine=True))
    kept = application.speed.earlier()
    application.close()
    assert [[result.test.name for result in earlier.report.results] for earlier in kept] == [["pp512"]] * 2


def test_quick_runs_the_bare_tests_and_the_quick_question_once(tmp_path: Path) -> None:
    report = json.loads(inglenook("--profile", tmp_path, "--fake-engine", "bench", "--quick", "--json").stdout)
    assert [(r["test"], r["runs"]) for r in report["results"]] == [(name, 1) for name in TESTS[:5]]


def test_runs_are_as_many_as_asked_for(tmp_path: Path) -> None:
    options = ("bench", "--json", "--runs", "5", "--only", "tg128", "--only", "quick_question")
    report = json.loads(inglenook("--profile", tmp_path, "--fake-engine", *options).stdout)
    assert [(r["test"], r["runs"]) for r in report["results"]] == [("tg128", 5), ("quick_question", 5)]


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--runs", "0"), 2, "runs"),
        (("--only", "tg9000"), 2, "There is no test tg9000"),
        (("--model", "missing.gguf"), 1, "does not exist"),
        (("--model", "pyproject.toml"), 1, "not a GGUF"),
    ],
)
def test_bad_input_is_said_on_stderr(tmp_path: Path, options: tuple[str, ...], code: int, words: str) -> None:
    done = inglenook("--profile", tmp_path, "--fake-engine", "bench", *options)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.real_model
def test_the_included_model_is_measured(tmp_path: Path, one_core: None) -> None:
    options = ("bench", "--json", "--runs", "1", "--only", "pp512", "--only", "quick_question")
    done = inglenook("--profile", tmp_path, *options)
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert report["model"]["name"] == "SmolLM2 135M"
    assert report["model"]["quantization"] == "Q4_1"
    assert 130_000_000 < report["model"]["parameters"] < 140_000_000
    assert report["machine"]["processor"]
    assert report["engine"]["name"]
    assert report["engine"]["version"]
    reading, question = report["results"]
    assert reading["tokens_per_second"]["median"] == pytest.approx(512_000 / reading["total_ms"], rel=0.01)
    assert 0 < question["time_to_first_token_ms"] < question["total_ms"]
    writing_ms = question["total_ms"] - question["time_to_first_token_ms"]
    assert question["tokens_per_second"]["median"] == pytest.approx(149_000 / writing_ms, rel=0.01)


@pytest.mark.real_model
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
def test_ctrl_c_stops_with_what_there_is(tmp_path: Path) -> None:
    process = start("--profile", tmp_path, "bench", "--runs", "100", "--only", "pp512", "--only", "multi_turn_chat")
    assert process.stdout is not None
    head = [process.stdout.readline(), process.stdout.readline()]
    assert head[0].startswith("SmolLM2 135M")
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "")
    assert "Stopped before all was measured." in rest
    assert "Model    SmolLM2 135M" in rest
