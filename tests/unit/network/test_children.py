"""What a child tells of what it tried arrives in the log of the one that started it."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.core.network import Connection, Rule
from app.network import children
from app.network.gate import Gate

REPOSITORY = Path(__file__).resolve().parents[3]
CHILD = """
from app.network.children import shut_in
shut_in()
import os, socket, sys, urllib.request
for reach in (lambda: urllib.request.urlopen("http://example.com"), lambda: os.system("true")):
    try:
        reach()
    except OSError as error:
        print(type(error).__name__)
sys.stderr.write("something else")
"""


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    found = Gate()
    monkeypatch.setattr(children, "the_gate", lambda: found)
    return found


def test_a_child_is_refused_and_its_parent_learns_what(gate: Gate) -> None:
    done = subprocess.run([sys.executable, "-c", CHILD], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["URLError", "NetworkForbiddenError"]
    children.note_refusals(done.stderr)
    noted: list[Connection] = gate.take()
    assert [(one.host, one.rule) for one in noted] == [("example.com:80", Rule.CHILD), ("true", Rule.PROGRAM)]


@pytest.mark.expects_log_records
def test_a_child_that_tells_nonsense_is_not_believed(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    for said in ("{", '{"key": 1}', '{"purpose": "x", "rule": "y"}', "[]"):
        children.note_refusals(f"inglenook-refused {said}")
    assert gate.take() == []
    assert len(caplog.records) == 4
