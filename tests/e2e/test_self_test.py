"""`inglenook self-test`, as a process: the real window offscreen, the included model, figures and pictures.

On Linux the process lives where the kernel kills whoever makes an internet socket, native code and children too: that
all of it is done without a network is shown by its living on.
"""

import json
import platform
import signal
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from tests.e2e.process import inglenook, shut_in

pytestmark = pytest.mark.real_model

KEYS = {
    "ok",
    "model",
    "tokens",
    "tokens_per_second",
    "time_to_first_token_ms",
    "first_paint_ms",
    "peak_rss_mb",
    "screenshots",
    "failures",
}


def size_of(picture: Path) -> tuple[int, int]:
    """Width and height in pixels, from a PNG's header."""
    header = picture.read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", header[16:24])
    return width, height


TORTURE = [f"torture-100-{place}" for place in (0, 15, 30, 60, 80, 100)]
TORTURE += [f"torture-200-{place}" for place in (0, 30, 60, 100)]
PAGES = [
    *("empty", "streaming", "chat", "find", "notice", "safe-start", "memory", "opened", "library", "library-narrow"),
    *("first-run", "first-run-narrow", "first-run-licence"),
    *("on-this-computer", "on-this-computer-narrow", "downloads"),
    *TORTURE,
    *("about", "about-model", "settings", "schema", "loading", "sampling", "speed-report", "network"),
]
PAGE = QRect(420, 150, 620, 400)  # in the window as it opens: a part of the column in which messages stand
FILTERS = sys.platform == "linux" and platform.machine() in ("x86_64", "aarch64")
REACHES = "import socket, threading; t = threading.Thread(target=socket.socket, args=({family},)); t.start(); t.join()"


def check_that_all_show_something_else(folder: Path, states: list[str]) -> None:
    """Each shows a page with writing on it, which none of the others shows."""
    seen: dict[bytes, str] = {}
    for name in (f"{state}-{theme}" for state in states for theme in ("light", "dark")):
        page = QImage(str(folder / f"{name}.png")).copy(PAGE).convertToFormat(QImage.Format.Format_RGB32)
        lines = [page.copy(0, y, page.width(), 1) for y in range(page.height())]
        assert sum(len(set(bytes(line.constBits())[::4])) > 4 for line in lines) > 50, f"{name} is blank"
        written = bytes(page.constBits())
        assert seen.setdefault(written, name) == name


@dataclass(frozen=True)
class Toured:
    """What the self-test said, where its pictures are, and what shut_in.py counted; None where it cannot."""

    done: subprocess.CompletedProcess[str]
    pictures: Path
    network: dict[str, Any] | None


@pytest.fixture(scope="module")
def toured(tmp_path_factory: pytest.TempPathFactory) -> Toured:
    folder = tmp_path_factory.mktemp("tour")
    arguments = ("self-test", "--json", "--screenshots", folder / "out")
    if not FILTERS:
        return Toured(inglenook(*arguments), folder / "out", None)
    done = shut_in(folder / "network.json", sys.executable, "-m", "app", *arguments)
    return Toured(done, folder / "out", json.loads((folder / "network.json").read_text(encoding="utf-8")))


def test_it_answers_through_the_window_and_shows_every_page_in_both_themes(toured: Toured) -> None:
    done = toured.done
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    report = json.loads(done.stdout)
    assert set(report) == KEYS
    assert report["ok"] is True
    assert report["failures"] == []
    assert report["model"] == "SmolLM2 135M"
    assert report["tokens"] > 1
    assert report["tokens_per_second"] > 1
    assert 0 < report["time_to_first_token_ms"] < 60_000
    assert 0 < report["first_paint_ms"] < 60_000
    assert 100 < report["peak_rss_mb"] < 4_000


def test_there_is_a_picture_of_every_page_in_both_themes_and_twice_as_large(toured: Toured) -> None:
    out = toured.pictures
    assert {picture.parent for picture in map(Path, json.loads(toured.done.stdout)["screenshots"])} == {out}
    assert {picture.name for picture in out.iterdir()} == {
        f"{page}-{theme}{ratio}.png" for page in PAGES for theme in ("light", "dark") for ratio in ("", "@2x")
    }
    light, dark = QImage(str(out / "empty-light.png")), QImage(str(out / "empty-dark.png"))
    assert light.pixelColor(640, 120).name().upper() == "#FFFDFA"
    assert dark.pixelColor(640, 120).name().upper() == "#211E1B"
    assert QImage(str(out / "streaming-light.png")) != light
    for page in PAGES:
        width, height = size_of(out / f"{page}-light.png")
        assert size_of(out / f"{page}-light@2x.png") == (2 * width, 2 * height)
    check_that_all_show_something_else(out, [*TORTURE, "memory", "opened"])


def test_chat_pages_dialogs_and_remote_links_did_all_that_without_one_packet(toured: Toured) -> None:
    """Whoever had made a socket would have been killed; where the network is its own, loopback was counted as well."""
    assert toured.done.returncode == 0, toured.done.stdout + toured.done.stderr
    if toured.network is None:
        pytest.skip("NO PROOF THAT NOTHING LEAVES THIS COMPUTER: only Linux has a filter for that")
    if not toured.network["own"]:
        pytest.skip("PACKETS WERE NOT COUNTED: only root can give a process a network of its own")
    assert set(toured.network["packets"].values()) == {0}, toured.network


def test_without_json_the_figures_are_printed_for_people() -> None:
    done = inglenook("self-test")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "tokens_per_second" in done.stdout
    assert "SmolLM2 135M" in done.stdout


@pytest.mark.skipif(not FILTERS, reason="NO PROOF THAT NOTHING LEAVES THIS COMPUTER: this system has no such filter")
@pytest.mark.parametrize("family", ["socket.AF_INET", "socket.AF_INET6", "socket.AF_INET, socket.SOCK_DGRAM"])
def test_what_the_self_test_lives_in_kills_whoever_reaches_for_the_network(tmp_path: Path, family: str) -> None:
    """In any thread; and what makes no such socket ends as it wants."""
    done = shut_in(tmp_path / "packets.json", sys.executable, "-c", REACHES.format(family=family))
    assert done.returncode == 128 + signal.SIGSYS, done.stderr
    done = shut_in(tmp_path / "packets.json", sys.executable, "-c", REACHES.format(family="socket.AF_UNIX"))
    assert done.returncode == 0, done.stderr
