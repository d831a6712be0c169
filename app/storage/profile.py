"""Makes the profile folder, in which everything that the user keeps is stored."""

import tempfile
from pathlib import Path

from app.storage.failures import file_failures


def prepare_profile(folder: Path) -> None:
    """Make `folder`, for this user's eyes only, and try that files can be made in it. An existing one keeps its rights.

    Raises ProfileError, DiskFullError or another StorageError.
    """
    with file_failures(folder):
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".write-check-"):
            pass  # its making is the check; it is gone again at the end of the block
