"""What a library might do behind our back, planted into the real process: each is refused, and the log says so."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.e2e.process import REPOSITORY, environment, inglenook
from tests.hub_server.repositories import ServedRepository
from tests.hub_server.server import HubServer

# Runs when the application imports one of its own rooms, as a library would that is imported then.
PLANT = """
import os, sys, threading

def plant():
    import os, socket, subprocess, urllib.request
    import httpx2
    tries = {
        "urllib": lambda: urllib.request.urlopen("http://urllib.example.com/"),
        "socket": lambda: socket.create_connection(("192.0.2.1", 80)),
        "datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.2", 53)),
        "httpx2": lambda: httpx2.get("http://httpx.example.com/"),
        "loopback": lambda: socket.create_connection(("127.0.0.1", 9)),
        "subprocess": lambda: subprocess.run([sys.executable, "-c", "pass"]),
        "system": lambda: os.system("true"),
    }
    for name, act in tries.items():
        try:
            act()
        except Exception as error:
            print(name, type(error).__name__, file=sys.stderr)
        else:
            print(name, "PASSED", file=sys.stderr)

class Planter:
    def find_spec(self, name, path=None, target=None):
        if name == "app.bootstrap":
            sys.meta_path.remove(self)
            plant()
            thread = threading.Thread(target=plant, name="planted")
            thread.start()
            thread.join()

sys.meta_path.insert(0, Planter())
from app.__main__ import main
main()
"""
REFUSED = ("urllib.example.com:80", "192.0.2.1:80", "192.0.2.2:53", "httpx.example.com:80", "127.0.0.1:9")


def planted(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PLANT, *map(str, arguments)],
        cwd=REPOSITORY,
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def log_of(run: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert run.returncode == 0, run.stderr
    found: list[dict[str, Any]] = json.loads(run.stdout)["connections"]
    return found


def test_whatever_is_planted_is_refused_in_every_thread_and_logged(profile: Path) -> None:
    run = planted("--profile", profile, "connections", "--json")
    assert "PASSED" not in run.stderr
    assert len(run.stderr.split()) == 2 * 2 * 7, run.stderr
    log = log_of(run)
    assert not any(one["allowed"] for one in log)
    for thread in ("MainThread", "planted"):
        hosts = [one["host"] for one in log if one["detail"].endswith(f"in the thread {thread}")]
        assert hosts == [*REFUSED[:4], "127.0.0.1:9", sys.executable, "true"]
    assert {one["rule"] for one in log} == {"unasked", "program"}
    again = log_of(inglenook("--profile", profile, "connections", "--json"))
    assert again == log, "it was kept"


def test_a_command_is_a_press_and_its_hosts_are_logged_and_offline_refuses_it(
    hub_server: HubServer, profile: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub_server.endpoint)
    hub_server.add(ServedRepository("somebody/Small-GGUF", {}, license="mit"))
    search = ("--profile", profile, "models", "search", "--online", "small", "--json")
    assert inglenook(*search).returncode == 0
    state = json.loads(inglenook("--profile", profile, "connections", "--json").stdout)
    assert state["mode"] == "online"
    [entry] = state["connections"]
    assert (entry["allowed"], entry["purpose"]) == (True, "search")
    assert entry["press"] == "inglenook models search --online"
    assert entry["host"] == hub_server.endpoint.removeprefix("http://")
    assert entry["received_bytes"] > 0
    assert entry["sent_bytes"] > 0

    asked = len(hub_server.requests)
    held = inglenook("--offline", *search)
    assert held.returncode == 1
    assert "Offline is on" in held.stderr
    gone = inglenook("--profile", profile, "connections", "--go-offline", "--clear")
    assert "--go-online" in gone.stdout
    assert "No connection was made, and none was refused." in gone.stdout
    refused = inglenook(*search)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "--go-online" in refused.stderr
    assert len(hub_server.requests) == asked, "the hub heard nothing of either"
