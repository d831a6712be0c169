"""`inglenook probe`, as a process, on good and bad files."""

import json
from pathlib import Path

import pytest

from tests.e2e.process import inglenook
from tests.gguf_files import small_model, write_file
from tests.included import INCLUDED_MODEL

pytestmark = pytest.mark.real_model


def test_a_good_file_is_ok_step_by_step(tmp_path: Path) -> None:
    done = inglenook("--profile", tmp_path, "probe", INCLUDED_MODEL, "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert (report["ok"], report["sentence"]) == (True, "ok")
    assert [(step["name"], step["ok"]) for step in report["steps"]] == [("header", True), ("trial", True)]
    assert "llama, 30 layers" in report["steps"][0]["found"]
    assert (tmp_path / "machine.db").is_file(), "what was found out is kept for the next time"
    assert not (tmp_path / "conversations.db").exists()


def test_a_bad_file_is_told_in_a_sentence(tmp_path: Path) -> None:
    size = small_model().whole_size()
    path = write_file(small_model(), tmp_path / "cut.gguf", cut=100)
    done = inglenook("--temp-profile", "probe", path)
    assert done.returncode == 1
    words = f"The model file {path} is incomplete: it has {size - 100:,} of {size:,} bytes. Download it again."
    assert done.stdout.strip() == words
    report = json.loads(inglenook("--temp-profile", "probe", path, "--json").stdout)
    assert report["ok"] is False
    assert report["sentence"] == words
    assert [step["name"] for step in report["steps"]] == ["header"]


def test_a_file_that_is_missing_is_a_sentence_too(tmp_path: Path) -> None:
    done = inglenook("--temp-profile", "probe", tmp_path / "missing.gguf")
    assert done.returncode == 1
    assert "does not exist" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_model_is_tried_once_for_all_questions_to_it(tmp_path: Path) -> None:
    first, second = (inglenook("--profile", tmp_path, "--debug", "ask", "Hi", "--max-tokens", "1") for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0)
    assert f"the trial of {INCLUDED_MODEL}: passed" in first.stderr
    assert "the trial of" not in second.stderr
    kept = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert kept == ["machine.db"], "the question is not kept"


def test_what_packages_start_for_a_trial_answers_in_json() -> None:
    request = {"path": str(INCLUDED_MODEL), "gpu_layers": None, "threads": 1, "measure": False}
    done = inglenook("trial-child", json.dumps(request))
    assert json.loads(done.stdout)["outcome"] == "passed"
    assert "trial-child" not in inglenook("--help").stdout
