"""What a process that ended in mid-step leaves behind, and who may take it."""

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.run import RunMark, RunStep
from app.storage.run_marker import RunMarker
from tests.unit.storage.conftest import NOW, StartProcess, kill

MODEL = Path("/models/a b.gguf")
IN_A_STEP = (
    "import sys; from pathlib import Path; from app.core.run import RunStep; from app.storage.run_marker import *\n"
    "RunMarker(Path(sys.argv[1])).begin(RunStep(sys.argv[2]), 'Model', Path('/models/a b.gguf'))\n"
    "print('ready', flush=True); sys.stdin.read()"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "running"


@pytest.fixture
def marker(folder: Path) -> RunMarker:
    return RunMarker(folder, lambda: NOW)


def test_a_step_that_ended_leaves_nothing(marker: RunMarker, folder: Path) -> None:
    marker.begin(RunStep.LOADING, "Model", MODEL)
    assert [p.name for p in folder.iterdir()] == [f"{os.getpid()}.json"]
    marker.end()
    marker.end()
    assert list(folder.iterdir()) == []
    assert marker.take_left_behind() == []


def test_a_killed_process_is_told_once_with_its_last_step(
    marker: RunMarker, folder: Path, start_process: StartProcess
) -> None:
    process = start_process(IN_A_STEP, folder, "writing")
    assert RunMarker(folder).take_left_behind() == [], "it is alive"
    kill(process)
    (mark,) = marker.take_left_behind()
    assert (mark.step, mark.model_name, mark.model_path) == (RunStep.WRITING, "Model", MODEL)
    assert mark.began_at.utcoffset() is not None
    assert abs((datetime.now(UTC) - mark.began_at).total_seconds()) < 60
    assert marker.take_left_behind() == []
    assert list(folder.iterdir()) == []


def test_the_newest_of_several_comes_last(marker: RunMarker, folder: Path, start_process: StartProcess) -> None:
    for step in ("loading", "reading_prompt"):
        kill(start_process(IN_A_STEP, folder, step))
    assert [m.step for m in marker.take_left_behind()] == [RunStep.LOADING, RunStep.READING_PROMPT]


def test_the_next_step_takes_the_place_of_the_last(marker: RunMarker, folder: Path) -> None:
    marker.begin(RunStep.READING_PROMPT, "Model", MODEL)
    marker.begin(RunStep.WRITING, "Model", MODEL)
    (path,) = folder.iterdir()
    assert json.loads(path.read_text())["step"] == "writing"
    marker.end()


def _as_of_a_dead_process(text: str) -> str:
    return json.dumps({**json.loads(text), "writer": "4194300 1.000"})


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[:20],
        lambda text: "[]",
        lambda text: "{}",
        lambda text: json.dumps({**json.loads(_as_of_a_dead_process(text)), "step": "dancing"}),
        lambda text: json.dumps({**json.loads(_as_of_a_dead_process(text)), "began_at": "then"}),
    ],
)
def test_what_cannot_be_read_is_dropped(marker: RunMarker, folder: Path, damage: Callable[[str], str]) -> None:
    marker.begin(RunStep.LOADING, "Model", MODEL)
    (path,) = folder.iterdir()
    path.write_text(damage(path.read_text()))
    assert marker.take_left_behind() == []
    assert list(folder.iterdir()) == []


def test_a_used_again_process_id_is_no_living_process(marker: RunMarker, folder: Path) -> None:
    marker.begin(RunStep.LOADING, "Model", MODEL)
    (path,) = folder.iterdir()
    path.write_text(json.dumps({**json.loads(path.read_text()), "writer": f"{os.getpid()} 1.000"}))
    assert marker.take_left_behind() == [RunMark(RunStep.LOADING, "Model", MODEL, NOW)]


def test_a_folder_that_cannot_be_written_costs_the_note_only(tmp_path: Path) -> None:
    (tmp_path / "running").write_text("in the way")
    marker = RunMarker(tmp_path / "running")
    marker.begin(RunStep.LOADING, "Model", MODEL)
    marker.end()
    assert marker.take_left_behind() == []


def test_a_step_is_noted_quickly(marker: RunMarker) -> None:
    marker.begin(RunStep.LOADING, "Model", MODEL)  # the first also finds out what names this process
    times = []
    for _ in range(20):
        start = time.perf_counter()
        marker.begin(RunStep.WRITING, "Model", MODEL)
        times.append(time.perf_counter() - start)
    marker.end()
    assert min(times) < 0.01, "two of them go into every message's time"
