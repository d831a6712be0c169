"""The beginning of a remote file, fetched in few and growing pieces and kept."""

from app.core.errors import HubFaultError
from app.hub.base import ReadRange

FIRST_BYTES = 1 << 16  # holds what is asked for first: architecture, layers, heads, file type
GROWTH = 4  # a vocabulary of 131,072 words makes a header of 8 MB: five requests instead of seven by doubling
PIECE_BYTES = 1 << 22
MOST_BYTES = 1 << 26


class FileStart:
    """Gives ranges of a file by reading it from its start on; as a callable it is a ReadRange.

    `label` is the file's name in sentences. Nothing is fetched twice, and nothing behind MOST_BYTES.
    """

    def __init__(self, source: ReadRange, label: str) -> None:
        self._source = source
        self._label = label
        self._read = bytearray()
        self._piece = FIRST_BYTES
        self._whole = False

    @property
    def fetched(self) -> bytes:
        """What is known so far of the file, from its first byte on."""
        return bytes(self._read)

    def __call__(self, offset: int, length: int) -> bytes:
        """The bytes there, fewer only at the end of the file. Raises HubFaultError behind MOST_BYTES."""
        end = offset + length
        if end > MOST_BYTES:
            raise HubFaultError(
                f"{self._label} asks for {end:,} bytes before its data begin, and {MOST_BYTES:,} is the most that is "
                "read over the network. It is probably damaged."
            )
        while len(self._read) < end and not self._whole:
            wanted = min(max(self._piece, end - len(self._read)), MOST_BYTES - len(self._read))
            piece = self._source(len(self._read), wanted)
            self._read += piece
            self._whole = len(piece) < wanted
            self._piece = min(self._piece * GROWTH, PIECE_BYTES)
        return bytes(memoryview(self._read)[offset:end])
