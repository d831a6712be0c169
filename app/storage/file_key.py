"""How a file is named in the database."""

import os
from pathlib import Path


def file_key(path: Path) -> bytes:
    """The absolute path as bytes, because a path need not be valid Unicode."""
    return os.fsencode(path.absolute())
