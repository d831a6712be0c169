"""Whatever a file contains, the application says a sentence or opens it, and lives on."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.process import REPOSITORY, SECONDS, environment
from tests.included import INCLUDED_MODEL

pytestmark = pytest.mark.real_model

# What llama.cpp has a use for all the same: a length it does not need, a template that the catalogue replaces.
HARMLESS = {
    "llama.context_length is 0x0",
    "llama.vocab_size is 0x0",
    "llama.vocab_size is 0xffffffff",
    "a template of zeros",
    "the good model",
}


def test_hundreds_of_malformed_files_each_give_a_sentence(tmp_path: Path) -> None:
    shutil.copy(INCLUDED_MODEL, tmp_path / "copy.gguf")
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.malformed", tmp_path],
        cwd=REPOSITORY,
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    outcomes = {row["case"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert len(outcomes) > 350
    assert {case for case, row in outcomes.items() if not row["error"]} == HARMLESS
    for case, row in outcomes.items():
        if case in HARMLESS:
            continue
        assert row["error"] in {"ModelFileError", "ModelLoadError", "ModelCheckError"}, case
        assert str(tmp_path) in row["sentence"], case
        assert row["sentence"].endswith("."), case
    assert outcomes["a token twice"]["error"] == "ModelCheckError"
    assert "made the engine crash" in outcomes["a token twice"]["sentence"]
