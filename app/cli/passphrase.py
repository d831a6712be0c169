"""How the terminal asks for the passphrase of a locked profile: hidden, and never by an argument or the environment."""

import sys
from collections.abc import Callable
from typing import Any

import click

from app.bootstrap import Options, lock_service
from app.core.errors import ProfileLockedError
from app.core.lock import LockKind, ProfileKey
from app.services.lock import LockService

passphrase_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--passphrase-stdin", is_flag=True, help="Read the passphrase of a locked profile from standard input: one line."
)


def opened_profile(options: Options, *, from_stdin: bool) -> ProfileKey | None:
    """The key of the profile, asked for where a passphrase opens it; None where it has no lock. Raises StorageError."""
    lock = lock_service(options)
    return None if lock is None else opened(lock, from_stdin=from_stdin)


def is_locked(options: Options) -> bool:
    """Whether the profile has a lock. Raises StorageError."""
    lock = lock_service(options)
    return lock is not None and lock.kind is not LockKind.NONE


def opened(lock: LockService, *, from_stdin: bool) -> ProfileKey | None:
    """The key that opens the lock; None where there is none. Raises WrongPassphraseError and other StorageErrors."""
    kind = lock.kind
    if kind is LockKind.NONE:
        return None
    if kind is LockKind.KEYCHAIN:
        return lock.open_with_keychain()
    return lock.open_with_passphrase(ask_passphrase("Passphrase of this profile", from_stdin=from_stdin))


def ask_passphrase(prompt: str, *, from_stdin: bool, confirm: bool = False) -> str:
    """A passphrase, typed unseen, twice with `confirm`; with `from_stdin` the next line of standard input.

    Raises ProfileLockedError where there is no terminal to type it at.
    """
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise ProfileLockedError(
            "A passphrase is needed, and there is no terminal to type it at. Give --passphrase-stdin, and the "
            "passphrase as one line of standard input."
        )
    answer: str = click.prompt(prompt, hide_input=True, confirmation_prompt=confirm, err=True)
    return answer
