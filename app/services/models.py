"""Which model is in use: opened with what the catalogue knows of it, so that it behaves at its best."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.errors import ModelFileError, StorageError
from app.core.generation import SamplingParameters
from app.core.model import CatalogEntry, LoadedModel, LoadParameters
from app.engine.base import Engine
from app.services.catalog import Catalog
from app.services.events import ModelLoading
from app.storage.verified import VerifiedFiles

_log = logging.getLogger(__name__)
_READ_BYTES = 1 << 20


class ModelService:
    """Loads one model at a time into the engine; called on the engine's thread only."""

    def __init__(self, engine: Engine, catalog: Catalog, verified: VerifiedFiles) -> None:
        self._engine = engine
        self._catalog = catalog
        self._verified = verified
        self._current: LoadedModel | None = None

    @property
    def current(self) -> LoadedModel | None:
        """The model in use; None when there is none."""
        return self._current

    @property
    def included(self) -> CatalogEntry:
        """The model that comes with the application."""
        return self._catalog.included

    def load(
        self,
        path: Path | None,
        cancel: CancelToken,
        on_progress: Callable[[ModelLoading], None],
        parameters: LoadParameters | None = None,
    ) -> LoadedModel:
        """Load the file at `path` (None: the included model) in place of the current one.

        A file that cannot be a model is refused before the current one is given up. Raises ModelFileError,
        ModelLoadError, CancelledError; after the last two nothing is loaded.
        """
        chosen = self._catalog.included_path if path is None else path.expanduser().absolute()
        entry = self._recognise(chosen, cancel)
        name = entry.name if entry else chosen.stem
        on_progress(ModelLoading(name, 0.0))
        self._current = None
        parameters = parameters or LoadParameters(path=chosen)
        if entry is not None and parameters.chat_template is None:
            parameters = replace(parameters, chat_template=entry.chat_template)
        info = self._engine.load(parameters, cancel, lambda fraction: on_progress(ModelLoading(name, fraction)))
        self._current = LoadedModel(info, entry, entry.sampling if entry else SamplingParameters())
        _log.info("loaded %s: %s", name, info)
        return self._current

    def unload(self) -> None:
        """Give the model's memory back."""
        self._current = None
        self._engine.unload()

    def _recognise(self, path: Path, cancel: CancelToken) -> CatalogEntry | None:
        size = check_model_file(path)
        included = path == self._catalog.included_path
        entry = self._catalog.candidate(path.name, size)
        if entry is not None and self._sha256(path, cancel) == entry.sha256:
            return entry
        if included:
            raise ModelFileError(
                f"The included model is damaged: {path} is not the file that came with Inglenook. Install Inglenook "
                "again, or open another model."
            )
        return None

    def _sha256(self, path: Path, cancel: CancelToken) -> str:
        """The file's checksum, worked out once and remembered while the file does not change."""
        try:
            if (known := self._verified.sha256(path)) is not None:
                return known
        except StorageError as error:
            _log.warning("the checksum of %s is worked out anew: %s", path, error)
        computed = sha256_of(path, cancel)
        try:
            self._verified.remember(path, computed)
        except StorageError as error:
            _log.warning("the checksum of %s is not remembered: %s", path, error)
        return computed


def check_model_file(path: Path) -> int:
    """The size in bytes of a file that may be a GGUF model; raises ModelFileError with the reason when it cannot be."""
    try:
        if not path.is_file():
            kind = "is a folder" if path.is_dir() else "does not exist"
            raise ModelFileError(f"The model file {path} {kind}. Choose a GGUF file.")
        with path.open("rb") as file:
            magic = file.read(4)
        size = path.stat().st_size
    except OSError as error:
        raise ModelFileError(f"The model file {path} cannot be read: {error.strerror}.", str(error)) from error
    if not magic:
        raise ModelFileError(f"The model file {path} is empty. Download it again.")
    if magic != b"GGUF":
        raise ModelFileError(f"{path} is not a GGUF model file. Choose a file that ends in .gguf.")
    return size


def sha256_of(path: Path, cancel: CancelToken) -> str:
    """The SHA-256 of a file in lower-case hexadecimal. Raises ModelFileError, CancelledError."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_READ_BYTES):
                cancel.raise_if_cancelled()
                digest.update(block)
    except OSError as error:
        raise ModelFileError(f"The model file {path} cannot be read: {error.strerror}.", str(error)) from error
    return digest.hexdigest()
