"""Holds the rooms to the gate: Qt's network is imported nowhere, sockets in two places, and programs start by leave."""

import ast
import functools
import re
from pathlib import Path

APP = Path(__file__).resolve().parents[2] / "app"
QT = (
    "PySide6.QtNetwork",
    "PySide6.QtNetworkAuth",
    "PySide6.QtWebSockets",
    "PySide6.QtWebEngineCore",
    "PySide6.QtHttpServer",
)
SOCKETS = {"socket", "_socket", "socketserver", "ssl", "http.client", "ftplib", "smtplib", "asyncio", "webbrowser"}
MAY_HAVE_SOCKETS = {"hub", "ui/app.py"}
STARTS = {"subprocess", "pty", "multiprocessing"}
STARTING = re.compile(r"subprocess\.\w+\(|from subprocess|pty|multiprocessing")


def imported(path: Path) -> set[str]:
    """Every module that a file imports, by its whole name, and each name that it takes from one."""
    found = set()
    for node in ast.walk(ast.parse(texts()[path])):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
    return found


@functools.cache
def texts() -> dict[Path, str]:
    return {path: path.read_text(encoding="utf-8") for path in APP.rglob("*.py")}


def importing(names: set[str]) -> set[str]:
    """The files of app/ that import one of these."""
    words = {name.rpartition(".")[2] for name in names}
    named = [path for path, text in texts().items() if any(word in text for word in words)]  # to parse all is slow
    return {path.relative_to(APP).as_posix() for path in named if imported(path) & names}


def test_nothing_imports_the_network_of_qt() -> None:
    assert importing(set(QT)) == set()


def test_only_the_hub_and_the_signals_of_the_window_have_sockets() -> None:
    found = importing(SOCKETS)
    assert {file for file in found if file.split("/")[0] not in MAY_HAVE_SOCKETS} <= MAY_HAVE_SOCKETS
    assert "ui/app.py" in found


def test_whoever_starts_a_program_asks_the_gate_for_leave() -> None:
    found = {file for file in importing(STARTS) if STARTING.search(texts()[APP / file])}
    assert "engine/guards/trial.py" in found
    assert found - importing({"app.network.programs.starting"}) == set()
