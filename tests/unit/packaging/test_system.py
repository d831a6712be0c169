"""Shows that what the system lacks is found and said in one sentence."""

import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from dev_steps import debian, room, system
from dev_steps.failure import SetupError
from dev_steps.places import Places
from dev_steps.system import QT_LIBRARIES, compiler_lacks, provide, qt_lacks, venv_lacks


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A Linux on which nothing is installed."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(system, "loads", lambda _: False)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(system, "AT_SPI_SERVICE", Path("no-such-file"))
    monkeypatch.delenv("CXX", raising=False)
    return monkeypatch


def test_the_loader_is_asked() -> None:
    assert system.loads("libc.so.6") or not sys.platform.startswith("linux")
    assert not system.loads("libno-such-library.so.9")


@pytest.mark.parametrize(
    ("window", "tests", "wanted", "unwanted"),
    [
        (False, False, {"libglib2.0-0", "libegl1", "libgl1", "libfontconfig1", "libdbus-1-3"}, {"libxcb-cursor0"}),
        (True, False, {"libegl1", "libxcb-cursor0", "libxkbcommon-x11-0"}, {"xvfb", "python3-gi"}),
        (True, True, {"libegl1", "libxcb-icccm4", "xvfb", "xauth"}, set()),
        (True, True, {"dbus", "at-spi2-core", "python3-gi", "gir1.2-atspi-2.0"}, set()),
    ],
)
@pytest.mark.usefixtures("bare")
def test_qt_needs_more_for_more(window: bool, tests: bool, wanted: set[str], unwanted: set[str]) -> None:
    packages = {lack.package for lack in qt_lacks(window=window, tests=tests)}
    assert wanted <= packages
    assert not unwanted & packages


def test_what_is_there_is_not_missing(bare: pytest.MonkeyPatch) -> None:
    bare.setattr(system, "loads", lambda name: name in QT_LIBRARIES)
    assert qt_lacks(window=False, tests=False) == []
    assert "libEGL.so.1" not in {lack.what for lack in qt_lacks(window=True, tests=False)}


def test_the_bindings_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "SYSTEM_PYTHON", shutil.which("true"))
    assert system.reads_at_spi()
    monkeypatch.setattr(system, "SYSTEM_PYTHON", shutil.which("false"))
    assert not system.reads_at_spi()


def test_only_linux_leaves_its_libraries_to_the_person(bare: pytest.MonkeyPatch) -> None:
    bare.setattr(sys, "platform", "darwin")
    assert qt_lacks(window=True, tests=True) == []


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("linux", "install g++ or clang++"),
        ("darwin", "xcode-select --install"),
        ("win32", "Build Tools for Visual Studio"),
    ],
)
def test_a_missing_compiler(platform: str, expected: str, bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bare.setattr(sys, "platform", platform)
    bare.setattr(system, "compiler", lambda: None)
    bare.setattr(debian, "os_release", lambda: {"ID": "fedora"})
    with pytest.raises(SetupError) as raised:
        provide(compiler_lacks(), tmp_path)
    assert expected in raised.value.sentence


def test_the_compiler_that_was_chosen_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("CXX", f"{sys.executable} -O2")
    assert system.compiler() == sys.executable
    assert compiler_lacks() == []


@pytest.mark.usefixtures("bare")
def test_python_without_its_module_for_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    assert venv_lacks() == []
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert [lack.package for lack in venv_lacks()] == [f"python3.{sys.version_info.minor}-venv"]


def test_debian_gets_its_packages(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[str] = []
    bare.setattr(debian, "os_release", lambda: {"ID": "debian", "VERSION_ID": "12"})
    bare.setattr(debian, "provide", lambda packages, _what, _logs: asked.extend(packages))
    provide([*compiler_lacks(), *qt_lacks(window=False, tests=False)], tmp_path)
    assert asked == ["g++", *QT_LIBRARIES.values()]


def test_other_systems_are_told_each_thing_once(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bare.setattr(debian, "os_release", lambda: {"ID": "fedora"})
    with pytest.raises(SetupError) as raised:
        provide([*compiler_lacks(), *qt_lacks(window=False, tests=False)], tmp_path)
    assert len(raised.value.sentence.splitlines()) == 2
    assert "libEGL.so.1" in raised.value.sentence


def test_room_is_added_up_by_disk(monkeypatch: pytest.MonkeyPatch, places: Places) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1.5e9))
    room.require(room.needed(places, environment=True, engine=False, model=False))
    with pytest.raises(SetupError, match=r"needs about 2\.4 GB of room and 1\.5 GB are free"):
        room.require(room.needed(places, environment=True, engine=True, model=True))
