"""Benchmarks are run by hand: here is seen that each still begins, and still finds the parts that it times."""

import importlib
from pathlib import Path

import pytest

from tests.benchmarks.long_chat import _WATCHED

MODULES = sorted(path.stem for path in (Path(__file__).parent.parent / "benchmarks").glob("*.py"))


@pytest.mark.parametrize("name", [name for name in MODULES if name != "__init__"])
def test_a_benchmark_can_be_imported(name: str) -> None:
    assert importlib.import_module(f"tests.benchmarks.{name}").__doc__


def test_what_is_timed_by_its_name_still_has_it() -> None:
    assert [(owner, name) for owner, name, _ in _WATCHED if not hasattr(owner, name)] == []
