"""The checksum of a part is that of its bytes, however often it is flushed while they come."""

import hashlib
import random
from pathlib import Path

from app.hub.part_file import BUFFER_BYTES, Identity, PartFile


def test_a_flush_of_nothing_leaves_alone_what_is_being_hashed(tmp_path: Path) -> None:
    pieces = [random.Random(number).randbytes(BUFFER_BYTES) for number in range(8)]
    with PartFile(tmp_path / "model.gguf") as part:
        part.open(Identity("owner/name", "c0ffee", "model.gguf", len(pieces) * BUFFER_BYTES))
        for piece in pieces:
            part.room()[:] = piece
            part.received(len(piece))  # the buffer is full and flushed by itself
            part.flush()
        assert part.digest() == hashlib.sha256(b"".join(pieces)).hexdigest()
