"""`inglenook lock`, and the passphrase that a locked profile asks for in the terminal."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from app.bootstrap import Options, lock_service
from app.cli import exit_codes
from app.cli.main import run
from app.core.lock import LockKind

Run = Callable[..., tuple[int, str]]
PASSPHRASE = "correct horse"


@pytest.fixture
def inglenook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def run_with(*arguments: str, stdin: str = "") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = run(["--profile", str(tmp_path), "--fake-engine", *arguments])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run_with


def _kind(tmp_path: Path) -> LockKind:
    lock = lock_service(Options(profile=tmp_path))
    assert lock is not None
    return lock.kind


def test_a_lock_is_turned_on_changed_and_turned_off(tmp_path: Path, inglenook: Run) -> None:
    assert "no lock" in inglenook("lock", "status")[1]
    code, said = inglenook("lock", "on", "--passphrase-stdin", "--yes", stdin=f"{PASSPHRASE}\n")
    assert code == exit_codes.DONE
    assert "A lost passphrase is final" in said
    assert "SSD" in said
    assert _kind(tmp_path) is LockKind.PASSPHRASE
    two = f"{PASSPHRASE}\nbattery staple\n"
    assert inglenook("lock", "change", "--passphrase-stdin", "--yes", stdin=two)[0] == exit_codes.DONE
    assert inglenook("lock", "off", "--passphrase-stdin", "--yes", stdin="battery staple\n")[0] == exit_codes.DONE
    assert _kind(tmp_path) is LockKind.NONE


def test_nothing_is_locked_unless_it_is_meant(tmp_path: Path, inglenook: Run) -> None:
    code, said = inglenook("lock", "on", "--passphrase-stdin", stdin=f"{PASSPHRASE}\n")
    assert code == exit_codes.FAILURE
    assert "--yes" in said
    code, said = inglenook("lock", "on", "--passphrase-stdin", "--yes", stdin="short\n")
    assert code == exit_codes.FAILURE
    assert "at least 8 characters" in said
    assert _kind(tmp_path) is LockKind.NONE


def test_a_locked_profile_asks_for_its_passphrase(tmp_path: Path, inglenook: Run) -> None:
    inglenook("lock", "on", "--passphrase-stdin", "--yes", stdin=f"{PASSPHRASE}\n")
    code, said = inglenook("chat", stdin="Hello\n")
    assert code == exit_codes.FAILURE
    assert "--passphrase-stdin" in said
    code, said = inglenook("chat", "--passphrase-stdin", stdin=f"{PASSPHRASE}\nHello there\n")
    assert code == exit_codes.DONE
    assert "You said: Hello there" in said
    code, said = inglenook("ask", "Who needs no passphrase?")
    assert code == exit_codes.DONE
    code, said = inglenook("lock", "off", "--passphrase-stdin", "--yes", stdin="not the passphrase\n")
    assert code == exit_codes.FAILURE
    assert "not the passphrase of this profile" in said


def test_a_temporary_profile_has_no_lock(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--temp-profile", "lock", "status"]) == exit_codes.FAILURE
    assert "temporary profile" in capsys.readouterr().err
