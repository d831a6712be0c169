"""Shows that a wheel is kept for exactly what it was built from, and that a failed build leaves nothing behind."""

import sys
from collections.abc import Callable

import pytest

from dev_steps import engine_wheel
from dev_steps.engine_wheel import build, build_flags, kept_wheel, key
from dev_steps.failure import SetupError
from dev_steps.places import Places

needs_a_shebang = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is started by its first line")

# What pip does as far as we see it: a wheel in the folder that --wheel-dir names, and ninja's steps on the way.
BUILDS = """
print("[1/2] Building CXX object a.o", flush=True)
print(os.environ["CMAKE_ARGS"])
folder = pathlib.Path(sys.argv[sys.argv.index("--wheel-dir") + 1])
folder.mkdir()
(folder / "engine-1-py3-none-any.whl").write_text("wheel")
"""
FAILS = BUILDS + "print('a.cpp:1:1: error: something'); sys.exit(1)"


def test_the_key_follows_everything_that_makes_a_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    first = key("lock", "-DA=1", "g++ 12")
    assert key("lock", "-DA=1", "g++ 12") == first
    others = {key("lock 2", "-DA=1", "g++ 12"), key("lock", "-DA=2", "g++ 12"), key("lock", "-DA=1", "g++ 13")}
    monkeypatch.setattr("sysconfig.get_platform", lambda: "another-machine")
    others.add(key("lock", "-DA=1", "g++ 12"))
    monkeypatch.undo()
    monkeypatch.setattr(sys, "version_info", sys.version_info[:1] + (99,))  # noqa: RUF005 — a named tuple
    assert len(others) == 4
    assert first not in others


@pytest.mark.parametrize(
    ("platform", "flags"),
    [("linux", "-DGGML_NATIVE=OFF"), ("win32", "-DGGML_NATIVE=OFF"), ("darwin", "-DGGML_METAL=ON")],
)
def test_flags_by_system(platform: str, flags: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.delenv("CMAKE_ARGS", raising=False)
    assert build_flags() == flags
    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_CUDA=ON")
    assert build_flags() == f"{flags} -DGGML_CUDA=ON"


@needs_a_shebang
def test_a_built_wheel_is_kept(places: Places, stand_in: Callable[[str], None]) -> None:
    stand_in(BUILDS)
    folder = engine_wheel.folder_for(places, "lock")
    assert kept_wheel(folder) is None
    wheel = build(places, "lock", folder)
    assert wheel == kept_wheel(folder)
    assert build_flags() in (places.logs / "engine-build.log").read_text(encoding="utf-8")
    assert [path for path in folder.parent.iterdir() if path != folder] == []


@needs_a_shebang
def test_a_failed_build_says_why_and_leaves_nothing(places: Places, stand_in: Callable[[str], None]) -> None:
    stand_in(FAILS)
    folder = engine_wheel.folder_for(places, "lock")
    with pytest.raises(SetupError) as raised:
        build(places, "lock", folder)
    assert "a.cpp:1:1: error: something" in raised.value.sentence
    assert str(places.logs / "engine-build.log") in raised.value.sentence
    assert kept_wheel(folder) is None
    assert list(folder.parent.iterdir()) == []


@needs_a_shebang
def test_what_a_killed_build_left_is_cleared(places: Places, stand_in: Callable[[str], None]) -> None:
    stand_in(BUILDS)
    folder = engine_wheel.folder_for(places, "lock")
    (folder.parent / "building-killed" / "wheels").mkdir(parents=True)
    build(places, "lock", folder)
    assert list(folder.parent.iterdir()) == [folder]
