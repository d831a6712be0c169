"""A download whose process is killed again and again ends with the right bytes, and fetches none of them twice."""

import random
import subprocess
import sys
from pathlib import Path

from app.core.safe_names import part_files
from tests.hub_server.contents import Generated, bytes_of
from tests.hub_server.faults import Fault, Part
from tests.hub_server.repositories import ServedRepository
from tests.hub_server.server import HubServer

ROOT = Path(__file__).parents[3]
MODEL = "x.gguf"
KILLS = 3


def start(served: HubServer, target: Path, content: Generated, rate: float) -> subprocess.Popen[str]:
    """Another process that goes on with the download."""
    what = (served.endpoint, target, MODEL, content.size, content.sha256, rate)
    command = [sys.executable, "-m", "tests.unit.hub.killed_download", *map(str, what)]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE)


def kill_behind(process: subprocess.Popen[str], count: int) -> None:
    """End it as `kill -9` does, as soon as it says that it has more than `count` bytes."""
    assert process.stdout is not None
    for line in process.stdout:
        step, _, done = line.partition(" ")
        if step == "fetching" and int(done) > count:
            break
    process.kill()
    process.communicate()


def test_a_killed_download_goes_on_at_its_last_byte(hub_server: HubServer, tmp_path: Path) -> None:
    content = Generated(24_000_000)
    hub_server.add(ServedRepository("a/b", {MODEL: content}))
    target, kept, chance = tmp_path / MODEL, [0], random.Random(6)
    for _ in range(KILLS):
        hub_server.fail(
            Part.STORAGE, Fault(stall_at=7_000_000), times=1
        )  # so that it is never done before it is killed
        process = start(hub_server, target, content, 10_000_000)
        kill_behind(process, kept[-1] + chance.randrange(4_000_000))
        kept.append(part_files(target)[0].stat().st_size)
    last = start(hub_server, target, content, 0)
    assert last.communicate()[0].splitlines()[-1] == "done"
    assert target.read_bytes() == bytes_of(content)
    assert [path.name for path in tmp_path.iterdir()] == [MODEL]
    asked = [request.range for request in hub_server.asked(Part.STORAGE)]
    assert asked == ["", *(f"bytes={count}-" for count in kept[1:])], "each begins where the last one's part ends"
    assert kept == sorted(set(kept))
