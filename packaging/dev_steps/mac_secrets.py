"""Turns the secrets of a release for macOS, which come as variables, into a keychain and a key file for one run."""

import base64
import binascii
import os
import secrets
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dev_steps.failure import SetupError

CERTIFICATE = ("INGLENOOK_MAC_CERTIFICATE", "INGLENOOK_MAC_CERTIFICATE_PASSWORD")
NOTARY = ("INGLENOOK_NOTARY_KEY", "INGLENOOK_NOTARY_KEY_ID", "INGLENOOK_NOTARY_ISSUER")


def decoded(environment: Mapping[str, str], name: str) -> bytes:
    """The bytes of a secret that is written in base64."""
    try:
        return base64.b64decode("".join(environment[name].split()), validate=True)
    except binascii.Error as error:
        raise SetupError(f"The secret in {name} is not base64.") from error


def keychain_commands(keychain: Path, certificate: Path, opened_with: str, password: str) -> list[list[str]]:
    """The commands that put a certificate into a keychain of its own, in which codesign may use it without asking."""
    place = str(keychain)
    return [
        ["security", "create-keychain", "-p", opened_with, place],
        ["security", "set-keychain-settings", "-lut", "7200", place],
        ["security", "unlock-keychain", "-p", opened_with, place],
        [
            "security",
            "import",
            str(certificate),
            "-k",
            place,
            "-P",
            password,
            "-T",
            "/usr/bin/codesign",
            "-f",
            "pkcs12",
        ],
        ["security", "set-key-partition-list", "-S", "apple-tool:,apple:", "-s", "-k", opened_with, place],
        ["security", "list-keychains", "-d", "user", "-s", place, "login.keychain-db"],
    ]


@contextmanager
def signing_keychain(environment: Mapping[str, str] = os.environ) -> Iterator[None]:
    """The certificate is there to sign with while the block runs, if the secrets hold one; it is gone afterwards."""
    if not environment.get(CERTIFICATE[0]):
        yield
        return
    with tempfile.TemporaryDirectory() as folder:
        keychain, certificate = Path(folder) / "release.keychain-db", Path(folder) / "certificate.p12"
        certificate.write_bytes(decoded(environment, CERTIFICATE[0]))
        opened_with = secrets.token_urlsafe(24)
        try:
            for command in keychain_commands(keychain, certificate, opened_with, environment.get(CERTIFICATE[1], "")):
                _run_silently(command)
            certificate.unlink()
            yield
        finally:
            subprocess.run(["security", "delete-keychain", str(keychain)], capture_output=True, check=False)


def _run_silently(command: list[str]) -> None:
    """Run a command that has a secret among its arguments: neither a log nor an error repeats it."""
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        raise SetupError(f"The certificate could not be used: `security {command[1]}` failed.")


@contextmanager
def notary_account(environment: Mapping[str, str] = os.environ) -> Iterator[list[str]]:
    """notarytool's arguments for the account of the secrets, while the block runs; empty without all of them."""
    key, key_id, issuer = (environment.get(name, "") for name in NOTARY)
    if not (key and key_id and issuer):
        yield []
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "notary.p8"
        path.touch(mode=0o600)
        path.write_bytes(decoded(environment, NOTARY[0]))
        yield ["--key", str(path), "--key-id", key_id, "--issuer", issuer]
