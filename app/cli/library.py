"""What `inglenook models list`, `import`, `verify` and `remove` do."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from app.bootstrap import Options, assemble_models
from app.cli import exit_codes
from app.cli.tables import table_lines
from app.cli.terminal import interruptible
from app.core.cancel import CancelToken
from app.core.errors import InvalidParameterError, ModelFileError
from app.core.library import InstalledModel, ModelOrigin, Soundness
from app.core.plain_json import plain
from app.core.quantities import file_size
from app.core.speed_wording import rate_words
from app.services.library import LibraryService

ORIGINS = {
    ModelOrigin.INCLUDED: "included",
    ModelOrigin.DOWNLOADED: "downloaded",
    ModelOrigin.ADDED: "added",
    ModelOrigin.LM_STUDIO: "LM Studio",
    ModelOrigin.OLLAMA: "Ollama",
    ModelOrigin.JAN: "Jan",
    ModelOrigin.GPT4ALL: "GPT4All",
    ModelOrigin.HUGGING_FACE: "Hugging Face cache",
}
_HEAD = ("NAME", "PRECISION", "SIZE", "LICENCE", "LAST USED", "TOKENS/S", "FROM", "FILE")
_RIGHT = (2, 5)


def list_models(options: Options, as_json: bool) -> int:
    """Look through all folders, then print what there is. Returns the exit code."""
    with assemble_models(options) as shelf, interruptible() as cancel:
        models = scanned(shelf.library, cancel)
    if as_json:
        click.echo(json.dumps([installed_values(model) for model in models]))
        return exit_codes.DONE
    for line in table_lines(_HEAD, [_row(model) for model in models], _RIGHT):
        click.echo(printable(line))
    click.echo("\n* is loaded at the start")
    return exit_codes.DONE


def import_model(options: Options, path: Path, copy: bool) -> int:
    """Add the file at `path`. Returns the exit code; raises InglenookError."""
    with assemble_models(options) as shelf, interruptible() as cancel, _progress("Copying") as on_progress:
        model = shelf.library.add(path, cancel, copy=copy, on_progress=on_progress)
    click.echo(printable(f"Added: {model.name} {model.quantization} ({file_size(model.size_bytes)}), {model.path}"))
    return exit_codes.DONE


def verify_models(options: Options, name: str | None) -> int:
    """Verify one model, or all that are there. Returns the exit code; raises InglenookError."""
    damaged = False
    with assemble_models(options) as shelf, interruptible() as cancel:
        listed = scanned(shelf.library, cancel)
        chosen = [installed(listed, name)] if name else [model for model in listed if not model.is_missing]
        for model in chosen:
            try:
                with _progress(f"Reading {model.name}") as on_progress:
                    found = shelf.library.verify(model.path, cancel, on_progress)
            except ModelFileError as error:
                if name:
                    raise
                damaged = True
                click.echo(printable(error.sentence), err=True)
                continue
            damaged = damaged or found.soundness is Soundness.DAMAGED
            click.echo(printable(f"{found.sentence} SHA-256 {found.sha256}"))
    return exit_codes.FAILURE if damaged else exit_codes.DONE


def remove_model(options: Options, name: str, yes: bool) -> int:
    """Take a model away, after a question. Returns the exit code; raises InglenookError."""
    with assemble_models(options) as shelf, interruptible() as cancel:
        model = installed(scanned(shelf.library, cancel), name)
        stays = model.is_missing or not model.origin.is_ours
        what = "Take off the list" if stays else "Move to the trash"
        removal = shelf.library.removal(model.path)
        also = "".join(f", with its projector {file.name}" for file in removal.projectors)
        if not yes:
            size = file_size(removal.size_bytes or model.size_bytes)
            click.confirm(printable(f"{what}: {model.path}{also} ({size})?"), abort=True)
        freed = shelf.library.remove(model.path)
    where = f"in the trash; emptying it frees {file_size(freed)}" if freed else "off the list"
    click.echo(printable(f"{model.path}{also} is {where}."))
    return exit_codes.DONE


def scanned(library: LibraryService, cancel: CancelToken) -> tuple[InstalledModel, ...]:
    """The models on this computer, after a look through all folders."""
    for _ in library.scan(cancel):
        pass
    return library.models()


def matching(models: Sequence[InstalledModel], called: str) -> list[InstalledModel]:
    """Those that somebody calls so: by path, by the file's name, or by the model's name, ":Q4_K_M" behind it or not."""
    path = Path(called).expanduser().absolute()
    if found := [model for model in models if model.path == path]:
        return found
    wanted = called.casefold()
    return [model for model in models if wanted in {name.casefold() for name in _names(model)}]


def installed(models: Sequence[InstalledModel], called: str) -> InstalledModel:
    """The one that somebody calls so. Raises InvalidParameterError when there is none, or more than one."""
    found = matching(models, called)
    if len(found) == 1:
        return found[0]
    if not found:
        raise InvalidParameterError(f'There is no model "{called}" on this computer. See: inglenook models list')
    paths = ", ".join(str(model.path) for model in found)
    raise InvalidParameterError(f'There are {len(found)} models called "{called}". Name one by its path: {paths}')


def installed_values(model: InstalledModel) -> dict[str, Any]:
    """What --json prints of a model; a path that is no Unicode is escaped as Python does."""
    return {**plain(model), "last_used": model.last_used.isoformat() if model.last_used else None}


def printable(text: str) -> str:
    """The text with a sign in place of what is no Unicode: a file's name need not be any."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _names(model: InstalledModel) -> tuple[str, ...]:
    return (model.name, f"{model.name}:{model.quantization}", model.path.name, model.path.stem)


def _row(model: InstalledModel) -> tuple[str, ...]:
    note = "missing: " if model.is_missing else "same as another: " if model.same_as else ""
    return (
        f"{'* ' if model.is_default else '  '}{model.name}",
        model.quantization or "–",
        file_size(model.size_bytes) if model.size_bytes else "–",
        model.license or "–",
        f"{model.last_used.astimezone():%Y-%m-%d}" if model.last_used else "–",
        rate_words(model.tokens_per_second) if model.tokens_per_second else "–",
        ORIGINS[model.origin],
        f"{note}{model.problem or model.path}",
    )


@contextmanager
def _progress(words: str) -> Iterator[Callable[[float], None]]:
    """A line on standard error that says how far it is, when that is a terminal."""
    shown = sys.stderr.isatty()

    def show(fraction: float) -> None:
        if shown:
            click.echo(f"\r\033[K{printable(words)}… {fraction:4.0%}", err=True, nl=False)

    try:
        yield show
    finally:
        if shown:
            click.echo("\r\033[K", err=True, nl=False)
