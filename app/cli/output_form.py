"""The options that say what form an answer must have."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from app.cli.declared_options import SectionOption
from app.core.errors import InvalidParameterError
from app.core.generation import OutputFormat, OutputKind

_Command = TypeVar("_Command", bound=Callable[..., Any])


def output_options(command: _Command) -> _Command:
    """--output, --schema and --grammar."""
    kinds = click.Choice([OutputKind.TEXT.value, OutputKind.JSON.value])
    file = click.Path(path_type=Path)
    options = [
        _option("--output", type=kinds, help="json: the answer is a JSON object."),
        _option("--schema", type=file, metavar="FILE", help="The answer is JSON that this JSON schema accepts."),
        _option("--grammar", type=file, metavar="FILE", help="The answer is a text of this GBNF grammar."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _option(name: str, **attributes: Any) -> Callable[[_Command], _Command]:
    return click.option(name, cls=SectionOption, section="Output", **attributes)


def output_format(output: str | None, schema: Path | None, grammar: Path | None) -> OutputFormat:
    """What the options ask for. Raises UsageError for two of them, InvalidParameterError for an unreadable file."""
    if sum(given is not None for given in (output, schema, grammar)) > 1:
        raise click.UsageError("--output, --schema and --grammar exclude one another.")
    if schema is not None:
        return OutputFormat(OutputKind.SCHEMA, _text(schema, "schema"))
    if grammar is not None:
        return OutputFormat(OutputKind.GRAMMAR, _text(grammar, "grammar"))
    return OutputFormat(OutputKind(output) if output else OutputKind.TEXT)


def _text(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidParameterError(f"The {what} {path} cannot be read: {error.strerror}.", str(error)) from error
    except UnicodeDecodeError as error:
        raise InvalidParameterError(f"The {what} {path} is not text in UTF-8.", str(error)) from error
