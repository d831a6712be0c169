"""Shows that the lock is taken apart without a loss, and that what must not be committed is found."""

from pathlib import Path

import pytest

from dev_steps.lock_text import blocks, faults, name_of, split_engine
from tests.unit.packaging.conftest import LOCK

REAL = (Path(__file__).resolve().parents[3] / "packaging" / "requirements.lock").read_text(encoding="utf-8")


def test_the_engine_is_taken_out() -> None:
    rest, engine = split_engine(LOCK)
    assert [name_of(block) for block in blocks(rest)] == ["click", "ninja"]
    assert engine == "llama-cpp-python==0.3.36 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n"


def test_nothing_of_the_real_lock_is_lost() -> None:
    rest, engine = split_engine(REAL)
    assert sorted(rest.splitlines() + engine.splitlines()) == sorted(REAL.splitlines())
    assert engine.count("==") == 1


def test_comments_and_blank_lines_are_no_blocks() -> None:
    assert blocks("# made by a tool\n\nclick==1 \\\n    --hash=sha256:aa\n") == ["click==1 \\\n    --hash=sha256:aa\n"]


@pytest.mark.parametrize(
    "bad",
    [
        "--index-url https://index.example/simple\n" + LOCK,
        "--find-links /somewhere\n" + LOCK,
        LOCK + "left-open\n",
        LOCK + "unhashed==1\n",
        LOCK + "direct @ file:///somewhere/direct.whl\n",
    ],
)
def test_faults_are_found(bad: str) -> None:
    assert faults(LOCK) == []
    assert faults(bad)
