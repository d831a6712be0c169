"""Holds the tree to what no other tool looks at: what is committed, and what things are called."""

import ast
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from dev_steps.lock_text import blocks, faults, name_of

ROOT = Path(__file__).resolve().parents[2]
# Written as patterns, so that this file does not hold the names that it looks for.
REGISTRY_HOSTS = re.compile(r"pypi\.org|pythonhosted\.org|registry\.npmjs\.org|registry\.yarnpkg\.com|deb\.debian\.org")
VAGUE_ENDINGS = ("Manager", "Helper", "Helpers", "Utils", "Util", "Controller")


def committed_files() -> list[Path]:
    """Every file that is or would be committed."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no checkout of git, or git is not here")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [ROOT / name for name in done.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def is_text(path: Path) -> bool:
    """Whether a file reads as text, judged by its beginning as git does."""
    with path.open("rb") as file:
        return b"\0" not in file.read(8000)


@pytest.mark.parametrize("folder", ["packaging", "resources"])
def test_folders_that_are_no_packages(folder: str) -> None:
    assert not (ROOT / folder / "__init__.py").exists()  # it would shadow the library `packaging`


def test_no_committed_file_names_a_registry_host() -> None:
    named = [path for path in committed_files() if is_text(path) and REGISTRY_HOSTS.search(path.read_text("utf-8"))]
    assert named == []


def test_the_pattern_of_hosts_finds_one() -> None:
    assert REGISTRY_HOSTS.search("--index-url https://" + "pypi" + ".org/simple")


@pytest.mark.parametrize("name", ["requirements.lock", "model.lock"])
def test_locks_hold_hashes_and_no_address(name: str) -> None:
    assert faults((ROOT / "packaging" / name).read_text(encoding="utf-8")) == []


def test_the_lock_holds_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    wanted = {re.split(r"[^\w.-]", line, maxsplit=1)[0].lower() for line in asked}
    locked = {name_of(block) for block in blocks((ROOT / "packaging/requirements.lock").read_text(encoding="utf-8"))}
    assert wanted - locked == set()


def test_nothing_has_a_vague_name() -> None:
    vague = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in sorted((ROOT / "app").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and node.name.endswith(VAGUE_ENDINGS)
    ]
    assert vague == []
