"""Shows that an AppImage is the checked program and a file system of the bundle, the same whenever it is made."""

import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dev_steps import appimage, bundle, icon_files, linux_tree
from dev_steps.failure import SetupError
from dev_steps.places import Places

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = b"what an AppImage begins with\n"
# Stands in for mksquashfs: writes what it would pack, and with which date, rights and names.
PACKER = f"""#!{sys.executable}
import os, pathlib, sys
tree, target = map(pathlib.Path, sys.argv[1:3])
paths = sorted(tree.rglob("*"))
lines = [
    f"{{path.stat().st_mtime:.0f}} {{path.stat().st_mode & 0o777:#o}} {{path.relative_to(tree)}}" for path in paths
]
target.write_text("\\n".join([os.environ["SOURCE_DATE_EPOCH"], *lines]))
"""
SHA256 = hashlib.sha256(PROGRAM).hexdigest()


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Places]:
    """Makes a checkout with a bundle of two files; drawing the icons is another's matter."""
    monkeypatch.setattr(
        icon_files, "draw", lambda _places, sizes: [icon_files.Picture(size, bytes(4 * size * size)) for size in sizes]
    )
    monkeypatch.setattr(icon_files, "png", lambda picture: str(picture.pixels).encode())
    monkeypatch.setattr(appimage, "runtime", lambda places: places.root / "runtime")
    packer = tmp_path / "bin" / "mksquashfs"
    packer.parent.mkdir()
    packer.write_text(PACKER, encoding="utf-8")
    packer.chmod(0o755)
    monkeypatch.setenv("PATH", str(packer.parent), prepend=os.pathsep)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000000")

    def make(name: str) -> Places:
        places = Places(tmp_path / name, tmp_path / f"cache of {name}")
        for folder in ("packaging/linux", "app", "resources/icons"):
            shutil.copytree(
                ROOT / folder, places.root / folder, ignore=shutil.ignore_patterns("__pycache__", "[a-z]*/")
            )
        (places.root / "runtime").write_bytes(PROGRAM)
        home = places.dist / "inglenook"
        (home / "_internal").mkdir(parents=True)
        (home / "inglenook").touch(mode=0o755)
        (home / "_internal" / "libx.so").write_bytes(b"x" * 100_000)
        return places

    return make


@pytest.mark.skipif(sys.platform == "win32", reason="an AppImage is made on Linux")
def test_what_is_packed_hangs_on_nothing_but_the_bundle(small: Callable[[str], Places]) -> None:
    made = []
    for name, mask in (("here", 0o022), ("somewhere else", 0o077)):
        before = os.umask(mask)
        try:
            places = small(name)
            made.append(appimage.make(places, bundle.measured(places.dist / "inglenook")))
        finally:
            os.umask(before)
    first, second = (path.read_bytes() for path in made)
    assert first == second
    assert made[0].stat().st_mode & 0o777 == 0o755
    program, date, *entries = first.decode().splitlines()
    assert (program, date) == (PROGRAM.decode().strip(), "1600000000")
    assert {entry.split(" ")[0] for entry in entries} == {"1600000000"}
    found = {entry.split(" ", 2)[2]: entry.split(" ")[1] for entry in entries}
    assert found["AppRun"] == found["usr/lib/inglenook/inglenook"] == found["usr"] == "0o755"
    assert found["usr/lib/inglenook/_internal/libx.so"] == found[".DirIcon"] == "0o644"
    assert {f"{linux_tree.APPLICATION_ID}.desktop", "usr/share/doc/appimage-runtime/LGPL-2.1.txt"} <= set(found)


def test_the_program_is_fetched_once(places: Places, tmp_path: Path) -> None:
    source = tmp_path / "runtime-x86_64"
    source.write_bytes(PROGRAM)
    kept = appimage.runtime(places, source.as_uri(), SHA256)
    source.unlink()
    assert appimage.runtime(places, source.as_uri(), SHA256).read_bytes() == PROGRAM
    assert list(kept.parent.iterdir()) == [kept]


def test_another_program_than_the_known_one_is_refused(places: Places, tmp_path: Path) -> None:
    source = tmp_path / "runtime-x86_64"
    source.write_bytes(b"evil")
    with pytest.raises(SetupError, match="its SHA-256 is"):
        appimage.runtime(places, source.as_uri(), SHA256)
    assert not (places.cache / "appimage").exists()
    kept = places.cache / "appimage" / f"runtime-{SHA256[:16]}"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"changed in the cache")
    with pytest.raises(SetupError, match="its SHA-256 is"):
        appimage.runtime(places, source.as_uri(), SHA256)


def test_a_program_that_cannot_be_fetched_is_said(places: Places, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="could not be fetched"):
        appimage.runtime(places, (tmp_path / "nowhere").as_uri(), SHA256)


def test_it_tests_itself_unpacked(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    image = tmp_path / "x.AppImage"
    image.write_text('#!/bin/sh\necho "{\\"ok\\": false, \\"failures\\": [\\"$*\\"]}"\nexit 1\n', encoding="utf-8")
    image.chmod(0o755)
    with pytest.raises(SetupError, match="The self-test of the AppImage"):
        appimage.try_it(image)


def test_before_the_bundle_there_is_none(places: Places) -> None:
    with pytest.raises(SetupError, match="no bundle yet"):
        appimage.app_image(places, [])
