"""Holds the window to actions of its own: PySide may take one that Qt made for another at its place that is gone."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

UI = Path(__file__).resolve().parents[2] / "app" / "ui"


def uses_of_actions_made_by_qt(source: str) -> Iterator[int]:
    """The lines on which something is done with what addAction() returns."""
    tree = ast.parse(source)
    dropped = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node not in dropped)
    yield from (call.lineno for call in calls if ast.unparse(call.func).endswith(".addAction"))


def test_no_action_is_used_that_qt_has_made() -> None:
    sources = {path: path.read_text(encoding="utf-8") for path in UI.rglob("*.py")}
    assert any(".addAction(" in source for source in sources.values())
    found = {
        path.relative_to(UI).as_posix(): lines
        for path, source in sources.items()
        if "addAction" in source and (lines := list(uses_of_actions_made_by_qt(source)))
    }
    assert found == {}


@pytest.mark.parametrize("line", ['a = menu.addAction("Copy")', 'menu.addAction("Copy").triggered.connect(copy)'])
def test_a_use_is_seen(line: str) -> None:
    assert list(uses_of_actions_made_by_qt(line)) == [1]


def test_to_add_an_action_is_no_use_of_one() -> None:
    assert list(uses_of_actions_made_by_qt("menu.addAction(action)")) == []
