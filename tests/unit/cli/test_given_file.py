"""Shows that a file may stand where a command does, and that a command's name wins."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from app.cli.given_file import GroupOrFile


@pytest.fixture
def group() -> click.Group:
    @click.group(cls=GroupOrFile)
    def made() -> None:
        pass

    @made.command("open")
    @click.argument("file", type=click.Path(exists=True))
    def open_file(file: str) -> None:
        click.echo(f"opened {file}")

    @made.command("ask")
    def ask() -> None:
        click.echo("asked")

    return made


def test_a_file_is_opened_and_a_command_is_not_taken_for_one(
    group: click.Group, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("ask", "odd name", "m.GGUF"):
        (tmp_path / name).touch()
    answers = {name: CliRunner().invoke(group, [name]).output for name in ("ask", "odd name", "m.GGUF")}
    assert answers == {"ask": "asked\n", "odd name": "opened odd name\n", "m.GGUF": "opened m.GGUF\n"}


def test_what_is_wrong_is_said_of_the_right_thing(group: click.Group) -> None:
    missing = CliRunner().invoke(group, ["gone.gguf"])
    misspelt = CliRunner().invoke(group, ["aks"])
    assert missing.exit_code == misspelt.exit_code == 2
    assert "gone.gguf" in missing.output
    assert "does not exist" in missing.output
    assert "No such command" in misspelt.output
