"""`inglenook self-test`, as a process: the real window offscreen, the included model, figures and pictures."""

import json
import struct
from pathlib import Path

import pytest

from tests.e2e.process import inglenook

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


def test_it_answers_through_the_window_and_shows_every_page_in_both_themes(tmp_path: Path) -> None:
    done = inglenook("self-test", "--json", "--screenshots", tmp_path / "out")
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
    pictures = [Path(path) for path in report["screenshots"]]
    assert all(picture.parent == tmp_path / "out" for picture in pictures)
    names = {picture.name for picture in pictures}
    for page in ("empty", "chat"):
        for theme in ("light", "dark"):
            assert f"{page}-{theme}.png" in names
            width, height = size_of(tmp_path / "out" / f"{page}-{theme}.png")
            assert size_of(tmp_path / "out" / f"{page}-{theme}@2x.png") == (2 * width, 2 * height)


def test_without_json_the_figures_are_printed_for_people() -> None:
    done = inglenook("self-test")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "tokens_per_second" in done.stdout
    assert "SmolLM2 135M" in done.stdout
