"""A small checkout to set up in, and a stand-in for the environment's Python that does what a test tells it."""

import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dev_steps.places import Places

MODEL = b"GGUF, or nearly"
LOCK = """\
click==8.5.1 \\
    --hash=sha256:aa
llama-cpp-python==0.3.36 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
ninja==1.13.2 ; sys_platform != 'win32' \\
    --hash=sha256:dd
"""


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A checkout with the files that set-up reads, and an empty cache."""
    found = Places(tmp_path / "checkout", tmp_path / "cache")
    found.requirements.parent.mkdir(parents=True)
    found.catalog.parent.mkdir()
    found.requirements.write_text(LOCK, encoding="utf-8")
    found.model_lock.write_text("a-model==1 \\\n    --hash=sha256:ee\n", encoding="utf-8")
    found.project.write_text("[project]\n", encoding="utf-8")
    model = {"id": "m", "file_name": "m.gguf", "size_bytes": len(MODEL), "sha256": hashlib.sha256(MODEL).hexdigest()}
    found.catalog.write_text(json.dumps({"included": "m", "models": [model]}), encoding="utf-8")
    return found


@pytest.fixture
def stand_in(places: Places) -> Callable[[str], None]:
    """Makes the environment's `python` a program with the given source; it finds its arguments in sys.argv."""

    def make(source: str) -> None:
        places.scripts.mkdir(parents=True, exist_ok=True)
        places.python.write_text(f"#!{sys.executable}\nimport os, pathlib, sys, time\n{source}\n", encoding="utf-8")
        places.python.chmod(0o755)

    return make
