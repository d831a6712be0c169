"""The lock of a file keeps other processes out, and goes with its holder."""

from pathlib import Path

import pytest

from app.core.errors import StorageError
from app.storage.file_lock import file_lock, lock_of
from tests.unit.storage.conftest import StartProcess

_HOLD = """
import sys
from pathlib import Path
from app.storage.file_lock import file_lock
with file_lock(Path(sys.argv[1])) as held:
    print("ready" if held else "held by another", flush=True)
    sys.stdin.read()
"""


def test_one_holds_it_and_nothing_is_left(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    with file_lock(path) as first, file_lock(path) as second:
        assert (first, second) == (True, False)
        assert lock_of(path).exists()
    assert list(tmp_path.iterdir()) == []
    with file_lock(path) as again:
        assert again


def test_another_process_is_kept_out_until_the_first_is_killed(tmp_path: Path, start_process: StartProcess) -> None:
    path = tmp_path / "model.gguf"
    holder = start_process(_HOLD, path)
    with file_lock(path) as held:
        assert not held
    holder.kill()
    holder.wait()
    with file_lock(path) as held:
        assert held


def test_a_place_that_cannot_be_locked_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError), file_lock(tmp_path / "file" / "model.gguf"):
        pass
