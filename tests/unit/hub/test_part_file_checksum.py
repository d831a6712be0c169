"""The checksum of a part is that of its bytes, however late it is worked out."""

import hashlib
import threading
from pathlib import Path

from app.hub.part_file import BUFFER_BYTES, Identity, PartFile


def test_a_buffer_is_not_filled_again_while_it_is_hashed(tmp_path: Path) -> None:
    first, second = bytes([1]) * BUFFER_BYTES, bytes([2]) * BUFFER_BYTES
    release = threading.Event()
    with PartFile(tmp_path / "model.gguf") as part:
        part.open(Identity("owner/name", "main", "model.gguf", 2 * BUFFER_BYTES))
        part._worker.submit(release.wait)  # the processor is busy with something else
        part.room()[:] = first
        part.received(BUFFER_BYTES)
        part.flush()
        part.room()[:] = second
        release.set()
        part.received(BUFFER_BYTES)
        assert part.digest() == hashlib.sha256(first + second).hexdigest()
        part.discard()
