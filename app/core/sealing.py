"""How files of a locked profile are kept from other eyes: the promise that rooms without keys rely on."""

from pathlib import Path
from typing import Protocol


class Sealer(Protocol):
    """Writes and reads encrypted files. What was changed on the disk, even by one bit, is refused when it is read."""

    def write(self, path: Path, name: str, data: memoryview) -> None:
        """Write `data` (bytes) encrypted over the file at `path`.

        It can only be read under the same `name`, which need not be that of `path`. Raises OSError.
        """

    def read(self, path: Path, name: str) -> bytearray:
        """What write() wrote under `name`. Raises OSError, and ValueError for anything else."""
