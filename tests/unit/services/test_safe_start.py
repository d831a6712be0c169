"""Which steps are noted while the engine works, and what the next start makes of a note that was left."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.cancel import CancelToken
from app.core.conversation import Role
from app.core.errors import GenerationError, ModelLoadError
from app.core.generation import Chunk, PromptProgress, ReasoningChunk, SamplingParameters
from app.core.model import Backend, LoadParameters
from app.core.prompt import GenerationRequest, PromptMessage
from app.core.run import RunStep
from app.core.speed import SpeedTest
from app.engine.fake import FakeEngine, FakeScript
from app.services.safe_start import find_crash
from app.services.watched_engine import WatchedEngine
from app.storage.run_marker import RunMarker
from tests.included import INCLUDED_MODEL

QUESTION = GenerationRequest((PromptMessage(Role.USER, "word " * 1000),), SamplingParameters())
LOG = Path("logs") / "inglenook.log"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "running"


@pytest.fixture
def marker(folder: Path) -> RunMarker:
    return RunMarker(folder)


class Losses:
    """Counts how often the KV cache was about to be given up."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


@pytest.fixture
def losses() -> Losses:
    return Losses()


@pytest.fixture
def engine(marker: RunMarker, losses: Losses) -> WatchedEngine:
    return WatchedEngine(FakeEngine(FakeScript(reply="one two", reasoning="Hm.")), marker, losses)


def load(engine: WatchedEngine) -> None:
    engine.load(LoadParameters(path=INCLUDED_MODEL), CancelToken(), lambda _: None)


def noted(folder: Path) -> str | None:
    """The step that is noted now."""
    found = list(folder.glob("*.json")) if folder.is_dir() else []
    return str(json.loads(found[0].read_text())["step"]) if found else None


def test_loading_is_noted_while_it_lasts(engine: WatchedEngine, folder: Path) -> None:
    seen = []
    engine.load(LoadParameters(path=INCLUDED_MODEL), CancelToken(), lambda _: seen.append(noted(folder)))
    assert set(seen) == {"loading"}
    assert noted(folder) is None


def test_reading_and_writing_are_told_apart(engine: WatchedEngine, folder: Path) -> None:
    load(engine)
    seen = [(type(event), noted(folder)) for event in engine.generate(QUESTION, CancelToken())]
    read = [step for kind, step in seen if kind is PromptProgress]
    assert read == ["reading_prompt", "writing"], "the last batch is read: the next that llama.cpp does is write"
    assert {step for kind, step in seen if kind in (Chunk, ReasoningChunk)} == {"writing"}
    assert noted(folder) is None


def test_a_step_that_fails_or_is_abandoned_is_over(marker: RunMarker, folder: Path) -> None:
    broken = WatchedEngine(FakeEngine(FakeScript(load_error="No memory.")), marker)
    with pytest.raises(ModelLoadError):
        load(broken)
    assert noted(folder) is None
    failing = WatchedEngine(FakeEngine(FakeScript(reply="one two", error_after_tokens=1)), marker)
    load(failing)
    with pytest.raises(GenerationError):
        list(failing.generate(QUESTION, CancelToken()))
    assert noted(folder) is None
    events: Iterator[object] = failing.generate(QUESTION, CancelToken())
    next(events)
    assert noted(folder) is not None
    events.close()  # type: ignore[attr-defined]  # a generator, which Iterator does not say
    assert noted(folder) is None


def test_restoring_and_measuring_are_noted(
    engine: WatchedEngine, marker: RunMarker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(engine)
    list(engine.generate(QUESTION, CancelToken()))
    engine.save_state(tmp_path / "1.state")
    steps: list[RunStep] = []
    begin = marker.begin

    def noting(step: RunStep, model_name: str, model_path: Path, *, may_use_gpu: bool) -> None:
        steps.append(step)
        begin(step, model_name, model_path, may_use_gpu=may_use_gpu)

    monkeypatch.setattr(marker, "begin", noting)
    assert engine.restore_state(tmp_path / "1.state") == engine.cached_tokens
    engine.measure(SpeedTest("pp8", "Reading", 8, 0), CancelToken())
    assert steps == [RunStep.RESTORING, RunStep.MEASURING]


def test_whoever_keeps_the_cache_is_asked_before_it_goes(engine: WatchedEngine, losses: Losses) -> None:
    load(engine)
    assert losses.count == 1
    list(engine.generate(QUESTION, CancelToken()))
    assert losses.count == 1
    engine.measure(SpeedTest("pp8", "Reading", 8, 0), CancelToken())
    engine.clear_cache()
    engine.unload()
    assert losses.count == 4


def test_the_rest_is_passed_on(engine: WatchedEngine) -> None:
    assert engine.devices()[0].name == "CPU"
    load(engine)
    assert engine.model is not None
    assert engine.model.path == INCLUDED_MODEL
    assert engine.count_prompt_tokens(QUESTION.messages) == 1002
    assert engine.cached_tokens == 0


def leave_behind(marker: RunMarker, folder: Path, step: RunStep) -> None:
    """What a process that died in this step leaves."""
    marker.begin(step, "SmolLM2", Path("/models/smol.gguf"))
    (path,) = folder.glob("*.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), "writer": "4194300 1.000"}))
    path.rename(folder / "4194300.json")


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (RunStep.LOADING, "while loading SmolLM2"),
        (RunStep.RESTORING, "while SmolLM2 took up a conversation again"),
        (RunStep.READING_PROMPT, "while SmolLM2 was reading a message"),
        (RunStep.WRITING, "while SmolLM2 was writing an answer"),
        (RunStep.MEASURING, "while the speed of SmolLM2 was measured"),
    ],
)
def test_a_crash_is_told_once_with_model_and_step(marker: RunMarker, folder: Path, step: RunStep, words: str) -> None:
    leave_behind(marker, folder, step)
    crash = find_crash(marker, LOG)
    assert crash is not None
    assert (crash.step, crash.model_name, crash.model_path) == (step, "SmolLM2", Path("/models/smol.gguf"))
    assert crash.sentence == (f"Inglenook ended unexpectedly {words}. Nothing was loaded. All conversations are here.")
    assert crash.log_file == LOG
    assert find_crash(marker, LOG) is None


def test_a_good_end_leaves_nothing_to_tell(marker: RunMarker) -> None:
    assert find_crash(marker, LOG) is None


@pytest.mark.parametrize(("backend", "may_use_gpu"), [(Backend.AUTO, True), (Backend.CPU, False)])
def test_a_crash_tells_whether_a_gpu_may_have_had_a_part(tmp_path: Path, backend: Backend, may_use_gpu: bool) -> None:
    marker = RunMarker(tmp_path)
    seen: list[dict[str, object]] = []

    def look(_fraction: float) -> None:
        seen.extend(json.loads(path.read_text()) for path in tmp_path.glob("*.json"))

    engine = WatchedEngine(FakeEngine(FakeScript()), marker)
    engine.load(LoadParameters(INCLUDED_MODEL, backend=backend), CancelToken(), look)
    assert {mark["may_use_gpu"] for mark in seen} == {may_use_gpu}
