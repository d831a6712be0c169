"""Which file is taken for a model, and what the catalogue changes in its use."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.cancel import CancelToken
from app.core.errors import CancelledError, ModelFileError
from app.core.generation import SamplingParameters
from app.engine.fake import FakeEngine, FakeScript
from app.services.events import ModelLoading
from app.services.models import ModelService, sha256_of
from app.storage.verified import VerifiedFiles
from tests.included import INCLUDED_MODEL, catalog
from tests.unit.services.conftest import Parts

pytestmark = pytest.mark.real_model


def test_the_included_model_brings_its_catalogue_entry(make_parts: Callable[[FakeScript], Parts]) -> None:
    model = make_parts(FakeScript()).models.load(None, CancelToken(), lambda _: None)
    assert model.name == "SmolLM2 135M"
    assert model.entry is not None
    assert model.entry.tiny
    assert (model.sampling.temperature, model.sampling.top_p) == (0.2, 0.9)
    assert sha256_of(INCLUDED_MODEL, CancelToken()) == model.entry.sha256


def test_another_file_is_used_as_it_is(parts: Parts, tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    other.write_bytes(b"GGUF" + bytes(100))
    progress: list[ModelLoading] = []
    model = parts.models.load(other, CancelToken(), progress.append)
    assert model.entry is None
    assert model.name == "other"
    assert model.sampling == SamplingParameters()
    assert progress[0] == ModelLoading("other", 0.0)
    assert progress[-1].fraction == 1.0


def test_a_copy_elsewhere_is_recognised_by_its_content(parts: Parts, tmp_path: Path) -> None:
    copy = Path(shutil.copy(INCLUDED_MODEL, tmp_path))
    assert parts.models.load(copy, CancelToken(), lambda _: None).entry is not None
    with copy.open("r+b") as file:
        file.seek(5_000_000)
        file.write(b"changed")
    assert parts.models.load(copy, CancelToken(), lambda _: None).entry is None


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "does not exist"), (b"", "empty"), (b"PK\x03\x04 zip", "not a GGUF"), ("dir", "folder")],
)
def test_what_cannot_be_a_model_is_refused_and_the_current_one_stays(
    parts: Parts, tmp_path: Path, content: bytes | str | None, words: str
) -> None:
    path = tmp_path / "model.gguf"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "dir":
        path.mkdir()
    before = parts.models.current
    with pytest.raises(ModelFileError, match=words):
        parts.models.load(path, CancelToken(), lambda _: None)
    assert parts.models.current is before is not None
    assert parts.engine.model is not None


def test_a_damaged_included_model_says_so(make_parts: Callable[[FakeScript], Parts], tmp_path: Path) -> None:
    damaged = tmp_path / INCLUDED_MODEL.name
    damaged.write_bytes(b"GGUF" + bytes(100))
    parts = make_parts(FakeScript())
    models = ModelService(FakeEngine(), replace(catalog(), included_path=damaged), VerifiedFiles(parts.database))
    with pytest.raises(ModelFileError, match="damaged"):
        models.load(None, CancelToken(), lambda _: None)


def test_loading_and_checking_can_be_cancelled(parts: Parts) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        sha256_of(INCLUDED_MODEL, cancel)
    with pytest.raises(CancelledError):
        parts.models.load(None, cancel, lambda _: None)
    assert parts.models.current is None
