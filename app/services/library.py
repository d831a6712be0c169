"""The models on this computer: found, added, verified, removed (only the interface, as yet)."""

from collections.abc import Callable, Iterator
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.library import InstalledModel, Verification


class LibraryService:
    """Keeps an index of model files, so that they are listed at once; scan() brings it up to date."""

    def models(self) -> tuple[InstalledModel, ...]:
        """All that are known, the included one first, the others by name; from the index alone."""
        raise NotImplementedError

    def scan(self, cancel: CancelToken) -> Iterator[int]:
        """Look through all folders and other applications' stores; yields how many were found so far."""
        raise NotImplementedError

    def folders(self) -> tuple[Path, ...]:
        """Where models are looked for, the folder of downloads first."""
        raise NotImplementedError

    def add_folder(self, folder: Path) -> None:
        """Look in this folder too. Raises InvalidParameterError, StorageError."""
        raise NotImplementedError

    def forget_folder(self, folder: Path) -> None:
        """Look there no more; its files stay. The folder of downloads cannot be forgotten."""
        raise NotImplementedError

    def add(
        self,
        path: Path,
        cancel: CancelToken,
        *,
        copy: bool = False,
        on_progress: Callable[[float], None] = lambda _: None,
    ) -> InstalledModel:
        """Add a .gguf in place, or a copy of it in the folder of downloads. Raises ModelFileError, DiskFullError."""
        raise NotImplementedError

    def verify(self, path: Path, cancel: CancelToken, on_progress: Callable[[float], None]) -> Verification:
        """Work out the checksum and hold it against what is known. Raises ModelFileError, CancelledError."""
        raise NotImplementedError

    def remove(self, path: Path) -> int:
        """Move a model's files to the system's trash; the bytes that will be free.

        Another application's model, or a missing one, is only taken off the list (0). Raises StorageError.
        """
        raise NotImplementedError

    def note_use(self, path: Path) -> None:
        """The model was loaded now."""
        raise NotImplementedError

    def choose_default(self, path: Path | None) -> None:
        """Load this one at the start; None is the included one. Raises StorageError."""
        raise NotImplementedError
