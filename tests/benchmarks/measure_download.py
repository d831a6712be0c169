"""Measures downloads on loopback: throughput with the checksum against curl without, pausing, and being killed.

"throughput": the generated file of 2 GB, by turns. Ours is written, hashed, put on the disk and renamed; curl's is
written. The first round warms up and is not counted. "pausing": from cancel() to the end of the download's thread, at
full speed and on a connection that has fallen silent. "kills": `kill -9` at random places; the server's log tells what
it sent, of which some was still on its way in the system's buffers.

Run: python -m tests.benchmarks.measure_download [--folder FOLDER] [--rounds N] [--kills N]
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.errors import CancelledError
from app.core.safe_names import part_files
from app.hub.base import Repository, RepositoryFile
from app.hub.huggingface import HuggingFaceHub
from tests.benchmarks.interleaved import in_words, print_table, ratios
from tests.hub_server.contents import LARGE_BYTES, LARGE_SHA256, LocalFile, large
from tests.hub_server.faults import Fault, Part
from tests.hub_server.repositories import ServedRepository
from tests.hub_server.server import HubServer

ID, NAME = "a/b", "x.gguf"
_PAUSES = 20
_FILE = RepositoryFile(NAME, LARGE_BYTES, LARGE_SHA256)
_REPOSITORY = Repository(ID, "main", ())
_KILLED_RATE = 300_000_000  # bytes per second: at full speed it would be done before the kill reaches it


def main() -> None:
    """Print a table of all figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()), help="where files are written")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        _serve()
        return
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        rows = [*_throughput(Path(name), arguments.rounds), *_pausing(Path(name)), _kills(Path(name), arguments.kills)]
    print_table(("what", "reference", "measured", "wanted"), rows)


def _serve() -> None:
    """Be the hub, until the other side of the pipe goes away."""
    with HubServer(ServedRepository(ID, {NAME: large()})) as hub_server:
        hub_server.redirects = False
        print(hub_server.endpoint, flush=True)
        sys.stdin.read()


@contextmanager
def server() -> Iterator[str]:
    """A hub in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.measure_download", "--serve"]
    with subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


def _throughput(folder: Path, rounds: int) -> list[tuple[str, ...]]:
    """MB/s of ours and of curl with and without putting the file on the disk, and how they compare."""
    measured: dict[str, list[float]] = {"curl": [], "curl, then fsync": [], "ours": []}
    with server() as endpoint:
        hub = HuggingFaceHub(endpoint)
        for number in range(rounds + 1):
            for name in measured if number % 2 else reversed(measured):
                speed = _ours(hub, folder) if name == "ours" else _curl(endpoint, folder, name != "curl")
                measured[name].append(speed)
    ours = measured.pop("ours")[1:]
    rows: list[tuple[str, ...]] = [("2 GB with SHA-256 and fsync", "", in_words(ours, " MB/s", 0), "")]
    for name, speeds in measured.items():
        compared = in_words(ratios(ours, speeds[1:]), digits=2)
        wanted = "at least 0.8" if name == "curl" else ""
        rows.append(("the same, of the reference", f"{name}: {in_words(speeds[1:], ' MB/s', 0)}", compared, wanted))
    return rows


def _curl(endpoint: str, folder: Path, is_synced: bool) -> float:
    """MB/s."""
    target = folder / "curl.gguf"
    started = time.perf_counter()
    command = ["curl", "--silent", "--fail", "--output", str(target), f"{endpoint}/{ID}/resolve/main/{NAME}"]
    subprocess.run(command, check=True)
    if is_synced:
        with target.open("rb+") as file:
            os.fsync(file.fileno())
    seconds = time.perf_counter() - started
    assert target.stat().st_size == LARGE_BYTES
    target.unlink()
    return LARGE_BYTES / 1e6 / seconds


def _ours(hub: HuggingFaceHub, folder: Path) -> float:
    """MB/s."""
    target = folder / NAME
    started = time.perf_counter()
    for _ in hub.fetch(_REPOSITORY, _FILE, target, CancelToken()):
        pass
    seconds = time.perf_counter() - started
    target.unlink()
    return LARGE_BYTES / 1e6 / seconds


def _pausing(folder: Path) -> list[tuple[str, ...]]:
    """Milliseconds until a cancelled download has ended."""
    rows: list[tuple[str, ...]] = []
    for name, fault in (("at full speed", None), ("on a silent connection", Fault(stall_at=50_000_000))):
        with HubServer(ServedRepository(ID, {NAME: large()})) as hub_server:
            if fault is not None:
                hub_server.fail(Part.STORAGE, fault)
            taken = [_pause(hub_server.endpoint, folder / f"{n}.gguf", 0.3 + 0.013 * n) for n in range(_PAUSES)]
        rows.append((f"pausing {name}, {_PAUSES} times", "", in_words(taken, " ms"), "at most 100 ms"))
    return rows


def _pause(endpoint: str, target: Path, after_seconds: float) -> float:
    cancel = CancelToken()
    ended: list[float] = []

    def run() -> None:
        try:
            for _ in HuggingFaceHub(endpoint).fetch(_REPOSITORY, _FILE, target, cancel):
                pass
        except CancelledError:
            ended.append(time.perf_counter())

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(after_seconds)
    asked = time.perf_counter()
    cancel.cancel()
    thread.join()
    for path in part_files(target):
        path.unlink(missing_ok=True)
    return (ended[0] - asked) * 1000


def _kills(folder: Path, count: int) -> tuple[str, ...]:
    """The same download killed so many times; what its processes asked for, and what was sent for nothing."""
    target, kept, chance = folder / NAME, [0], random.Random(1)
    with HubServer(ServedRepository(ID, {NAME: large()})) as hub_server:
        what = (hub_server.endpoint, target, NAME, LARGE_BYTES, LARGE_SHA256, _KILLED_RATE)
        command = [sys.executable, "-m", "tests.unit.hub.killed_download", *map(str, what)]
        for _ in range(count):
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            _kill_behind(process, kept[-1] + chance.randrange(LARGE_BYTES // count * 4 // 5))
            part = part_files(target)[0]
            assert not target.exists(), "it was fetched before it could be killed"
            kept.append(part.stat().st_size if part.exists() else 0)  # nothing is kept of the first moments
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        asked = [int(request.range.strip("bytes=-") or 0) for request in hub_server.asked(Part.STORAGE)]
        sent = sorted((one.start, one.count) for one in hub_server.sent)
    assert asked == kept, f"{asked} were asked for, and {kept} were there"
    assert LocalFile(target).sha256 == LARGE_SHA256
    beyond = [start + number - later for (start, number), (later, _) in pairwise(sent)]
    target.unlink()
    return (
        f"2 GB, killed {count} times",
        "",
        f"right SHA-256, each went on at the part's last byte; {in_words([one / 1e6 for one in beyond], ' MB')} sent "
        "into dead connections",
        "no byte twice beyond one buffer",
    )


def _kill_behind(process: subprocess.Popen[str], count: int) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        step, _, done = line.partition(" ")
        if step == "fetching" and int(done) > count:
            break
    process.kill()
    process.communicate()


if __name__ == "__main__":
    main()
