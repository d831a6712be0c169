"""Shows that set-up does what is missing and nothing else, and goes on where it was interrupted."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dev_steps import engine_wheel, environment, model_file, room, stamp, system
from dev_steps.failure import SetupError
from dev_steps.places import Places
from dev_steps.setting_up import is_finished, set_up
from tests.unit.packaging.conftest import LOCK, MODEL

ALL = ["environment", "engine built", "engine installed", "model", "project"]


@pytest.fixture
def done(places: Places, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What set-up did, in order; the long steps leave what the real ones leave, without taking their time."""
    steps: list[str] = []

    def make(places: Places, _packages: str) -> None:
        steps.append("environment")
        places.scripts.mkdir(parents=True, exist_ok=True)
        places.python.touch()

    def build(_places: Places, _block: str, folder: Path) -> Path:
        steps.append("engine built")
        folder.mkdir(parents=True)
        (folder / "engine.whl").touch()
        return folder / "engine.whl"

    def place(places: Places) -> None:
        steps.append("model")
        places.models.mkdir(exist_ok=True)
        (places.models / "m.gguf").write_bytes(MODEL)

    monkeypatch.setattr(environment, "make", make)
    monkeypatch.setattr(engine_wheel, "build", build)
    monkeypatch.setattr(environment, "install_wheel", lambda *_: steps.append("engine installed"))
    monkeypatch.setattr(model_file, "place", place)
    monkeypatch.setattr(environment, "install_project", lambda *_: steps.append("project"))
    monkeypatch.setattr(room, "require", lambda _: None)
    return steps


def again(places: Places, done: list[str]) -> list[str]:
    """What one more set-up does."""
    done.clear()
    set_up(places)
    assert is_finished(places)
    return list(done)


def test_from_nothing_everything_is_done_once(places: Places, done: list[str]) -> None:
    assert again(places, done) == ALL
    assert again(places, done) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda p: p.requirements.write_text(LOCK.replace("8.5.1", "8.5.2")), ["environment", *ALL[2:3], *ALL[4:]]),
        (lambda p: p.requirements.write_text(LOCK.replace(":bb", ":b0")), ["engine built", "engine installed"]),
        (lambda p: p.project.write_text("[project]\nname = 'x'\n"), ["project"]),
        (lambda p: (p.models / "m.gguf").unlink(), ["model"]),
        (lambda p: (p.models / "m.gguf").write_bytes(b"cut"), ["model"]),
        (lambda p: p.python.unlink(), ["environment", "engine installed", "project"]),
    ],
    ids=["packages", "engine's lock", "project", "model gone", "model cut", "environment broken"],
)
def test_only_what_changed_is_done_again(
    change: Callable[[Places], object], expected: list[str], places: Places, done: list[str]
) -> None:
    again(places, done)
    change(places)
    assert not is_finished(places)
    done.clear()
    set_up(places)
    assert [step for step in done if step != "model" or "model" in expected] == expected


def test_flags_of_the_build_are_part_of_it(places: Places, done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    again(places, done)
    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_CUDA=ON")
    assert again(places, done) == ["engine built", "engine installed"]
    monkeypatch.delenv("CMAKE_ARGS")
    assert again(places, done) == ["engine installed"]  # the first wheel was kept


def test_an_interruption_is_repaired_from_the_last_whole_part(
    places: Places, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(environment, "install_wheel", interrupted)
        with pytest.raises(KeyboardInterrupt):
            set_up(places)
    assert not is_finished(places)
    assert again(places, done) == ["engine installed", "model", "project"]


def test_a_part_that_is_begun_anew_counts_as_undone(
    places: Places, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    again(places, done)
    finished = stamp.read(places)
    places.requirements.write_text(LOCK.replace(":bb", ":b0"), encoding="utf-8")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(environment, "install_wheel", interrupted)
        with pytest.raises(KeyboardInterrupt):
            set_up(places)
    places.requirements.write_text(LOCK, encoding="utf-8")
    assert stamp.read(places) != finished
    assert again(places, done) == ["engine installed"]


def test_what_the_system_lacks_is_said_all_at_once(
    places: Places, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted: list[list[str]] = []
    monkeypatch.setattr(system, "provide", lambda lacking, _logs: wanted.append([lack.what for lack in lacking]))
    monkeypatch.setattr(system, "compiler", lambda: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr("shutil.which", lambda _: None)
    library = system.Lack("libEGL.so.1", "libegl1", "")
    set_up(places, [library])
    set_up(places, [library])
    assert wanted == [["libEGL.so.1", "Python's module venv", "a C++ compiler"], ["libEGL.so.1"]]
    assert done == ALL


def test_a_broken_stamp_is_no_stamp(places: Places, done: list[str]) -> None:
    again(places, done)
    places.stamp.write_text('{"environment": ', encoding="utf-8")
    assert again(places, done)[0] == "environment"


def test_an_environment_of_somebody_else_is_left_alone(places: Places) -> None:
    (places.venv / "bin").mkdir(parents=True)
    (places.venv / "bin" / "theirs").touch()
    with pytest.raises(SetupError, match="was not made by this command"):
        environment.make(places, "")
    assert (places.venv / "bin" / "theirs").exists()
