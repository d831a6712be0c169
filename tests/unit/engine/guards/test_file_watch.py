"""A model's file that changes, shrinks or goes away while it is in use is noticed."""

from pathlib import Path

import pytest

from app.core.errors import ModelChangedError
from app.engine.guards.file_watch import FileIdentity
from tests.gguf_files import small_model, write_file, write_parts


def test_a_file_in_use_is_watched(tmp_path: Path) -> None:
    paths = write_parts(tmp_path)
    identity = FileIdentity.of(paths[0])
    identity.check()
    size = paths[2].stat().st_size
    with paths[2].open("r+b") as file:
        file.truncate(size - 1)
    with pytest.raises(ModelChangedError, match=r"model-00003-of-00003\.gguf was cut .*Open the model again"):
        identity.check()
    with paths[2].open("r+b") as file:
        file.truncate(size)
    with pytest.raises(ModelChangedError, match="has changed"):
        identity.check()
    paths[2].unlink()
    with pytest.raises(ModelChangedError, match="was removed"):
        identity.check()


def test_a_file_replaced_by_an_equal_one_is_another(tmp_path: Path) -> None:
    path = write_file(small_model(), tmp_path / "model.gguf")
    identity = FileIdentity.of(path)
    twin = write_file(small_model(), tmp_path / "twin.gguf")
    twin.replace(path)
    with pytest.raises(ModelChangedError, match="has changed"):
        identity.check()
