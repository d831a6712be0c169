"""Holds the rooms of app/ apart, and shows that every contract notices a breach of it."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
}

# The contract that must be reported, the file that breaks it, and the line that does.
BREACHES = [
    ("layers", "core/errors.py", "import app.services.events"),
    ("layers", "fit/__init__.py", "import app.storage"),
    ("layers", "services/events.py", "import app.ui"),
    ("layers", "unheard_of.py", "import app.core"),
    ("pyside6", "services/events.py", "import PySide6.QtCore"),
    ("pyside6", "core/errors.py", "from PySide6 import QtCore"),
    ("llama-cpp", "services/chat.py", "import llama_cpp"),
    ("huggingface-hub", "services/chat.py", "import huggingface_hub"),
    ("httpx2", "services/chat.py", "import httpx2"),
    ("sqlite3", "services/chat.py", "import sqlite3"),
    ("keyring", "services/chat.py", "import keyring"),
    ("sqlcipher3", "services/chat.py", "import sqlcipher3"),
    ("cryptography", "services/chat.py", "import cryptography"),
    ("filelock", "services/chat.py", "import filelock"),
    ("send2trash", "services/chat.py", "import send2trash"),
    ("jsonschema", "engine/forms/structured.py", "import jsonschema"),
    ("platformdirs", "storage/__init__.py", "import platformdirs"),
    ("engine-parts", "ui/__init__.py", "import app.engine.base"),
    ("engine-parts", "services/chat.py", "import app.engine.fake"),
    ("hub-parts", "ui/__init__.py", "import app.hub"),
]


def broken_contracts(folder: Path) -> set[str]:
    """The ids of the contracts that the `app` in `folder` breaks."""
    program = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", program, "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    verdicts = {
        contract: [line for line in lines if line.startswith((f"{name} KEPT", f"{name} BROKEN"))]
        for contract, name in CONTRACTS.items()
    }
    assert all(len(found) == 1 for found in verdicts.values()), done.stdout + done.stderr
    broken = {contract for contract, (line,) in verdicts.items() if line.startswith(f"{CONTRACTS[contract]} BROKEN")}
    assert (done.returncode != 0) == bool(broken), done.stdout + done.stderr
    return broken


def copy_with(folder: Path, file: str, line: str) -> None:
    """A copy of app/ and its contracts in which `file` ends with `line`."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "app", folder / "app", ignore=shutil.ignore_patterns("__pycache__"))
    with (folder / "app" / file).open("a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")


def test_the_rooms_keep_their_contracts() -> None:
    assert broken_contracts(ROOT) == set()


@pytest.mark.parametrize(("contract", "file", "line"), BREACHES)
def test_a_breach_is_reported_by_its_contract_alone(contract: str, file: str, line: str, tmp_path: Path) -> None:
    copy_with(tmp_path, file, line)
    assert broken_contracts(tmp_path) == {contract}


def test_every_contract_is_seen_to_break() -> None:
    assert {contract for contract, _, _ in BREACHES} == set(CONTRACTS)
