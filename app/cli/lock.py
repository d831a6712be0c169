"""`inglenook lock`: says how the profile is locked, turns the lock on and off, and changes its passphrase."""

import sys

import click

from app.bootstrap import Options, lock_service
from app.cli import exit_codes
from app.cli.passphrase import ask_passphrase, opened, passphrase_option
from app.core.errors import InvalidParameterError
from app.core.lock import LockChange, LockKind
from app.services.lock import LockService, require_usable

_STATUS = {
    LockKind.NONE: "This profile has no lock: its conversations are not encrypted.",
    LockKind.KEYCHAIN: "This profile is encrypted; the key is in the system's keychain.",
    LockKind.PASSPHRASE: "This profile is encrypted; a passphrase opens it.",
}
_FINAL = (
    "A lost passphrase is final: nobody can open the conversations without it, and there is no way to reset it.\n"
    "Write it down and keep it in a safe place."
)
_FINAL_KEYCHAIN = (
    "The key will be in the keychain of this user on this computer alone. Where that is lost, so are the conversations."
)
_OLD_BLOCKS = (
    "The unencrypted file was overwritten and deleted. An SSD, a snapshot or a backup may still hold what it held."
)
_yes_option = click.option("--yes", is_flag=True, help="Do not ask whether it is meant.")


@click.group()
def lock() -> None:
    """Encrypt the conversations of the profile, under a passphrase or a key in the system's keychain."""


@lock.command()
@click.pass_obj
def status(options: Options) -> int:
    """Say how the profile is locked."""
    service = _service(options)
    click.echo(_STATUS[service.kind])
    _tell_of_unencrypted(service)
    return exit_codes.DONE


@lock.command("on")
@click.option("--keychain", is_flag=True, help="Keep the key in the system's keychain in place of a passphrase.")
@passphrase_option
@_yes_option
@click.pass_obj
def turn_on(options: Options, keychain: bool, passphrase_stdin: bool, yes: bool) -> int:
    """Encrypt the conversations. Without --keychain a passphrase is asked for, twice."""
    service = _service(options)
    if service.kind is not LockKind.NONE:
        raise InvalidParameterError(f"{_STATUS[service.kind]} `inglenook lock change` changes that.")
    _change_to(service, LockKind.KEYCHAIN if keychain else LockKind.PASSPHRASE, from_stdin=passphrase_stdin, yes=yes)
    click.echo(_OLD_BLOCKS, err=True)
    _tell_of_unencrypted(service)
    return exit_codes.DONE


@lock.command("off")
@passphrase_option
@_yes_option
@click.pass_obj
def turn_off(options: Options, passphrase_stdin: bool, yes: bool) -> int:
    """Decrypt the conversations: whoever can read the profile can read them then."""
    service = _service(options)
    key = opened(service, from_stdin=passphrase_stdin)
    if key is None:
        click.echo(_STATUS[LockKind.NONE])
        return exit_codes.DONE
    _confirm(
        "Every conversation will be written to the disk without encryption.", yes=yes, reads_stdin=passphrase_stdin
    )
    service.change(key, LockChange(LockKind.NONE), _show_progress)
    click.echo(_STATUS[LockKind.NONE])
    return exit_codes.DONE


@lock.command()
@click.option("--keychain", is_flag=True, help="From now on keep the key in the system's keychain.")
@passphrase_option
@_yes_option
@click.pass_obj
def change(options: Options, keychain: bool, passphrase_stdin: bool, yes: bool) -> int:
    """Choose another passphrase, or go over to the keychain. With --passphrase-stdin: the old line, then the new."""
    service = _service(options)
    if service.kind is LockKind.NONE:
        raise InvalidParameterError(f"{_STATUS[LockKind.NONE]} `inglenook lock on` encrypts them.")
    _change_to(service, LockKind.KEYCHAIN if keychain else LockKind.PASSPHRASE, from_stdin=passphrase_stdin, yes=yes)
    return exit_codes.DONE


def _change_to(service: LockService, kind: LockKind, *, from_stdin: bool, yes: bool) -> None:
    """Open the lock if there is one, say what is final, ask, and change it. Raises InglenookError."""
    if kind is LockKind.KEYCHAIN and not service.has_keychain():
        raise InvalidParameterError("This system has no keychain that Inglenook can use. Choose a passphrase.")
    key = opened(service, from_stdin=from_stdin)
    _confirm(_FINAL_KEYCHAIN if kind is LockKind.KEYCHAIN else _FINAL, yes=yes, reads_stdin=from_stdin)
    passphrase = ""
    if kind is LockKind.PASSPHRASE:
        passphrase = ask_passphrase("New passphrase", from_stdin=from_stdin, confirm=True)
        require_usable(passphrase)
    service.change(key, LockChange(kind, passphrase), _show_progress)
    click.echo(_STATUS[kind])


def _confirm(what: str, *, yes: bool, reads_stdin: bool) -> None:
    """Say what will be, and go on only when it is meant. Raises InvalidParameterError where nobody can be asked."""
    click.echo(what, err=True)
    if yes:
        return
    if reads_stdin or not sys.stdin.isatty():
        raise InvalidParameterError(
            "Nothing was changed. Give --yes to say that it is meant: nobody can be asked here."
        )
    click.confirm("Go on?", abort=True, err=True)


def _show_progress(fraction: float) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\033[KWriting anew… {fraction:4.0%}", err=True, nl=fraction >= 1)


def _tell_of_unencrypted(service: LockService) -> None:
    left = service.left_unencrypted() if service.kind is not LockKind.NONE else ()
    if left:
        click.echo("These damaged files were set aside earlier and are not encrypted; delete them yourself:", err=True)
        for path in left:
            click.echo(f"  {path}", err=True)


def _service(options: Options) -> LockService:
    service = lock_service(options)
    if service is None:
        raise InvalidParameterError("A temporary profile has no lock: nothing of it is kept.")
    return service
