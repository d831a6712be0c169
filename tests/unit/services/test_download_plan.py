"""Which files belong to a model's download, and where they go."""

from pathlib import Path

import pytest

from app.core.errors import HubFaultError, InvalidParameterError, RepositoryFileNotFoundError
from app.core.plan import ModelFile
from app.hub.base import Repository, RepositoryFile
from app.services.download_plan import planned_download, projector_of

PARTS = ("BF16/Model-BF16-00001-of-00002.gguf", "BF16/Model-BF16-00002-of-00002.gguf")


def _repository(*paths: str, size: int | None = 5) -> Repository:
    files = tuple(RepositoryFile(path, size, f"{number:064x}") for number, path in enumerate(paths))
    return Repository("owner/Model-GGUF", "c0ffee", files, license="mit")


def _file(name: str, quantization: str = "") -> ModelFile:
    return ModelFile(name, quantization, 10)


def test_a_split_model_is_one_download_with_its_parts_in_order() -> None:
    repository = _repository("README.md", PARTS[1], "Model-Q4_K_M.gguf", PARTS[0])
    planned = planned_download(repository, _file(PARTS[0]), Path("/models"), name="", with_projector=False)
    assert [file.path for file in planned.files] == list(PARTS)
    assert planned.model_path == Path("/models/owner/Model-GGUF/BF16/Model-BF16-00001-of-00002.gguf")
    assert (planned.size_bytes, planned.quantization, planned.license) == (10, "BF16", "mit")
    assert (planned.revision, planned.files[0].sha256) == ("c0ffee", f"{3:064x}")


def test_what_is_incomplete_or_not_there_is_not_fetched() -> None:
    folder = Path("/models")
    with pytest.raises(HubFaultError, match="1 of the 2 parts"):
        planned_download(_repository(PARTS[0]), _file(PARTS[0]), folder, name="", with_projector=False)
    with pytest.raises(RepositoryFileNotFoundError):
        planned_download(_repository("a.gguf"), _file("b.gguf"), folder, name="", with_projector=False)
    with pytest.raises(HubFaultError, match="size"):
        planned_download(_repository("a.gguf", size=None), _file("a.gguf"), folder, name="", with_projector=False)


@pytest.mark.parametrize("path", ["../../evil.gguf", "con.gguf", "a:b.gguf", "x.part"])
def test_a_name_that_cannot_be_a_file_is_refused(path: str) -> None:
    with pytest.raises(InvalidParameterError):
        planned_download(_repository(path), _file(path), Path("/models"), name="", with_projector=False)


def test_the_projector_of_16_bits_comes_along_if_it_is_wanted() -> None:
    repository = _repository("mmproj-F32.gguf", "Model-Q4_K_M.gguf", "mmproj-BF16.gguf", "mmproj-F16.gguf")
    planned = planned_download(
        repository, _file("Model-Q4_K_M.gguf"), Path("/models"), name="Model", with_projector=True
    )
    assert [file.path for file in planned.files] == ["Model-Q4_K_M.gguf", "mmproj-F16.gguf"]
    assert planned.name == "Model"


def test_the_projector_beside_the_model_is_its_own() -> None:
    repository = _repository("small/a.gguf", "small/mmproj-Q8_0.gguf", "large/a.gguf", "large/mmproj-F16.gguf")
    found = projector_of(repository, "small/a.gguf")
    assert found is not None
    assert found.path == "small/mmproj-Q8_0.gguf"


def test_a_model_without_a_projector_says_so() -> None:
    repository = _repository("a.gguf")
    with pytest.raises(InvalidParameterError, match="no projector"):
        planned_download(repository, _file("a.gguf"), Path("/models"), name="", with_projector=True)
