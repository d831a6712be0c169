"""Nothing of the window can reach for the network by Qt's means: they are not even loaded."""

import json
import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SECONDS = 60
PROGRAM = """
import importlib, json, pkgutil, sys
from pathlib import Path
import app.ui
from app.cli.main import run

code = run(["--temp-profile", "--fake-engine", "self-test"])
for found in pkgutil.walk_packages(app.ui.__path__, "app.ui."):
    importlib.import_module(found.name)
maps = Path("/proc/self/maps")
libraries = {Path(line.split()[-1]).name for line in maps.read_text().splitlines()} if maps.exists() else set()
print(json.dumps({"code": code, "modules": sorted(sys.modules), "libraries": sorted(libraries)}))
"""


def test_qt_network_is_not_loaded(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=REPOSITORY,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_DATA_HOME": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["code"] == 0, done.stdout
    modules = set(found["modules"])
    assert {"PySide6.QtWidgets", "app.ui.window", "app.ui.transcript.blocks.image_block"} <= modules
    assert not {"PySide6.QtNetwork", "PySide6.QtWebSockets", "PySide6.QtWebEngineCore"} & modules
    assert not [name for name in found["libraries"] if name.startswith("libQt6") and "Network" in name]
