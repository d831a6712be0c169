"""A trial is remembered for exactly one state of a file and one engine."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.core.model_file import FileStamp, TrialOutcome, TrialResult
from app.storage.database import Database
from app.storage.machine import open_machine
from app.storage.model_checks import ModelCheckStore
from tests.unit.storage.conftest import NOW

STAMP = FileStamp(1000, 77)
GOOD = TrialResult(TrialOutcome.PASSED, flash_attention_faster=False, batch_cost=2.5, seconds=1.25)
BAD = TrialResult(TrialOutcome.CRASHED, "It crashed.", "SIGSEGV")


def test_what_was_tried_is_remembered_over_a_restart(machine: Database, model_file: Path) -> None:
    ModelCheckStore(machine).remember(model_file, STAMP, "1.0", GOOD)
    machine.close()
    again = open_machine(machine.path, NOW).database
    assert ModelCheckStore(again).get(model_file, STAMP, "1.0") == GOOD
    again.close()


@pytest.mark.parametrize(
    ("stamp", "version"),
    [(replace(STAMP, size_bytes=999), "1.0"), (replace(STAMP, mtime_ns=78), "1.0"), (STAMP, "1.1")],
)
def test_a_changed_file_or_engine_is_tried_anew(
    machine: Database, model_file: Path, stamp: FileStamp, version: str
) -> None:
    checks = ModelCheckStore(machine)
    checks.remember(model_file, STAMP, "1.0", GOOD)
    assert checks.get(model_file, stamp, version) is None


def test_the_last_trial_counts_and_files_are_told_apart(machine: Database, model_file: Path) -> None:
    checks = ModelCheckStore(machine)
    checks.remember(model_file, STAMP, "1.0", GOOD)
    checks.remember(model_file, STAMP, "1.0", BAD)
    assert checks.get(model_file, STAMP, "1.0") == BAD
    assert checks.get(model_file.with_name("other.gguf"), STAMP, "1.0") is None


@pytest.mark.parametrize(
    "stored", ["no json", '{"outcome": "passed", "from_the_future": 1}', "[]", "{}", '{"outcome": "?"}']
)
def test_a_result_that_cannot_be_read_is_made_anew(machine: Database, model_file: Path, stored: str) -> None:
    checks = ModelCheckStore(machine)
    checks.remember(model_file, STAMP, "1.0", GOOD)
    with machine.transaction() as connection:
        connection.execute("UPDATE model_checks SET result = ?", (stored,))
    assert checks.get(model_file, STAMP, "1.0") is None
