"""`inglenook models download` as a process, against a hub on loopback."""

import hashlib
import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.process import inglenook, start
from tests.gguf_files import small_model
from tests.hub_server.contents import Content, Generated
from tests.hub_server.faults import Fault, Part
from tests.hub_server.repositories import ServedRepository
from tests.hub_server.server import HubServer

ID = "somebody/Small-GGUF"
FILE = "Small-Q4_K_M.gguf"
SIZE = 6_000_000
BUFFER_BYTES = 1 << 20  # what a killed process may have received and not written
SLOW = Fault(bytes_per_second=2_000_000, method="GET")


@pytest.fixture
def hub(hub_server: HubServer, monkeypatch: pytest.MonkeyPatch) -> HubServer:
    """The hub that the processes ask."""
    monkeypatch.setenv("HF_ENDPOINT", hub_server.endpoint)
    header = small_model().to_bytes()
    files: dict[str, Content] = {
        FILE: Generated(SIZE, first=header),
        "Small-Q8_0.gguf": Generated(SIZE * 2, first=header),
    }
    hub_server.add(ServedRepository(ID, files, license="mit"))
    return hub_server


def _objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def _target(profile: Path) -> Path:
    return profile / "models" / "somebody" / "Small-GGUF" / FILE


def _is_right(hub: HubServer, path: Path) -> bool:
    return hashlib.sha256(path.read_bytes()).hexdigest() == hub.repositories[ID].files[FILE].sha256


def test_a_model_is_downloaded_in_the_precision_that_suits_the_computer(hub: HubServer, profile: Path) -> None:
    run = inglenook("--profile", profile, "models", "download", ID)
    assert run.returncode == 0, run.stderr
    path = Path(run.stdout.strip())
    assert path.parent == _target(profile).parent
    assert path.stat().st_size in (SIZE, SIZE * 2)
    assert "Advised for this computer: " in run.stderr
    assert "License: mit" in run.stderr


def test_ctrl_c_pauses_and_the_same_command_goes_on(hub: HubServer, profile: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("a process of a test cannot be sent Ctrl+C there alone")
    arguments = ("--profile", profile, "models", "download", f"{ID}:Q4_K_M")
    hub.fail(Part.STORAGE, SLOW)
    process = start(*arguments, "--json")
    assert process.stdout is not None
    while json.loads(process.stdout.readline())["done_bytes"] < 500_000:
        pass
    process.send_signal(signal.SIGINT)
    rest, said = process.communicate()
    assert process.returncode == 130, said
    paused = _objects(rest)[-1]
    assert (paused["state"], paused["step"]) == ("paused", "")
    assert f'inglenook models download "{ID}:Q4_K_M"' in said
    hub.heal()
    again = inglenook(*arguments, "--json")
    assert again.returncode == 0, again.stderr
    done = _objects(again.stdout)[-1]
    assert (done["state"], done["done_bytes"], done["files"]) == ("done", SIZE, [str(_target(profile))])
    assert _is_right(hub, _target(profile))
    assert (hub.sent[-1].start, hub.sent[-1].count) == (paused["done_bytes"], SIZE - paused["done_bytes"])


def test_two_processes_fetch_it_once_and_one_goes_on_when_the_other_is_killed(hub: HubServer, profile: Path) -> None:
    arguments = ("--profile", profile, "models", "download", f"{ID}:Q4_K_M", "--json")
    hub.fail(Part.STORAGE, Fault(bytes_per_second=100_000, method="GET"))
    first = start(*arguments)
    assert first.stdout is not None
    while (at := json.loads(first.stdout.readline())["done_bytes"]) < 200_000:
        pass
    second = start(*arguments)
    assert second.stdout is not None
    told = json.loads(second.stdout.readline())
    assert (told["state"], told["step"]) == ("running", "fetching")
    assert told["sentence"] == f"A terminal (process {first.pid}) is fetching this already."
    hub.heal()
    first.kill()
    first.communicate()
    rest, said = second.communicate()
    assert second.returncode == 0, said
    done = _objects(rest)[-1]
    assert (done["state"], done["done_bytes"]) == ("done", SIZE)
    assert _is_right(hub, _target(profile))
    assert [path.name for path in _target(profile).parent.iterdir()] == [FILE]
    assert hub.sent[-1].start >= at - BUFFER_BYTES


def test_a_failure_is_one_sentence(hub: HubServer, profile: Path) -> None:
    hub.add(ServedRepository("somebody/Gated", {FILE: Generated(1000)}, gated="auto"))
    for name, told in (("somebody/Gated", "/somebody/Gated"), ("nothing like it", "no model"), ("a/b", "no model")):
        run = inglenook("--profile", profile, "models", "download", name)
        assert (run.returncode, run.stdout) == (1, ""), run.stderr
        assert told in run.stderr
        assert len(run.stderr.strip().splitlines()) == 1, run.stderr
