"""Shows that two builds are told apart by a byte, a right, a link or a file that only one has."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dev_steps import reproducing
from dev_steps.failure import SetupError
from dev_steps.places import Places


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders with the same in them."""
    folders = tmp_path / "first" / "inglenook", tmp_path / "second" / "inglenook"
    for folder in folders:
        (folder / "lib").mkdir(parents=True)
        (folder / "lib" / "a.so").write_bytes(b"x" * 3_000_000)
        (folder / "LICENSE").write_text("text", encoding="utf-8")
        (folder / "link").symlink_to("LICENSE")
    return folders


def test_the_same_is_the_same_whenever_it_was_made(pair: tuple[Path, Path]) -> None:
    os.utime(pair[1] / "LICENSE", (1, 1))
    assert list(reproducing.differences(*pair)) == []
    assert list(reproducing.differences(pair[0] / "LICENSE", pair[1] / "LICENSE")) == []


def _byte(folder: Path) -> None:
    with (folder / "lib" / "a.so").open("r+b") as file:
        file.seek(2_500_000)
        file.write(b"y")


def _longer(folder: Path) -> None:
    with (folder / "LICENSE").open("a", encoding="utf-8") as file:
        file.write("!")


def _link(folder: Path) -> None:
    (folder / "link").unlink()
    (folder / "link").symlink_to("lib")


def _kind(folder: Path) -> None:
    (folder / "link").unlink()
    (folder / "link").mkdir()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (_byte, "inglenook/lib/a.so differs from byte 2500000 on."),
        (_longer, "inglenook/LICENSE has 4 and 5 bytes, the first of which to differ is at 4."),
        (lambda folder: (folder / "LICENSE").unlink(), "inglenook/LICENSE is only in the first."),
        (lambda folder: (folder / "new").touch(), "inglenook/new is only in the second."),
        (_link, "inglenook/link leads elsewhere."),
        (_kind, "inglenook/link is of another kind."),
    ],
)
def test_what_differs_is_named(pair: tuple[Path, Path], change: Callable[[Path], None], sentence: str) -> None:
    change(pair[1])
    assert list(reproducing.differences(*pair)) == [sentence]


@pytest.mark.skipif(sys.platform == "win32", reason="rights as POSIX has them")
def test_rights_count(pair: tuple[Path, Path]) -> None:
    (pair[0] / "LICENSE").chmod(0o644)
    (pair[1] / "LICENSE").chmod(0o600)
    assert list(reproducing.differences(*pair)) == ["inglenook/LICENSE has the rights -rw-r--r-- and -rw-------."]


def test_a_package_that_only_one_has(tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / "x.deb").touch()
    assert list(reproducing.differences(tmp_path / "x.deb", tmp_path / "second" / "x.deb")) == [
        "x.deb is only in the second."
    ]


def test_the_source_is_what_git_knows(tmp_path: Path) -> None:
    root = tmp_path / "checkout"
    (root / "app").mkdir(parents=True)
    for name in ("app/a b.py", "left.log"):
        (root / name).write_text(name, encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    subprocess.run(["git", "add", "app"], cwd=root, check=True)
    reproducing.copy_source(root, tmp_path / "copy")
    assert [path.name for path in (tmp_path / "copy").rglob("*.*")] == ["a b.py"]


def test_the_source_without_git_is_all_that_was_not_made(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    for name in ("app/a.py", ".venv/x.py", "dist/x.deb", "app/__pycache__/a.pyc"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    reproducing.copy_source(root, tmp_path / "copy")
    assert [path.name for path in (tmp_path / "copy").rglob("*.*")] == ["a.py"]


@pytest.mark.parametrize("answer", ["same", "other"])
def test_the_second_build_has_other_circumstances_and_the_same_date(
    places: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answer: str
) -> None:
    # What stands in for the build writes what it was told into its package.
    (places.root / "packaging" / "dev.py").write_text(
        "import os, pathlib, sys\n"
        "dist = pathlib.Path(__file__).parents[1] / 'dist'\n"
        "dist.mkdir()\n"
        "assert sys.argv[1:] == ['packages', '--untried'], sys.argv\n"
        "assert os.environ['PYTHONHASHSEED'] == '77'\n"
        f"(dist / 'x.deb').write_text({answer!r} + os.environ['SOURCE_DATE_EPOCH'])\n"
        "(dist / 'x.deb').chmod(0o644)\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1234567890")
    places.dist.mkdir()
    (places.dist / "x.deb").write_text("same1234567890", encoding="utf-8")
    (places.dist / "x.deb").chmod(0o644)
    places.cache.mkdir()
    if answer == "same":
        assert reproducing.reproduce(places, []) == 0
        assert "every byte is the same: x.deb (0.0 MB)" in capsys.readouterr().err
    else:
        with pytest.raises(SetupError, match=r"x\.deb has 14 and 15 bytes"):
            reproducing.reproduce(places, [])
    assert not list(places.cache.glob("a second build*"))


def test_nothing_to_compare_with(places: Places) -> None:
    with pytest.raises(SetupError, match="nothing to compare with"):
        reproducing.reproduce(places, [])
