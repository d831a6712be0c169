"""Encrypted files: read back as they were, and refused when anything about them was changed."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.storage import sealed_files
from app.storage.ciphers import new_key
from app.storage.sealed_files import FileSealer

KEY = new_key()


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_files, "_BLOCK_BYTES", 1000)


@pytest.mark.parametrize("size", [0, 1, 999, 1000, 1001, 2000, 5500])
def test_what_was_written_is_read(tmp_path: Path, small_blocks: None, size: int) -> None:
    data = os.urandom(size)
    path = tmp_path / "1.state"
    FileSealer(KEY).write(path, "1.state", memoryview(data))
    assert bytes(FileSealer(KEY).read(path, "1.state")) == data
    assert size < 16 or data[:16] not in path.read_bytes()
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o777 == 0o600


def test_the_same_data_never_looks_the_same(tmp_path: Path) -> None:
    for name in ("a", "b"):
        FileSealer(KEY).write(tmp_path / name, "name", memoryview(b"the same"))
    assert (tmp_path / "a").read_bytes() != (tmp_path / "b").read_bytes()


def _exchange_blocks(content: bytes) -> bytes:
    begin, block = 51, 1016
    return (
        content[:begin]
        + content[begin + block : begin + 2 * block]
        + content[begin : begin + block]
        + content[begin + 2 * block :]
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:-1],
        lambda content: content[: 51 + 1016],  # a whole block less
        lambda content: content[:20],
        lambda content: content[:0],
        lambda content: content + b"x",
        lambda content: content[:30] + bytes([content[30] ^ 1]) + content[31:],
        lambda content: content[:1500] + bytes([content[1500] ^ 1]) + content[1501:],
        _exchange_blocks,
    ],
)
def test_what_was_changed_is_refused(tmp_path: Path, small_blocks: None, change: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "1.state"
    FileSealer(KEY).write(path, "1.state", memoryview(os.urandom(3500)))
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(ValueError, match=r"block|cut|not an encrypted"):
        FileSealer(KEY).read(path, "1.state")


def test_another_key_or_another_name_reads_nothing(tmp_path: Path) -> None:
    path = tmp_path / "1.state"
    FileSealer(KEY).write(path, "1.state", memoryview(b"text"))
    with pytest.raises(ValueError, match="another key"):
        FileSealer(new_key()).read(path, "1.state")
    with pytest.raises(ValueError, match="another key"):
        FileSealer(KEY).read(path, "2.state")
