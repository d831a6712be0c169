"""Shows that what the system lacks is found and said in one sentence."""

import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from dev_steps import debian, system
from dev_steps.failure import SetupError
from dev_steps.places import Places
from dev_steps.system import QT_LIBRARIES, missing, require_compiler, require_qt, require_room, room_needed

DEBIAN = {"ID": "debian", "VERSION_ID": "12"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The packages that would have been installed on a bare Debian."""
    packages: list[str] = []
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(debian, "os_release", lambda: DEBIAN)
    monkeypatch.setattr(debian, "provide", lambda names, _purpose, _logs: packages.extend(names))
    monkeypatch.setattr(system, "loads", lambda _: False)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.delenv("CXX", raising=False)
    return packages


def test_what_is_there_is_not_missing() -> None:
    assert missing({"a": "pa", "b": "pb"}, lambda name: name == "a") == {"b": "pb"}


def test_the_loader_is_asked() -> None:
    assert system.loads("libc.so.6") or not sys.platform.startswith("linux")
    assert not system.loads("libno-such-library.so.9")


@pytest.mark.parametrize(
    ("window", "tests", "wanted", "unwanted"),
    [
        (False, False, {"libglib2.0-0", "libegl1", "libgl1", "libfontconfig1", "libdbus-1-3"}, {"libxcb-cursor0"}),
        (True, False, {"libegl1", "libxcb-cursor0", "libxkbcommon-x11-0"}, {"xvfb"}),
        (True, True, {"libegl1", "libxcb-icccm4", "xvfb", "xauth"}, set()),
    ],
)
def test_qt_gets_what_it_needs_where_it_needs_it(
    window: bool, tests: bool, wanted: set[str], unwanted: set[str], asked: list[str], tmp_path: Path
) -> None:
    require_qt(tmp_path, window=window, tests=tests)
    assert wanted <= set(asked)
    assert not unwanted & set(asked)


def test_elsewhere_the_libraries_are_named(asked: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(debian, "os_release", lambda: {"ID": "fedora"})
    with pytest.raises(SetupError, match=r"libEGL\.so\.1"):
        require_qt(tmp_path, window=False, tests=False)
    assert asked == []


def test_nothing_is_asked_for_when_nothing_is_missing(
    asked: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(system, "loads", lambda name: name in QT_LIBRARIES)
    require_qt(tmp_path, window=False, tests=False)
    assert asked == []


def test_a_missing_compiler_is_installed_on_debian(asked: list[str], tmp_path: Path) -> None:
    require_compiler(tmp_path)
    assert asked == ["g++"]


@pytest.mark.parametrize(
    ("platform", "expected"), [("darwin", "xcode-select --install"), ("win32", "Build Tools for Visual Studio")]
)
def test_a_missing_compiler_elsewhere(
    platform: str, expected: str, asked: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(system, "compiler", lambda: None)
    with pytest.raises(SetupError, match=expected):
        require_compiler(tmp_path)
    assert asked == []


def test_the_compiler_that_was_chosen_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", f"{sys.executable} -O2")
    monkeypatch.setattr(sys, "platform", "linux")
    assert system.compiler() == sys.executable


def test_room_is_added_up_by_disk(monkeypatch: pytest.MonkeyPatch, places: Places) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1.5e9))
    require_room(room_needed(places, environment=True, engine=False, model=False))
    with pytest.raises(SetupError, match=r"needs about 2\.6 GB of room and 1\.5 GB are free"):
        require_room(room_needed(places, environment=True, engine=True, model=True))


def test_python_without_its_venv_module(asked: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    system.require_venv_module(tmp_path)
    assert asked == [f"python3.{sys.version_info.minor}-venv"]
