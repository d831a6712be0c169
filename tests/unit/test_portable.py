"""A portable Inglenook's folder: where it is, what is led into it, and what stands in for one that is read-only."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.paths import STAND_IN, paths_for, portable_folder
from app.portable import as_on_host, host_environment, kept_together, places_to_write


def marked(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "portable.txt").touch()
    return folder


@pytest.fixture
def stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that a packaged, portable Inglenook is started from."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "stick" / "inglenook"))
    monkeypatch.setattr(tempfile, "tempdir", tempfile.tempdir)
    monkeypatch.delenv(STAND_IN, raising=False)
    return marked(tmp_path / "stick")


@pytest.fixture
def own_environment() -> Iterator[None]:
    """The process's variables, for this test to change."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


def test_the_mark_lies_beside_the_executable(tmp_path: Path) -> None:
    executable = tmp_path / "Inglenook" / "inglenook"
    assert portable_folder(executable, "linux", {}) is None
    marked(executable.parent)
    for platform in ("linux", "win32", "darwin"):
        assert portable_folder(executable, platform, {}) == executable.parent


def test_the_mark_lies_beside_the_app_and_not_in_it(tmp_path: Path) -> None:
    executable = tmp_path / "Inglenook.app" / "Contents" / "MacOS" / "inglenook"
    marked(executable.parent)
    assert portable_folder(executable, "darwin", {}) is None
    marked(tmp_path)
    assert portable_folder(executable, "darwin", {}) == tmp_path


def test_the_mark_lies_beside_the_appimage_that_this_program_is_of(tmp_path: Path) -> None:
    mounted, images = tmp_path / ".mount_x", marked(tmp_path / "apps")
    of_an_image = {"APPIMAGE": str(images / "Inglenook.AppImage"), "APPDIR": str(mounted)}
    assert portable_folder(mounted / "usr" / "bin" / "inglenook", "linux", of_an_image) == images
    other = tmp_path / "opt" / "inglenook"
    assert portable_folder(other, "linux", of_an_image) is None, "started by a program that is an AppImage"


def test_the_profile_is_beside_it_and_another_one_only_where_it_is_asked_for(stick: Path, tmp_path: Path) -> None:
    paths = paths_for()
    assert (paths.profile, paths.portable) == (stick / "data", stick)
    assert paths_for(stick / "other").portable == stick, "it is carried along"
    assert paths_for(tmp_path / "elsewhere").portable is None


def test_a_checkout_is_never_portable(tmp_path: Path) -> None:
    before = {"TMPDIR": "/somewhere"}
    environment = dict(before)
    with kept_together(environment):
        assert environment == before
    assert paths_for().portable is None


def test_caches_and_temporary_files_are_led_into_the_data(stick: Path) -> None:
    environment = {"TMPDIR": "/host/tmp", "HF_HOME": "/host/hf"}
    with kept_together(environment):
        for name, folder in places_to_write(stick / "data", sys.platform).items():
            assert environment[name] == str(folder)
            assert folder.is_dir()
        host = host_environment(environment)
        assert host == {"TMPDIR": "/host/tmp", "HF_HOME": "/host/hf"}
        ours = dict(environment)
        with as_on_host(environment):
            assert host_environment(environment) == host
            assert environment["TMPDIR"] == "/host/tmp"
            assert "CUDA_CACHE_PATH" not in environment
        assert environment == ours
        with kept_together(environment):  # as in a child process
            assert host_environment(environment) == host


@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
def test_every_system_has_its_folder_of_temporary_files(platform: str, tmp_path: Path) -> None:
    places = places_to_write(tmp_path, platform)
    assert all(folder.is_relative_to(tmp_path) for folder in places.values())
    assert ("TEMP" in places) == (platform == "win32")
    assert ("TMPDIR" in places) == (platform != "win32")


def test_where_nothing_can_be_written_a_temporary_profile_stands_in(
    stick: Path, own_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = stick / "data"
    (data / "models").mkdir(parents=True)
    (data / "settings.json").write_text(json.dumps({"theme": "dark"}), encoding="utf-8")
    (data / "machine.db").write_bytes(b"learnt")
    (data / "conversations.db").write_bytes(b"chats")
    monkeypatch.setattr("app.portable._is_writable", lambda _: False)
    with kept_together(os.environ):
        paths = paths_for()
        assert paths.stands_in
        assert paths.portable == stick, "what lies there is still found by relative paths"
        assert not paths.profile.is_relative_to(stick)
        assert paths.machine.read_bytes() == b"learnt"
        assert not paths.database.exists(), "no chat is copied to the host"
        settings = json.loads(paths.settings.read_text(encoding="utf-8"))
        assert settings == {"theme": "dark", "other_model_folders": [str(data / "models")]}
        assert Path(tempfile.gettempdir()).is_relative_to(paths.profile)
    assert not paths.profile.exists()


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b'{"other_model_folders": 3}'])
def test_settings_that_make_no_sense_are_no_obstacle(
    stick: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    (stick / "data" / "models").mkdir(parents=True)
    (stick / "data" / "settings.json").write_bytes(content)
    monkeypatch.setattr("app.portable._is_writable", lambda _: False)
    environment: dict[str, str] = {}
    with kept_together(environment):
        settings = json.loads((Path(environment[STAND_IN]) / "settings.json").read_text(encoding="utf-8"))
        assert settings == {"other_model_folders": [str(stick / "data" / "models")]}
