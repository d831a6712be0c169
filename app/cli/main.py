"""The command `inglenook`: its options, its sub-commands and its exit codes."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path

import click

from app import __version__
from app.bootstrap import Options, use_own_libraries_only
from app.cli import exit_codes
from app.cli.declared_options import SectionedCommand, chosen, load_options, sampling_options
from app.cli.given_file import GroupOrFile
from app.cli.lock import lock
from app.cli.models import models
from app.cli.output_form import output_format, output_options
from app.cli.passphrase import passphrase_option
from app.core.errors import CancelledError, InglenookError
from app.core.generation import SamplingParameters
from app.core.model import KvCacheType, LoadParameters
from app.core.settings import OverflowPolicy

_log = logging.getLogger(__name__)

_FILE = click.Path(path_type=Path)


@click.group(cls=GroupOrFile, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--profile", type=_FILE, metavar="DIR", help="Keep conversations and settings in this folder.")
@click.option("--temp-profile", is_flag=True, help="Keep nothing: use a temporary profile, removed at the end.")
@click.option("--fake-engine", is_flag=True, help="Answer with a script in place of a model, to try the application.")
@click.option("--offline", is_flag=True, help="Use no network in this run, whatever the settings say.")
@click.option("--debug", is_flag=True, help="Write the log to standard error too, with every detail.")
@click.version_option(__version__, prog_name="Inglenook")
@click.pass_context
def command(
    context: click.Context, profile: Path | None, temp_profile: bool, fake_engine: bool, offline: bool, debug: bool
) -> int | None:
    """Private, offline chat with local language models. Without a command the window opens.

    Exit codes: 0 done, 1 a failure (said on standard error), 2 wrong options, 130 stopped with Ctrl+C.
    """
    if profile is not None and temp_profile:
        raise click.UsageError("--profile and --temp-profile exclude one another.")
    context.obj = Options(profile, temp_profile, fake_engine, debug, offline=offline)
    if context.invoked_subcommand is None:
        from app.cli.window import open_window

        return open_window(context.obj)
    return None


@command.command("open")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def open_file(options: Options, file: Path) -> int:
    """Open the window with this GGUF file as its model. The word "open" may be left out: inglenook FILE.gguf."""
    from app.cli.window import open_window

    return open_window(options, file.absolute())


@command.command(cls=SectionedCommand)
@click.argument("text")
@click.option("--model", type=_FILE, metavar="FILE", help="A GGUF file; without it the included model answers.")
@click.option("--system", default="", metavar="TEXT", help="A system prompt.")
@click.option("--thinking/--no-thinking", default=None, help="Let the model think first, where it can be told so.")
@click.option(
    "--overflow",
    type=click.Choice([policy.value for policy in OverflowPolicy]),
    help="What to do when the context is full; without it what the settings say.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with the answer and its figures.")
@output_options
@sampling_options
@load_options
@click.pass_obj
def ask(
    options: Options,
    text: str,
    model: Path | None,
    system: str,
    thinking: bool | None,
    overflow: str | None,
    as_json: bool,
    output: str,
    schema: Path | None,
    grammar: Path | None,
) -> int:
    """Answer one question and print the answer as it is written. TEXT "-" reads the question from standard input.

    Nothing is kept: the question is not stored among the conversations. With --schema, --grammar or --output json the
    answer is printed only when it has that form: it is checked, and tried again if need be.
    """
    from app.cli.ask import Question, ask_once

    question = Question(
        text=text,
        model=model,
        system=system,
        output=output_format(output, schema, grammar),
        thinking=thinking,
        overflow=None if overflow is None else OverflowPolicy(overflow),
        load=chosen(LoadParameters),
        sampling=chosen(SamplingParameters),
    )
    return ask_once(options, question, as_json)


@command.command(cls=SectionedCommand)
@click.option("--model", type=_FILE, metavar="FILE", help="A GGUF file; without it the included model answers.")
@click.option("--temporary", is_flag=True, help="Keep the chat in memory only; it is gone at the end.")
@passphrase_option
@sampling_options
@load_options
@click.pass_obj
def chat(options: Options, model: Path | None, temporary: bool, passphrase_stdin: bool) -> int:
    """Chat in the terminal, a line for a message; the conversation is kept and the window shows it too."""
    from app.cli.chat import chat_in_terminal

    load, sampling = chosen(LoadParameters), chosen(SamplingParameters)
    return chat_in_terminal(options, model, load, sampling, temporary=temporary, passphrase_stdin=passphrase_stdin)


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; memory is in bytes.")
@click.pass_obj
def devices(options: Options, as_json: bool) -> int:
    """List what a model can run on: processor and GPUs, with their memory (1 GB is 10^9 bytes)."""
    from app.cli.devices import print_devices

    return print_devices(options, as_json)


@command.command()
@click.argument("model")
@click.option("--machine", metavar="NAME", help="A recorded machine, or a file that `devices --json` printed.")
@click.option("--context", type=click.IntRange(64, 16_777_216), metavar="N", help="The context length, in tokens.")
@click.option("--kv-cache-type", type=click.Choice([kind.value for kind in KvCacheType]), help="The KV cache's type.")
@click.option("--speed-floor", type=click.IntRange(0, 1000), default=10, help="Tokens per second that are enough.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; memory is in bytes.")
@click.pass_obj
def plan(
    options: Options,
    model: str,
    machine: str | None,
    context: int | None,
    kv_cache_type: str | None,
    speed_floor: int,
    as_json: bool,
) -> int:
    """Say which file of a model fits, how long a context, how fast, and why; nothing is loaded or downloaded.

    MODEL is a GGUF file, a model of the catalogue (mistral-small-24b-2501), or a repository of the hub (owner/name):
    for that alone the network is used, to read its list of files and the beginning of one. Recorded machines are in
    resources/machines: --machine rtx4090-windows-64gb.
    """
    from app.cli.plan import print_plan
    from app.services.plans import PlanRequest

    kind = KvCacheType(kv_cache_type) if kv_cache_type else None
    return print_plan(options, model, machine, PlanRequest(context, kind, speed_floor), as_json)


@command.command()
@click.option("--model", type=_FILE, metavar="FILE", help="A GGUF file; without it the included model is measured.")
@click.option(
    "--runs", type=click.IntRange(1, 100), help="Run every test so often; without it 3 times, long ones once."
)
@click.option("--quick", is_flag=True, help="One run of prompt processing, generation and the quick question only.")
@click.option("--only", multiple=True, metavar="TEST", help="Only this test, by its name; may be given several times.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with machine, model, engine and results.")
@click.pass_obj
def bench(
    options: Options, model: Path | None, runs: int | None, quick: bool, only: tuple[str, ...], as_json: bool
) -> int:
    """Measure how fast a model reads and writes on this computer, as llama-bench does, and in five everyday tasks.

    Takes a few minutes with the included model. Ctrl+C stops with what there is. Complete reports are kept in the
    profile.
    """
    from app.cli.bench import choose, run_bench

    return run_bench(options, model, choose(quick, only, runs, as_json))


@command.command("self-test")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--screenshots", type=_FILE, metavar="DIR", help="Write a picture of every page to this folder.")
@click.pass_obj
def self_test(options: Options, as_json: bool, screenshots: Path | None) -> int:
    """Start the window, send one message through it, check what was stored, and print the figures."""
    from app.cli.self_test import run_and_print

    return run_and_print(options, screenshots, as_json)


@command.command()
@click.argument("file", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with every step.")
@click.pass_obj
def probe(options: Options, file: Path, as_json: bool) -> int:
    """Check whether a model file is sound: "ok", or what is wrong with it.

    Its header is read with care, and a process of its own loads it and writes a few tokens, even if it did so before.
    """
    from app.cli.probe import probe_file

    return probe_file(options, file, as_json)


@command.command()
@click.option("--output", type=_FILE, metavar="FILE", help="Save it as this file, in place of printing it.")
@click.pass_obj
def report(options: Options, output: Path | None) -> int:
    """Show all that a report of a problem contains: version, system, devices, settings, the log's last lines.

    It is sent nowhere. No chat, token or password is in it, and the user's name is taken out of paths.
    """
    from app.cli.report import write_report

    return write_report(options, output)


command.add_command(models)
command.add_command(lock)


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with the state and every entry.")
@click.option("--go-online", "go", flag_value="online", help="End offline; an open window has its own switch.")
@click.option("--go-offline", "go", flag_value="offline", help="Refuse whatever needs the network from now on.")
@click.option("--clear", is_flag=True, help="Forget the log.")
@click.pass_obj
def connections(options: Options, as_json: bool, go: str | None, clear: bool) -> int:
    """Show every connection that was made or refused: time, host, purpose, what was pressed, and bytes.

    Nothing is sent without a press or a command that says so. Offline, such a press is refused, too.
    """
    from app.cli.connections import print_connections

    return print_connections(options, as_json, go, clear)


@command.command("trial-child", hidden=True)
@click.argument("request")
def trial_child(request: str) -> None:
    """Try a model file in this process, which may die of it; a packaged Inglenook starts itself so."""
    from app.bootstrap import try_model

    try_model(request)


@command.command("machine-child", hidden=True)
@click.argument("request")
def machine_child(request: str) -> None:
    """Say what this computer is, in this process, which may die of a driver; a packaged Inglenook starts itself so."""
    from app.bootstrap import ask_machine

    ask_machine(request)


def run(arguments: Sequence[str]) -> int:
    """Run the command line; returns the exit code. The outermost border: known errors become one sentence on stderr."""
    use_own_libraries_only(os.environ)
    try:
        # Without click's standalone mode this is what the sub-command returned; --help and --version give 0 or None.
        code = command.main(list(arguments), prog_name="inglenook", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt, CancelledError):
        return exit_codes.CANCELLED
    except InglenookError as error:
        click.echo(error.sentence, err=True)
        return exit_codes.FAILURE
    except BrokenPipeError:
        return exit_codes.FAILURE  # the reader of our output has gone: there is nobody to tell
    except Exception as error:  # noqa: BLE001 (an outermost border: no traceback for the user)
        _log.exception("an unknown error")
        click.echo(
            f"Inglenook met an error that it does not know: {error!r}. Run again with --debug for details.", err=True
        )
        return exit_codes.FAILURE
    return int(code or exit_codes.DONE)
