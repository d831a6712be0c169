"""The commands `inglenook models …`: what models there are, here, in the catalogue and at the hub."""

from pathlib import Path

import click

from app.bootstrap import Options

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON; sizes are in bytes.")


@click.group()
def models() -> None:
    """Find, download and keep models."""


@models.command("list")
@_JSON
@click.pass_obj
def list_command(options: Options, as_json: bool) -> int:
    """List the models on this computer: the included one, yours, and those that other applications keep.

    Looked through are the folder of downloads, the folders that you added, and the models of LM Studio, Ollama, Jan,
    GPT4All and the Hugging Face cache, which are used where they lie and never changed.
    """
    from app.cli.library import list_models

    return list_models(options, as_json)


@models.command()
@click.argument("text")
@click.option("--online", is_flag=True, help="Ask the hub, not only the catalogue; this uses the network.")
@_JSON
@click.pass_obj
def search(options: Options, text: str, online: bool, as_json: bool) -> int:
    """Look for models to download whose name, maker or abilities hold every word of TEXT."""
    from app.cli.model_search import search_models

    return search_models(options, text, online, as_json)


@models.command()
@click.argument("name")
@_JSON
@click.pass_obj
def show(options: Options, name: str, as_json: bool) -> int:
    """Show what is known of a model, and how each of its files would run on this computer.

    NAME is a model of the catalogue, one on this computer (its name, file or path), or a repository of the hub
    (owner/name): for that alone the network is used.
    """
    from app.cli.model_search import show_model

    return show_model(options, name, as_json)


@models.command("download")
@click.argument("reference", metavar="NAME[:PRECISION]")
@click.option("--with-projector", is_flag=True, help="Fetch the file (mmproj) that lets the model see pictures, too.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a second, and one at the end; in bytes.")
@click.pass_obj
def models_download(options: Options, reference: str, with_projector: bool, as_json: bool) -> int:
    """Download a model into the library; the path of its file is printed at the end.

    NAME is a model of the catalogue (gemma-3-4b), a repository of the hub (owner/name), or the address of its page.
    Without a precision (Q4_K_M) the one that suits this computer best is taken. Ctrl+C pauses: the same command goes on
    from there, and so does the window, which shows the same downloads.
    """
    from app.cli.models_download import download

    return download(options, reference, as_json, with_projector)


@models.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--copy", is_flag=True, help="Copy it into the folder of downloads; without it stays where it is.")
@click.pass_obj
def import_command(options: Options, path: Path, copy: bool) -> int:
    """Add a GGUF file to the models on this computer."""
    from app.cli.library import import_model

    return import_model(options, path, copy)


@models.command()
@click.argument("name", required=False)
@click.pass_obj
def verify(options: Options, name: str | None) -> int:
    """Work out the checksum of a model's files, or of all models, and hold it against the known one.

    The exit code is 1 when one is damaged.
    """
    from app.cli.library import verify_models

    return verify_models(options, name)


@models.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def remove(options: Options, name: str, yes: bool) -> int:
    """Move a model's files to the trash; one of another application, or one that is gone, only leaves the list."""
    from app.cli.library import remove_model

    return remove_model(options, name, yes)
